"""`seq2exp-tracks diff` as a user types it."""

import json
from dataclasses import asdict
from pathlib import Path

from playground import Playground, Run

from seq2exp_tracks.exports.run_differences import run_differences
from seq2exp_tracks.manifest import Manifest


def test_two_runs_are_compared_and_told_in_a_few_lines(
    inside: Run, playground: Playground, tmp_path: Path
) -> None:
    other = tmp_path / "without"
    asked = [*playground.inputs[:-2], "--no-contacts", "--gene", "A05", "--gene", "A06", "--out", other]
    assert inside("score", *asked).returncode == 0
    out = tmp_path / "out"
    done = inside("diff", playground.demo.run, other, "--out", out)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    record = json.loads((out / "difference.json").read_text())
    assert lines[0] == f"{out}: in both runs: bases with a score {record['bases']:,}, genes 2"
    assert lines[1] == (
        f"masks: mean absolute difference {record['mean_absolute_difference']:.4f}, "
        f"Pearson correlation {record['pearson']:.4f}"
    )
    rows = [row.split("\t") for row in (out / "genes.difference.tsv").read_text().splitlines()[1:]]
    rows.sort(key=lambda row: -abs(float(row[7])))
    assert [line.split()[:2] for line in lines[3:5]] == [[row[1], f"{float(row[7]):+.4f}"] for row in rows]
    assert [line.split()[0] for line in lines[5:-2]] == [entry["path"] for entry in record["files"]]
    assert lines[-2:] == [
        "Look at both runs and their difference in the browser:",
        f"  seq2exp-tracks view {playground.demo.run} {other}",
    ]
    assert "genes are in run A alone" in done.stderr
    ours, theirs = (Manifest.read(folder) for folder in (playground.demo.run, other))
    told = [str(one) for one in run_differences(ours, theirs)]
    assert [line.partition(":")[0] for line in told] == [
        f"the runs differ in {what}"
        for what in ("the name of the genome", "the contacts", "the measured expression")
    ]
    notes = [line for line in done.stderr.splitlines() if "the runs differ in" in line]
    assert notes == [f"Note: {line}" for line in told]
    assert record["notes"][:3] == told
    assert record["differences"] == [asdict(one) for one in run_differences(ours, theirs)]
    assert "\x1b" not in done.stdout + done.stderr


def test_a_run_is_told_to_be_made_as_itself(inside: Run, playground: Playground, tmp_path: Path) -> None:
    done = inside("diff", playground.demo.run, playground.demo.run, "--out", tmp_path / "out")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0] == (
        "made alike: the same weights, inputs and settings, as far as both manifests tell"
    )


def test_a_folder_without_a_run_and_a_taken_folder_are_one_line(
    inside: Run, playground: Playground, tmp_path: Path
) -> None:
    missing = inside("diff", playground.demo.run, tmp_path / "none", "--out", tmp_path / "out")
    assert (missing.returncode, missing.stderr.count("\n")) == (1, 1)
    assert "not a run folder (no manifest.json)" in missing.stderr
    taken = inside("diff", playground.demo.run, playground.demo.run, "--out", playground.demo.run)
    assert (taken.returncode, taken.stderr.count("\n")) == (1, 1)
    assert "choose another folder" in taken.stderr
