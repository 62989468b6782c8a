"""Parts of a run, as jobs of an array compute them, and their merging: the same bytes as by one process."""

import json
import os
import shutil
import sys
from pathlib import Path

import pytest
from few_genes import OPTIONS, content
from playground import Playground, Run

from seq2exp_tracks.io.lock_file import held


@pytest.fixture(scope="module")
def parts(playground: Playground, inside: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose two parts are computed, and nothing merged. Its shards have a gene each."""
    out = tmp_path_factory.mktemp("parts") / "run"
    for part in ("2/2", "1/2"):
        words = ["score", *playground.inputs, *OPTIONS, "--shard", part, "--out", str(out)]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", ["seq2exp-tracks", *words])  # the plan tells the command
            done = inside(*words)
        assert done.returncode == 0, done.stderr
        assert f"part {part} is done: " in done.stdout
        assert done.stdout.endswith(f"make the tracks with: seq2exp-tracks merge {out}\n")
    return out


@pytest.fixture
def run(parts: Path, tmp_path: Path) -> Path:
    shutil.copytree(parts, tmp_path / "run")
    return tmp_path / "run"


def test_merged_parts_are_what_one_process_writes(
    run: Path, playground: Playground, inside: Run, tmp_path: Path
) -> None:
    assert [path.name for path in run.iterdir()] == [".shards"]
    assert inside("status", run).returncode == 4
    done = inside("merge", run)
    assert done.returncode == 0, done.stderr
    assert "scoring on the CPU" not in done.stderr  # nothing is computed
    assert not (run / ".shards").exists()
    assert inside("status", run).returncode == 0

    whole = tmp_path / "whole"
    assert inside("score", *playground.inputs, *OPTIONS, "--out", whole).returncode == 0
    assert content(run) == content(whole)
    manifests = [json.loads((folder / "manifest.json").read_text()) for folder in (run, whole)]
    for manifest in manifests:
        del manifest["created"], manifest["command"]
    assert manifests[0] == manifests[1]
    assert inside("merge", whole).returncode == 1  # it has no shards any more


def test_shards_that_are_missing_are_named_by_part_and_command_or_computed(
    run: Path, parts: Path, inside: Run
) -> None:
    (run / ".shards" / "000000.json").unlink()
    shard = run / ".shards" / "000001.parquet"
    shard.write_bytes(shard.read_bytes()[:-1])
    done = inside("merge", run)
    assert done.returncode == 1
    line = done.stderr.splitlines()[-1]
    assert line.startswith(
        f"Error: {run}: 2 of 3 shards (2 genes) are missing, of part 1/2, 2/2: compute them"
    )
    assert line.endswith(f" --shard 1/2 --out {parts}` and so on, or here with --compute-missing")
    assert [path.name for path in run.iterdir()] == [".shards"]

    done = inside("merge", run, "--compute-missing", "--workers", "1")
    assert done.returncode == 0, done.stderr
    assert "goes on: 1 of 3 shards (1 genes) are done" in done.stderr


def test_how_windows_are_merged_may_be_chosen_anew_as_long_as_shards_are_kept(run: Path, inside: Run) -> None:
    assert inside("merge", run, "--keep-shards").returncode == 0
    assert inside("status", run).returncode == 0
    assert (
        inside("merge", run, "--threshold", "0.9").returncode == 1
    )  # a finished run is not replaced unasked
    done = inside("merge", run, "--threshold", "0.9", "--resolution", "10", "--overwrite")
    assert done.returncode == 0, done.stderr
    manifest = json.loads((run / "manifest.json").read_text())
    assert manifest["settings"]["elements"] == {
        "top_share": None,
        "threshold": 0.9,
        "gap": 100,
        "min_length": 50,
    }
    assert manifest["settings"]["resolution"] == 10
    assert (run / ".shards").exists()  # kept as before
    done = inside("merge", run, "--top-share", "0.2", "--overwrite", "--no-keep-shards")
    assert done.returncode == 0, done.stderr
    assert not (run / ".shards").exists()


def test_a_part_that_is_done_is_not_computed_again_and_a_finished_run_not_replaced(
    run: Path, playground: Playground, inside: Run
) -> None:
    score = ["score", *playground.inputs, *OPTIONS, "--out", run]
    before = {path: path.stat().st_mtime_ns for path in (run / ".shards").glob("0*")}
    plan = (run / ".shards" / "plan.json").read_bytes()
    done = inside(*score, "--shard", "1/2", "--merge", "mean")
    assert done.returncode == 0, done.stderr
    assert {path: path.stat().st_mtime_ns for path in (run / ".shards").glob("0*")} == before
    assert (run / ".shards" / "plan.json").read_bytes() == plan  # the first part's
    assert "merge not as the run was begun, which decides" in done.stderr

    assert inside("merge", run).returncode == 0
    done = inside(*score, "--shard", "1/2")
    assert done.returncode == 1
    assert "holds a run already" in done.stderr


def test_who_comes_while_others_compute(run: Path, playground: Playground, inside: Run) -> None:
    score = ["score", *playground.inputs, *OPTIONS, "--out", run]
    lock, own = run / ".shards" / "lock", run / ".shards" / "part-1-of-2.lock"
    with held(lock, "", shared=True), held(own, ""):
        told = {
            "the same part": inside(*score, "--shard", "1/2"),
            "another division": inside(*score, "--shard", "1/3"),
            "other inputs": inside(*score, "--shard", "2/2", "--window", "4200"),
            "the whole run": inside(*score),
            "merging": inside("merge", run),
            "another part": inside(*score, "--shard", "2/2"),
        }
    errors = {who: done.stderr.splitlines()[-1] for who, done in told.items() if done.returncode == 1}
    by = f" by process {os.getpid()} on "
    assert errors.keys() == told.keys() - {"another part"}
    assert f"Error: {run}: part 1/2 is being computed{by}" in errors["the same part"]
    assert f"Error: {run}: part 1/2, of another division, is being computed{by}" in errors["another division"]
    assert f"Error: {run}: a run made otherwise is being written to it" in errors["other inputs"]
    assert f"Error: {run}: another run is being written to it" in errors["the whole run"]
    assert f"Error: {run}: its shards are still being computed by part 1/2" in errors["merging"]

    with held(lock, ""):
        done = inside(*score, "--shard", "2/2")
    assert done.returncode == 1
    assert f"another run is being written to it{by}" in done.stderr


def test_a_part_that_only_looks_at_those_of_another_division_does_not_sign_their_locks(
    run: Path, playground: Playground, inside: Run
) -> None:
    said = '{"process": 1, "host": "another machine", "since": "2030-01-01T00:00:00+00:00"}'
    before = {f"part-{number}-of-2.lock": said for number in (1, 2)}
    for name in before:
        (run / ".shards" / name).write_text(said)
    assert inside("score", *playground.inputs, *OPTIONS, "--out", run, "--shard", "1/3").returncode == 0
    assert {name: (run / ".shards" / name).read_text() for name in before} == before


def test_merging_refuses_inputs_that_are_not_what_they_were(run: Path, inside: Run) -> None:
    plan = json.loads((run / ".shards" / "plan.json").read_text())
    plan["request"]["signals"]["DNase"] = plan["request"]["signals"]["H3K27ac"]
    (run / ".shards" / "plan.json").write_text(json.dumps(plan))
    done = inside("merge", run)
    assert done.returncode == 1
    line = done.stderr.splitlines()[-1]
    assert f"{run}: its shards were made otherwise (the file of signal:DNase: " in line
    assert [path.name for path in run.iterdir()] == [".shards"]


@pytest.mark.parametrize("part", ["0/2", "3/2", "1", "a/b", "1/0"])
def test_parts_that_there_are_not(part: str, inside: Run, tmp_path: Path) -> None:
    done = inside("score", "--genome", "sim", "--shard", part, "--out", tmp_path / "run")
    assert done.returncode == 2
    assert "--shard" in done.stderr
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_parts_that_other_kernels_computed_are_merged_only_where_that_is_allowed(
    playground: Playground, run: Path, inside: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in (run / ".shards").glob("000000.*"):
        file.unlink()
    monkeypatch.setenv("SEQ2EXP_KERNELS", "reference")
    done = inside("score", *playground.inputs, *OPTIONS, "--shard", "1/3", "--out", run)
    assert done.returncode == 0, done.stderr
    monkeypatch.delenv("SEQ2EXP_KERNELS")
    done = inside("merge", run)
    assert done.returncode == 1
    assert (
        "its shards were computed in 2 ways, whose numbers differ in the last digits (kernels " in done.stderr
    )
    assert inside("merge", run, "--allow-mixed").returncode == 0
    settings = json.loads((run / "manifest.json").read_text())["settings"]
    assert len(settings["paths"]) == 2
