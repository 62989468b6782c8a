"""`seq2exp-tracks diff` as a user types it."""

import json
from pathlib import Path

from playground import Playground, Run


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
    assert [line.split()[0] for line in lines[5:]] == [entry["path"] for entry in record["files"]]
    assert "genes are in run A alone" in done.stderr
    assert "\x1b" not in done.stdout + done.stderr


def test_a_folder_without_a_run_and_a_taken_folder_are_one_line(
    inside: Run, playground: Playground, tmp_path: Path
) -> None:
    missing = inside("diff", playground.demo.run, tmp_path / "none", "--out", tmp_path / "out")
    assert (missing.returncode, missing.stderr.count("\n")) == (1, 1)
    assert "not a run folder (no manifest.json)" in missing.stderr
    taken = inside("diff", playground.demo.run, playground.demo.run, "--out", playground.demo.run)
    assert (taken.returncode, taken.stderr.count("\n")) == (1, 1)
    assert "choose another folder" in taken.stderr
