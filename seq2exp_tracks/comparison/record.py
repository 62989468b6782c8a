"""The files of a comparison: all numbers as JSON, tables of every seed, the report, the figure."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from seq2exp_tracks.comparison.figure import write_figure
from seq2exp_tracks.comparison.outcomes import Outcome
from seq2exp_tracks.comparison.tables import report
from seq2exp_tracks.io.whole_file import whole_file

NAMES = (
    "expression.tsv",
    "elements.tsv",
    "coverage.tsv",
    "comparison.png",
    "comparison.md",
    "comparison.json",
)
"""Every file, the last written one last."""

FORMAT, VERSION = "seq2exp-tracks comparison", "1.0"

_CASE = ("data", "seed", "method")
_EXPRESSION = ("genes", "mse", "mae", "pearson")
_COST = ("seconds", "peak_bytes")
_AREA = ("scored_by", "over", "places", "items", "positive", "auprc", "auroc")
_COVERAGE = ("scored_by", "places", "share_of", "share", "precision", "recall")


def write_comparison(
    out: Path, outcomes: Sequence[Outcome], reference: str, protocol: Mapping[str, Any]
) -> str:
    """Writes everything, `comparison.json` last, and returns the report.

    Args:
        out: Folder.
        outcomes: What was measured.
        reference: The method that others are compared with.
        protocol: What it was measured by.

    Raises:
        OutputError: If a file cannot be written.
    """
    _write_table(
        out / "expression.tsv",
        (*_CASE, *_EXPRESSION, "mask_read", "parameters", *_COST),
        (
            [
                *(*_cells(one, _CASE), *_cells(one.expression, _EXPRESSION)),
                *(one.mask_read, one.parameters, *_cells(one.cost, _COST)),
            ]
            for one in outcomes
        ),
    )
    _write_table(out / "elements.tsv", (*_CASE, *_AREA), _inner(outcomes, "areas", _AREA))
    _write_table(out / "coverage.tsv", (*_CASE, *_COVERAGE), _inner(outcomes, "coverage", _COVERAGE))
    write_figure(outcomes, out / "comparison.png")
    text = report(outcomes, reference)
    with whole_file(out / "comparison.md") as partial:
        partial.write_text(text, encoding="utf-8")
    content = {
        "format": FORMAT,
        "version": VERSION,
        "protocol": protocol,
        "outcomes": [asdict(one) for one in outcomes],
    }
    with whole_file(out / "comparison.json") as partial:
        partial.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return text


def _inner(outcomes: Iterable[Outcome], name: str, columns: Sequence[str]) -> Iterable[list[object]]:
    """A row for each area or coverage of every outcome."""
    return (
        [*_cells(one, _CASE), *_cells(inner, columns)] for one in outcomes for inner in getattr(one, name)
    )


def _cells(one: object, names: Sequence[str]) -> list[object]:
    return [getattr(one, name) for name in names]


def _write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with whole_file(path) as partial, partial.open("w", encoding="utf-8", newline="\n") as file:
        for row in (header, *rows):
            file.write("\t".join(map(_cell, row)) + "\n")


def _cell(value: object) -> str:
    if value is None:
        return "."
    return f"{value:.6g}" if isinstance(value, float) else str(value)
