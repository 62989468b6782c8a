"""Who wins what, as docs/claim.md defines it: `python benchmarks/claim.py COMPARED`.

Reads the tables that `seq2exp-tracks compare` left in COMPARED and prints, for each simulated setting, in
which measures Seq2Exp-soft wins, loses or ties against each of the others.
"""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import mean, stdev

import click

LEAST = 4  # of the five seeds; of another number, the same share

OURS, OUR_MASK = "soft", "soft mask"
ERRORS = ("mse", "mae")  # the lower the better


@click.command()
@click.argument("compared", type=click.Path(exists=True, file_okay=False, path_type=Path))
def main(compared: Path) -> None:
    """Prints a table for each setting in the folder COMPARED."""
    measures = dict(_expression(compared)) | dict(_elements(compared)) | dict(_coverage(compared))
    for data in dict.fromkeys(name for name, _ in measures):
        print(
            f"\n## {data}\n\n| measure | against | soft | other | better in | |\n|---|---|---:|---:|---:|---|"
        )
        for (of_data, measure), values in measures.items():
            if of_data == data:
                _print_rows(measure, values)


def _print_rows(measure: str, values: Mapping[str, Mapping[int, float]]) -> None:
    """A row for each method that the soft one is compared with."""
    ours = values.get(OURS) or values.get(OUR_MASK)
    for method, theirs in values.items():
        if ours is None or theirs is ours:
            continue
        seeds = sorted(ours.keys() & theirs.keys())
        sign = -1 if measure in ERRORS else 1
        gains = [sign * (ours[seed] - theirs[seed]) for seed in seeds]
        better = sum(gain > 0 for gain in gains)
        print(
            f"| {measure} | {method} | {_told(ours, seeds)} | {_told(theirs, seeds)} "
            f"| {better} of {len(seeds)} | {verdict(gains)} |"
        )


def verdict(gains: list[float]) -> str:
    """Win: better on average and in at least four of five seeds; loss: the mirrored case; else a tie."""
    least = LEAST / 5 * len(gains)
    if mean(gains) > 0 and sum(gain > 0 for gain in gains) >= least:
        return "**win**"
    if mean(gains) < 0 and sum(gain < 0 for gain in gains) >= least:
        return "**loss**"
    return "tie"


def _told(values: Mapping[int, float], seeds: list[int]) -> str:
    of_seeds = [values[seed] for seed in seeds]
    return f"{mean(of_seeds):.3f}" + (f" ± {stdev(of_seeds):.3f}" if len(of_seeds) > 1 else "")


Measured = tuple[tuple[str, str], dict[str, dict[int, float]]]


def _expression(compared: Path) -> Iterator[Measured]:
    """Errors and correlation of the test genes, by method."""
    rows = _rows(compared / "expression.tsv")
    for measure in ("pearson", *ERRORS):
        yield from _by_data(rows, measure, "method", measure)


def _elements(compared: Path) -> Iterator[Measured]:
    """AUPRC of distal pairs and bases, by what scored them."""
    for over in ("pairs", "bases"):
        rows = [
            row
            for row in _rows(compared / "elements.tsv")
            if (row["over"], row["places"]) == (over, "distal") and _is_ours(row)
        ]
        yield from _by_data(rows, f"AUPRC, distal {over}", "scored_by", "auprc")


def _coverage(compared: Path) -> Iterator[Measured]:
    """Precision and recall of distal bases where all call as many as MACS3."""
    for measure in ("precision", "recall"):
        rows = [
            row
            for row in _rows(compared / "coverage.tsv")
            if (row["share_of"], row["places"]) == ("MACS3", "distal") and _is_ours(row)
        ]
        yield from _by_data(rows, f"{measure} at MACS3's coverage", "scored_by", measure)


def _is_ours(row: Mapping[str, str]) -> bool:
    """Whether a row is of the soft model's own run or another model's mask; means of masks, no maxima."""
    is_mask = row["scored_by"].endswith(" mask")
    return is_mask or (row["method"] == OURS and not row["scored_by"].startswith(OUR_MASK))


def _by_data(rows: list[dict[str, str]], measure: str, name: str, column: str) -> Iterator[Measured]:
    for data in dict.fromkeys(row["data"] for row in rows):
        values: dict[str, dict[int, float]] = {}
        for row in rows:
            if row["data"] == data and row[column] != ".":
                values.setdefault(row[name], {})[int(row["seed"])] = float(row[column])
        yield (data, measure), values


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


if __name__ == "__main__":
    main()
