"""The report: every table with the numbers that follow from the outcomes by hand."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest
from outcomes_by_hand import TWO_SEEDS, caduceus, soft

from seq2exp_tracks.comparison.record import NAMES, write_comparison
from seq2exp_tracks.comparison.tables import report


def tables(text: str) -> list[list[list[str]]]:
    """The cells of every table of a report."""
    found: list[list[list[str]]] = []
    for block in text.split("\n\n"):
        if block.startswith("|"):
            lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines()]
            found.append([lines[0], *lines[2:]])
    return found


def test_every_table_of_two_methods_over_two_seeds() -> None:
    text = report(TWO_SEEDS, "soft")
    assert tables(text) == [
        [
            ["method", "MSE", "MAE", "Pearson's r", "mask"],
            ["soft", "0.5000 ± 0.3536", "0.2500 ± 0.1768", "0.6250 ± 0.1768", "12.50 ± 0.00 %"],
            ["caduceus", "0.5000 ± 0.0000", "0.2500 ± 0.0000", "1.0000 (1 of 2)", "no mask"],
        ],
        [
            ["scored by", "pairs, distal", "pairs, all", "bases, distal", "bases, all"],
            ["soft mask", *["0.5000 ± 0.3536"] * 4],
            ["DNase", *["0.2500 ± 0.0000"] * 4],
            ["MACS3", *["0.5000 ± 0.0000"] * 4],
            ["random order", *["0.2000 ± 0.0000"] * 4],
        ],
        [
            ["scored by", "precision", "recall"],
            ["soft mask", "0.7500 ± 0.0000", "0.5000 ± 0.0000"],
            ["DNase", "0.2500 ± 0.0000", "-"],
        ],
        [
            ["scored by", "precision", "recall"],
            ["soft mask", "1.0000 ± 0.0000", "0.2500 ± 0.0000"],
            ["MACS3", "0.5000 ± 0.0000", "0.2500 ± 0.0000"],
        ],
        [
            ["method", "Δ MSE", "better", "Δ MAE", "better", "Δ Pearson's r", "better"],
            ["caduceus", *("+0.0000 ± 0.3536", "1 of 2", "+0.0000 ± 0.1768", "1 of 2", "+0.2500", "1 of 1")],
        ],
        [
            ["scored by", "Δ AUPRC", "better"],
            ["DNase", "-0.2500 ± 0.3536", "0 of 2"],
            ["MACS3", "+0.0000 ± 0.3536", "1 of 2"],
        ],
        [
            ["method", "parameters", "seconds", "GB"],
            ["soft", "4,000", "15.0 ± 7.1", "2.0 ± 0.0"],
            ["caduceus", "3,000", "4.0 (1 of 2)", "-"],
        ],
    ]
    assert "2 seeds (1, 2)." in text
    assert "(2 of 10 distal ones regulate on average)" in text
    assert "as many as the called elements of the soft mask (10.00 ± 0.00 % of them)" in text
    assert "as many as MACS3 (5.00 ± 0.00 % of them)" in text


def test_differences_are_from_the_reference_that_is_asked_for() -> None:
    found = tables(report(TWO_SEEDS, "caduceus"))
    assert found[4][1] == [
        *("soft", "+0.0000 ± 0.3536", "1 of 2", "+0.0000 ± 0.1768", "1 of 2", "-0.2500", "0 of 1")
    ]
    assert found[5][1] == ["DNase", "-0.2500 ± 0.3536", "0 of 2"]  # it has no mask: against the first


def test_one_seed_has_no_spread_and_one_method_no_differences() -> None:
    text = report([soft(1, 0.25, 0.5, 0.75)], "soft")
    assert "1 seed (1). One seed: how much the numbers move with another is not known." in text
    assert tables(text)[0][1] == ["soft", "0.2500", "0.1250", "0.5000", "12.50 %"]
    assert "Differences" not in text


def test_without_a_mask_elements_are_not_measured() -> None:
    text = report([caduceus(2, 0.5, 0.5)], "caduceus")
    assert "### Regulatory elements\n\nNot measured: no truth was given, or no method learns a mask." in text


def test_where_nothing_regulates_only_the_share_that_is_called_is_told() -> None:
    one = soft(1, 0.25, 0.5, 0.75)
    areas = [replace(area, positive=0, auprc=None, auroc=None) for area in one.areas]
    coverage = [replace(each, precision=None, recall=None) for each in one.coverage]
    text = report([replace(one, areas=tuple(areas), coverage=tuple(coverage)), caduceus(1, 0.5, 0.5)], "soft")
    assert tables(text)[1] == [
        ["scored by", "pairs, distal", "pairs, all", "bases, distal", "bases, all"],
        *([name, *["-"] * 4] for name in ("soft mask", "DNase", "MACS3")),
        ["random order", *["0.0000"] * 4],
    ]
    assert "the soft mask (10.00 % of them): none regulates, so that precision and recall are not" in text
    assert "AUPRC of distal pairs, against" not in text


def test_the_files_hold_every_seed(tmp_path: Path) -> None:
    text = write_comparison(tmp_path, TWO_SEEDS, "soft", {"seeds": [1, 2]})
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(NAMES)
    assert (tmp_path / "comparison.md").read_text() == text
    assert (tmp_path / "comparison.png").read_bytes().startswith(b"\x89PNG")
    with (tmp_path / "expression.tsv").open() as file:
        rows = list(csv.reader(file, delimiter="\t"))
    assert rows[0] == [
        *("data", "seed", "method", "genes", "mse", "mae", "pearson", "mask_read", "parameters"),
        *("seconds", "peak_bytes"),
    ]
    assert rows[1] == ["sim", "1", "soft", "7", "0.25", "0.125", "0.5", "0.125", "4000", "10", "2000000000"]
    assert rows[3] == ["sim", "1", "caduceus", "7", "0.5", "0.25", ".", ".", "3000", ".", "."]
    with (tmp_path / "elements.tsv").open() as file:
        areas = list(csv.DictReader(file, delimiter="\t"))
    assert len(areas) == 2 * 13
    assert areas[0] == {
        "data": "sim",
        "seed": "1",
        "method": "soft",
        "scored_by": "soft mask",
        "over": "pairs",
        "places": "distal",
        "items": "10",
        "positive": "2",
        "auprc": "0.75",
        "auroc": "0.5",
    }
    assert len((tmp_path / "coverage.tsv").read_text().splitlines()) == 1 + 2 * 5
    record = json.loads((tmp_path / "comparison.json").read_text())
    assert record["protocol"] == {"seeds": [1, 2]}
    assert [one["expression"]["mse"] for one in record["outcomes"]] == pytest.approx([0.25, 0.75, 0.5, 0.5])
