"""Tables of regulatory elements: areas, and precision and recall at equal coverage."""

from collections.abc import Iterable, Iterator, Sequence
from statistics import fmean

from seq2exp_tracks.comparison.markdown import table
from seq2exp_tracks.comparison.outcomes import Coverage, Outcome, mask_name
from seq2exp_tracks.comparison.summary import NOT_DEFINED, Spread, first_seen
from seq2exp_tracks.comparison.values import areas_by_seed, coverage_by_seed
from seq2exp_tracks.evaluation.element_scores import ALL, DISTAL

_AREAS = (
    ("pairs, distal", "pairs", DISTAL),
    ("pairs, all", "pairs", ALL),
    ("bases, distal", "bases", DISTAL),
    ("bases, all", "bases", ALL),
)
_CHANCE = "random order"


def area_table(outcomes: Sequence[Outcome]) -> str | None:
    """AUPRC of every way of scoring; None where no mask was compared with a truth."""
    columns = [areas_by_seed(outcomes, over, places) for _, over, places in _AREAS]
    names = first_seen(name for column in columns for name in column)
    if not names:
        return None
    chance = [areas_by_seed(outcomes, over, places, "chance") for _, over, places in _AREAS]
    rows = [[name, *(_told(column.get(name, {}).values()) for column in columns)] for name in names]
    # What is ranked does not depend on what ranks: any of them tells the chance.
    rows.append([_CHANCE, *(_told(next(iter(column.values()), {}).values()) for column in chance)])
    caption = (
        "AUPRC for genes of the test part alone, on which no mask was trained or chosen. "
        f"Pairs are elements and genes ({_counted(outcomes)}); distal leaves out promoters. Masks are the "
        "learned ones, before promoters are set to 1. *Random order* is the share that regulates. AUPRC of "
        "pairs and of bases, and of different truths, cannot be compared."
    )
    return f"{caption}\n\n{table(['scored by', *(title for title, _, _ in _AREAS)], rows)}"


def coverage_tables(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Precision and recall over distal bases, when all call as many: one table for each who sets how many."""
    masks = {mask_name(one.method) for one in outcomes}
    for share_of in first_seen(one.share_of for each in outcomes for one in each.coverage):
        found = coverage_by_seed(outcomes, share_of, DISTAL)
        if share_of in masks:  # beside it, not the other masks: each was evaluated by itself
            found = {name: one for name, one in found.items() if name == share_of or name not in masks}
        if not found:
            continue
        rows = [
            [name, *(_measured(by_seed.values(), what) for what in ("precision", "recall"))]
            for name, by_seed in found.items()
        ]
        shares = Spread.over(100 * one.share for one in next(iter(found.values())).values())
        whose = f"the called elements of the {share_of}" if share_of in masks else f"{share_of}"
        caption = f"Distal bases, each calling as many as {whose} ({shares.told('.2f')} % of them)"
        if all(cell == NOT_DEFINED for _, *cells in rows for cell in cells):
            yield f"{caption}: none regulates, so that precision and recall are not defined."
        else:
            yield f"{caption}.\n\n{table(['scored by', 'precision', 'recall'], rows)}"


def _counted(outcomes: Sequence[Outcome]) -> str:
    """How many pairs there are and how many regulate, as a mean over seeds."""
    one_a_seed = {
        one.seed: (area.positive, area.items)
        for one in outcomes
        for area in one.areas
        if (area.over, area.places) == ("pairs", DISTAL)
    }
    positive, items = (fmean(pair[which] for pair in one_a_seed.values()) for which in (0, 1))
    of_seeds = " on average" if len(one_a_seed) > 1 else ""
    return f"{positive:,.0f} of {items:,.0f} distal ones regulate{of_seeds}"


def _measured(coverage: Iterable[Coverage], what: str) -> str:
    return _told(getattr(one, what) for one in coverage)


def _told(values: Iterable[float | None]) -> str:
    return Spread.over(values).told()
