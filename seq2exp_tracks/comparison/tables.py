"""comparison.md: the paper's tables for the user's own data, with what each number is and is not."""

from collections.abc import Iterable, Sequence
from statistics import fmean
from typing import Literal

from seq2exp_tracks.comparison.element_tables import area_table, coverage_tables
from seq2exp_tracks.comparison.markdown import table
from seq2exp_tracks.comparison.outcomes import Outcome, mask_name
from seq2exp_tracks.comparison.summary import Paired, Spread, first_seen
from seq2exp_tracks.comparison.values import BySeed, areas_by_seed, expression_by_seed

_MEASURES: tuple[tuple[str, Literal["mse", "mae", "pearson"]], ...] = (
    ("MSE", "mse"),
    ("MAE", "mae"),
    ("Pearson's r", "pearson"),
)


def report(outcomes: Sequence[Outcome], reference: str) -> str:
    """All tables as Markdown.

    Args:
        outcomes: What was measured; at least one.
        reference: The method that others are compared with seed by seed.
    """
    parts = ["# Comparison", _what_it_is(outcomes)]
    for data in first_seen(one.data for one in outcomes):
        ours = [one for one in outcomes if one.data == data]
        parts += [f"## {data}", *_of_data(ours, reference)]
    return "\n\n".join(parts) + "\n"


def _what_it_is(outcomes: Sequence[Outcome]) -> str:
    seeds = sorted({one.seed for one in outcomes})
    count = f"{len(seeds)} seed{'' if len(seeds) == 1 else 's'} ({', '.join(map(str, seeds))})"
    spread = (
        "Numbers are means ± standard deviation over seeds (n - 1)."
        if len(seeds) > 1
        else "One seed: how much the numbers move with another is not known."
    )
    return (
        f"{count}. {spread} No difference is tested for significance: seeds are few. "
        "docs/comparison.md says what is compared and how."
    )


def _of_data(outcomes: Sequence[Outcome], reference: str) -> Iterable[str]:
    yield "### Expression"
    yield _expression(outcomes)
    yield "### Regulatory elements"
    yield area_table(outcomes) or "Not measured: no truth was given, or no method learns a mask."
    yield from coverage_tables(outcomes)
    if len({one.method for one in outcomes}) > 1:
        yield f"### Differences from {reference}, seed by seed"
        yield _paired(outcomes, reference)
    yield "### Cost"
    yield _cost(outcomes)


def _expression(outcomes: Sequence[Outcome]) -> str:
    genes = [one.expression.genes for one in outcomes]
    count = f"{genes[0]:,}" if len(set(genes)) == 1 else f"{min(genes):,} to {max(genes):,}"
    columns = [expression_by_seed(outcomes, name) for _, name in _MEASURES]
    rows = []
    for method in columns[0]:
        read = [one.mask_read for one in outcomes if one.method == method]
        cells = [Spread.over(column[method].values()).told() for column in columns]
        share = "no mask" if read == [None] * len(read) else _percent(read)
        rows.append([method, *cells, share])
    caption = (
        f"log10(1 + expression) of {count} genes of the test part, by the checkpoint of the lowest "
        "validation error. *Mask* is the mean of the mask that the predictor read over the windows of these "
        "genes: of a learned one with promoters, which are always 1. Methods without a mask read all."
    )
    return f"{caption}\n\n{table(['method', *(title for title, _ in _MEASURES), 'mask'], rows)}"


def _paired(outcomes: Sequence[Outcome], reference: str) -> str:
    found = [expression_by_seed(outcomes, name) for _, name in _MEASURES]
    rows = []
    for method in found[0]:
        if method != reference:
            cells = (
                Paired.of(column[method], column.get(reference, {}), lower_is_better=name != "pearson").told()
                for column, (_, name) in zip(found, _MEASURES, strict=True)
            )
            rows.append([method, *(cell for pair in cells for cell in pair)])
    header = ["method", *(cell for title, _ in _MEASURES for cell in (f"Δ {title}", "better"))]
    text = (
        f"Method minus {reference} on the same seed, and in how many seeds it is better.\n\n"
        f"{table(header, rows)}"
    )
    areas = areas_by_seed(outcomes, "pairs", "distal")
    against = _reference_mask(areas, reference)
    if against is None or not Spread.over(areas[against].values()).seeds:
        return text
    rows = [
        [name, *Paired.of(by_seed, areas[against]).told()]
        for name, by_seed in areas.items()
        if name != against
    ]
    caption = f"The same for the AUPRC of distal pairs, against the {against}."
    return f"{text}\n\n{caption}\n\n{table(['scored by', 'Δ AUPRC', 'better'], rows)}"


def _reference_mask(areas: dict[str, BySeed], reference: str) -> str | None:
    """The mask of the reference; of the first method that has one where the reference has none."""
    if mask_name(reference) in areas:
        return mask_name(reference)
    return next(iter(areas), None)


def _cost(outcomes: Sequence[Outcome]) -> str:
    rows = []
    for method in first_seen(one.method for one in outcomes):
        ours = [one for one in outcomes if one.method == method]
        seconds = Spread.over(one.cost.seconds for one in ours).told(",.1f")
        memory = Spread.over(
            None if one.cost.peak_bytes is None else one.cost.peak_bytes / 1e9 for one in ours
        ).told(".1f")
        rows.append([method, f"{round(fmean(one.parameters for one in ours)):,}", seconds, memory])
    caption = (
        "Wall time of a training, with reading its inputs and predicting, and the most memory of the process "
        "meanwhile, of which some may be left from the training before. The time of one that was broken off "
        "is not known. All depend on the machine and on what else ran on it."
    )
    return f"{caption}\n\n{table(['method', 'parameters', 'seconds', 'GB'], rows)}"


def _percent(shares: Iterable[float | None]) -> str:
    return Spread.over(None if share is None else 100 * share for share in shares).told(".2f") + " %"
