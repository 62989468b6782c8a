"""An evaluation as files: evaluation.json for programs, tables for people, all from the same numbers."""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Protocol

from seq2exp_tracks.evaluation.base_scores import Coverage
from seq2exp_tracks.evaluation.element_scores import Ranked
from seq2exp_tracks.evaluation.expression import MEASURES, Estimate
from seq2exp_tracks.evaluation.expression_groups import Group
from seq2exp_tracks.evaluation.found import ElementEvaluation, Evaluation
from seq2exp_tracks.io.writing import writing
from seq2exp_tracks.manifest import Json

RECORD = "evaluation.json"
FORMAT = "seq2exp-tracks evaluation"
VERSION = "1.1"

_Row = Sequence[object]


class Folder(Protocol):
    """Where the files go."""

    def path(self, name: str, description: str) -> Path:
        """Where to write a file, given its name."""


def write_record(evaluation: Evaluation, folder: Folder) -> None:
    """Writes evaluation.json and the tables.

    Raises:
        OutputError: If a file cannot be written.
    """
    path = folder.path(RECORD, "All numbers, and what they were computed from")
    text = json.dumps(as_json(evaluation), indent=2, ensure_ascii=False, allow_nan=False)
    with writing(path):
        path.write_text(text + "\n", encoding="utf-8")
    if evaluation.expression:
        _write_expression(evaluation, folder)
    if evaluation.elements:
        _write_elements(evaluation.elements, folder)
    if evaluation.evidence:
        _write_evidence(evaluation, folder)


def as_json(evaluation: Evaluation) -> dict[str, Json]:
    """The whole evaluation; what is not defined is null."""
    request = asdict(evaluation.request)
    return {
        "format": FORMAT,
        "version": VERSION,
        "run": {name: _plain(value) for name, value in asdict(evaluation.subject).items()},
        "request": {name: _plain(value) for name, value in request.items()},
        "mask": None if evaluation.mask is None else _plain(asdict(evaluation.mask)),
        "expression": [_group(group) for group in evaluation.expression],
        "elements": None if evaluation.elements is None else _elements(evaluation.elements),
        "evidence": None if evaluation.evidence is None else _evidence(evaluation),
        "notes": list(evaluation.notes),
    }


def _group(group: Group) -> dict[str, Json]:
    measures: dict[str, Json] = {name: _estimate(one) for name, one in group.measures.items()}
    return {"by": group.by, "name": group.name, "genes": group.genes, "measures": measures}


def _elements(elements: ElementEvaluation) -> dict[str, Json]:
    truth = elements.truth
    return {
        "truth": {
            "rows": truth.rows,
            "pairs": len(truth.pairs),
            "regulating_pairs": sum(pair.regulates for pair in truth.pairs),
            "genes": len({pair.gene.id for pair in truth.pairs}),
            "untested_bases_count": truth.complete,
        },
        "methods": dict(elements.methods),
        "macs3_command": elements.peak_command,
        "pairs": [_ranked(one) for one in elements.elements],
        "bases": [_ranked(one) for one in elements.bases],
        "every_nth_base": elements.step,
        "called_elements": {
            places: {"precision": _plain(precision), "recall": _plain(recall)}
            for places, (precision, recall) in elements.calls.items()
        },
        "equal_coverage": [
            {
                "method": one.method,
                "places": one.places,
                "coverage_of": one.set_by,
                "share": _plain(one.share),
                "precision": _estimate(one.precision),
                "recall": _estimate(one.recall),
            }
            for one in elements.coverage
        ],
    }


def _ranked(one: Ranked) -> dict[str, Json]:
    return {
        "method": one.method,
        "places": one.places,
        "items": one.items,
        "positive": one.positive,
        "auprc": _estimate(one.auprc),
        "auroc": _estimate(one.auroc),
    }


def _evidence(evaluation: Evaluation) -> dict[str, Json]:
    """How large the changes are; the tables have each."""
    assert evaluation.evidence is not None
    hidden = [one.change for one in evaluation.evidence.elements]
    cut = [one.change for one in evaluation.evidence.windows]
    return {
        "elements": len(hidden),
        "mean_absolute_change": _plain(_mean(abs(change) for change in hidden)),
        "largest_absolute_change": _plain(max(abs(change) for change in hidden)),
        "genes": len(cut),
        "mean_absolute_change_cut": _plain(_mean(abs(change) for change in cut)),
        "largest_absolute_change_cut": _plain(max(abs(change) for change in cut)),
    }


def _write_expression(evaluation: Evaluation, folder: Folder) -> None:
    path = folder.path("expression.tsv", "Measures of expression, all genes, by chromosome and by split")
    header = ["by", "name", "genes", *_with_intervals(MEASURES)]
    unknown = Estimate(math.nan, math.nan, math.nan)
    rows = [
        [group.by, group.name, group.genes]
        + [cell for name in MEASURES for cell in _cells(group.measures.get(name, unknown))]
        for group in evaluation.expression
    ]
    _write_table(path, header, rows)
    path = folder.path("genes.tsv", "Predicted and measured expression of each gene with a label")
    _write_table(
        path,
        ["gene_id", "gene_name", "chrom", "split", "predicted", "measured"],
        [
            [one.gene.id, one.gene.name, one.gene.chrom, one.part or ".", one.predicted, one.measured]
            for one in evaluation.genes
        ],
    )


def _write_elements(elements: ElementEvaluation, folder: Folder) -> None:
    for name, what, ranked in (
        ("elements.tsv", "pairs of element and gene", elements.elements),
        ("bases.tsv", "bases", elements.bases),
    ):
        header = ["method", "places", "items", "positive", *_with_intervals(("auprc", "auroc"))]
        rows = [
            [one.method, one.places, one.items, one.positive, *_cells(one.auprc), *_cells(one.auroc)]
            for one in ranked
        ]
        _write_table(folder.path(name, f"AUPRC and AUROC of every method over {what}"), header, rows)
    path = folder.path("coverage.tsv", "Precision and recall of methods that call as many bases")
    header = ["method", "places", "coverage_of", "share", *_with_intervals(("precision", "recall"))]
    _write_table(path, header, [_coverage_row(one) for one in elements.coverage])


def _coverage_row(one: Coverage) -> _Row:
    return [one.method, one.places, one.set_by, one.share, *_cells(one.precision), *_cells(one.recall)]


def _write_evidence(evaluation: Evaluation, folder: Folder) -> None:
    assert evaluation.evidence is not None
    path = folder.path("evidence.elements.tsv", "Predicted expression with the mask of one element at 0")
    columns = ["chrom", "start", "end", "gene_id", "gene_name", "mask", "expression", "hidden", "change"]
    rows: list[_Row] = [
        [
            *(one.element.chrom, one.element.start, one.element.end, one.gene.id, one.gene.name),
            *(one.mask, one.expression, one.hidden, one.change),
        ]
        for one in evaluation.evidence.elements
    ]
    _write_table(path, columns, rows)
    path = folder.path("evidence.windows.tsv", "Predicted expression with the window cut to 2.5 kb")
    rows = [
        [one.gene.id, one.gene.name, one.expression, one.cut, one.change]
        for one in evaluation.evidence.windows
    ]
    _write_table(path, ["gene_id", "gene_name", "expression", "cut", "change"], rows)


def _write_table(path: Path, header: Sequence[str], rows: Iterable[_Row]) -> None:
    with writing(path), path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("\t".join(header) + "\n")
        file.writelines("\t".join(_cell(value) for value in row) + "\n" for row in rows)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.6g}" if math.isfinite(value) else "."
    return str(value)


def _cells(estimate: Estimate) -> tuple[float, float, float]:
    return estimate.value, estimate.low, estimate.high


def _with_intervals(names: Iterable[str]) -> list[str]:
    return [column for name in names for column in (name, f"{name}_low", f"{name}_high")]


def _estimate(estimate: Estimate) -> dict[str, Json]:
    return {"value": _plain(estimate.value), "low": _plain(estimate.low), "high": _plain(estimate.high)}


def _plain(value: object) -> Json:
    """A value as JSON has it: paths as text, what is no number as null."""
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return sum(listed) / len(listed)
