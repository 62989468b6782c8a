"""Runs that ended early go on with what still fits, and name what does not."""

import json
import re
import shutil
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from interrupted import begun, children_of, wait_until
from playground import Playground, Run
from process_table import still_running
from safetensors import safe_open
from safetensors.numpy import save_file

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.pipeline import job
from seq2exp_tracks.progress import Progress
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.scoring.lost import GenesUnreadableError
from seq2exp_tracks.shards.plan import Shard

GENES = ("--gene", "A10", "--gene", "A11", "--gene", "A12")


def content(run: Path) -> dict[str, bytes]:
    """Every file of a run but its manifest, which tells the time, and its shards."""
    files = [path for path in run.rglob("*") if path.is_file() and path.name != "manifest.json"]
    return {str(path.relative_to(run)): path.read_bytes() for path in files if ".shards" not in path.parts}


@pytest.fixture(scope="module")
def whole(playground: Playground, inside: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of three genes that kept its shards."""
    out = tmp_path_factory.mktemp("runs") / "whole"
    done = inside("score", *playground.inputs, *GENES, "--workers", "1", "--keep-shards", "--out", out)
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture
def out(whole: Path, tmp_path: Path) -> Path:
    """The same run as if it had ended before it was merged."""
    shutil.copytree(whole / ".shards", tmp_path / "out" / ".shards")
    return tmp_path / "out"


def other_weights(playground: Playground, folder: Path) -> Path:
    """A checkpoint with one weight that differs."""
    with safe_open(playground.checkpoint, "numpy") as file:
        weights = {name: file.get_tensor(name).copy() for name in file.keys()}  # noqa: SIM118 # no mapping
        metadata = file.metadata()
    next(iter(weights.values())).flat[0] += 1
    save_file(weights, folder / "other.safetensors", metadata)
    return folder / "other.safetensors"


def test_the_same_command_goes_on_and_merges_to_the_same_files(
    playground: Playground, inside: Run, whole: Path, out: Path
) -> None:
    done = inside("score", *playground.inputs, *GENES, "--workers", "1", "--out", out)
    assert done.returncode == 0, done.stderr
    assert "goes on: 3 of 3 shards (3 genes) are done" in done.stderr
    assert content(out) == content(whole)
    assert not (out / ".shards").exists()
    assert len(json.loads((out / "manifest.json").read_text())["settings"]["paths"]) == 1


def test_damaged_shards_and_receipts_are_told_and_computed_again(
    playground: Playground, inside: Run, whole: Path, out: Path
) -> None:
    shards = out / ".shards"
    scores = bytearray((shards / "000000.parquet").read_bytes())
    scores[len(scores) // 2] ^= 1
    (shards / "000000.parquet").write_bytes(scores)
    receipt = (shards / "000001.json").read_bytes()
    (shards / "000001.json").write_bytes(receipt[: len(receipt) // 2])
    done = inside("score", *playground.inputs, *GENES, "--workers", "1", "--out", out)
    assert done.returncode == 0, done.stderr
    assert "2 shard(s) are damaged and computed again: 000000, 000001" in done.stderr
    assert "goes on: 1 of 3 shards (1 genes) are done" in done.stderr
    assert content(out) == content(whole)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (("--window", "4000"), r"window: \d+, now 4000"),
        (("--clip-negative",), r"clip_negative: false, now true"),
        (("--gene", "A13"), r"genes: 3, now 4"),
        (("--signal", "DNase"), r"the file of signal:DNase: [0-9a-f]{12}, now [0-9a-f]{12}"),
        (("--checkpoint",), r"the file of checkpoint: [0-9a-f]{12}, now [0-9a-f]{12}"),
    ],
    ids=["window", "setting", "genes", "signal", "weights"],
)
def test_what_was_changed_is_named_and_nothing_is_touched(
    playground: Playground, inside: Run, out: Path, tmp_path: Path, changed: tuple[str, ...], told: str
) -> None:
    inputs = list(playground.inputs)
    if changed == ("--signal", "DNase"):
        inputs[inputs.index(f"DNase={playground.genome.dnase}")] = f"DNase={playground.genome.h3k27ac}"
    elif changed == ("--checkpoint",):
        inputs[inputs.index("--checkpoint") + 1] = str(other_weights(playground, tmp_path))
    else:
        inputs += changed
    before = {path.name: path.read_bytes() for path in (out / ".shards").iterdir() if path.name != "lock"}
    done = inside("score", *inputs, *GENES, "--workers", "1", "--out", out)
    assert done.returncode == 1
    line = done.stderr.splitlines()[-1]
    assert line.startswith(f"Error: {out}: holds an unfinished run made otherwise (")
    assert line.endswith("; keep what still fits with --resume, or begin anew with --overwrite")
    assert re.fullmatch(told, line.partition("otherwise (")[2].partition("); keep")[0]), line
    after = {path.name: path.read_bytes() for path in (out / ".shards").iterdir() if path.name != "lock"}
    assert after == before


def test_shards_of_a_changed_checkout_are_refused_as_those_of_other_inputs(
    playground: Playground, inside: Run, whole: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "code_version", lambda: "0123456789abcdef")
    score = ["score", *playground.inputs, *GENES, "--workers", "1", "--out", out]
    refused = inside(*score)
    assert refused.returncode == 1
    made = json.loads((whole / "manifest.json").read_text())
    told = f"made otherwise (version of code: {made['versions']['code']}, now 0123456789abcdef); keep"
    assert told in refused.stderr
    resumed = inside(*score, "--resume")
    assert resumed.returncode == 0, resumed.stderr
    assert "goes on" not in resumed.stderr
    again = json.loads((out / "manifest.json").read_text())
    assert again["versions"] == made["versions"] | {"code": "0123456789abcdef"}
    assert again["run_id"] == made["run_id"]
    assert content(out) == content(whole)


def test_other_genes_are_named_also_where_there_are_as_many(
    playground: Playground, inside: Run, out: Path
) -> None:
    others = [*GENES[:-1], "A13"]
    done = inside("score", *playground.inputs, *others, "--workers", "1", "--out", out)
    assert done.returncode == 1
    assert "otherwise (genes: 3, now 3 other ones); keep" in done.stderr


def test_resume_keeps_what_still_fits_and_overwrite_begins_anew(
    playground: Playground, inside: Run, out: Path, tmp_path: Path
) -> None:
    more = ["score", *playground.inputs, *GENES, "--gene", "A13", "--workers", "1", "--out"]
    shutil.copytree(out, tmp_path / "other")
    resumed = inside(*more, out, "--resume")
    assert resumed.returncode == 0, resumed.stderr
    assert "made otherwise (genes: 3, now 4); what still fits of it is kept" in resumed.stderr
    assert "goes on: 3 of 4 shards" in resumed.stderr
    replaced = inside(*more, tmp_path / "other", "--overwrite")
    assert replaced.returncode == 0, replaced.stderr
    assert "made otherwise (genes: 3, now 4); it is replaced" in replaced.stderr
    assert "goes on" not in replaced.stderr
    assert content(out) == content(tmp_path / "other")


@pytest.mark.parametrize("plan", ["of other settings", "damaged"])
def test_a_plan_of_which_no_shard_is_done_stands_in_nobodys_way(
    playground: Playground, inside: Run, out: Path, plan: str
) -> None:
    for file in (out / ".shards").glob("0*"):
        file.unlink()
    (out / ".shards" / "000000.failed").write_text("signal.bw: damaged\n")
    if plan == "damaged":
        (out / ".shards" / "plan.json").write_text("{")
    options = ("--clip-negative", "--workers", "1", "--keep-shards")
    done = inside("score", *playground.inputs, *GENES, *options, "--out", out)
    assert done.returncode == 0, done.stderr
    assert "made otherwise" not in done.stderr
    settings = json.loads((out / ".shards" / "plan.json").read_text())["identity"]["settings"]
    assert settings["clip_negative"] is True
    assert list((out / ".shards").glob("*.failed")) == []


def test_why_all_shards_failed_is_kept_and_the_same_command_goes_on(
    playground: Playground, inside: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    score = ["score", *playground.inputs, *GENES[:2], "--workers", "1", "--out", out]

    def failing(own: job.Job, shards: Sequence[Shard], progress: Progress) -> Iterator[WindowScores]:
        raise GenesUnreadableError(shards[0].genes, InputError("signal.bw: damaged"))
        yield

    with monkeypatch.context() as patch:
        patch.setattr(job.Job, "score", failing)
        done = inside(*score)
    assert done.returncode == 1
    assert f"what is done is kept in {out}/.shards: mend the cause" in done.stderr
    assert (out / ".shards" / "000000.failed").read_text() == "signal.bw: damaged\n"
    assert "failed  shard 000000: signal.bw: damaged" in inside("status", out).stdout
    again = inside(*score)
    assert again.returncode == 0, again.stderr
    assert not (out / ".shards").exists()


def test_with_a_damaged_plan_shards_still_prove_themselves(
    playground: Playground, inside: Run, whole: Path, out: Path
) -> None:
    (out / ".shards" / "plan.json").write_text("{")
    score = ["score", *playground.inputs, *GENES, "--workers", "1", "--out", out]
    refused = inside(*score)
    assert refused.returncode == 1
    assert "plan.json: cannot be read" in refused.stderr.splitlines()[-1]
    resumed = inside(*score, "--resume")
    assert resumed.returncode == 0, resumed.stderr
    assert "goes on: 3 of 3 shards" in resumed.stderr
    assert content(out) == content(whole)


@pytest.mark.slow
def test_shards_of_other_kernels_are_mixed_only_where_that_is_asked_for_and_told(
    playground: Playground, run: Run, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEQ2EXP_KERNELS", "reference")
    (out / ".shards" / "000002.json").unlink()
    shutil.copytree(out, tmp_path / "other")
    score = ["score", *playground.inputs, *GENES, "--workers", "1", "--out"]
    refused = run(*score, out)
    assert refused.returncode == 1
    line = refused.stderr.splitlines()[-1]
    assert "holds shards that were computed with " in line
    assert line.endswith(": mix them with --allow-mixed, or compute them again with --overwrite")
    mixed = run(*score, out, "--allow-mixed")
    assert mixed.returncode == 0, mixed.stderr
    paths = json.loads((out / "manifest.json").read_text())["settings"]["paths"]
    assert len({path["kernels"] for path in paths}) == len(paths) == 2
    again = run(*score, tmp_path / "other", "--overwrite")
    assert again.returncode == 0, again.stderr
    paths = json.loads((tmp_path / "other" / "manifest.json").read_text())["settings"]["paths"]
    assert [path["kernels"] for path in paths] == ["PyTorch on cpu"]


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_stopped_says_what_is_kept_and_leaves_no_process(
    playground: Playground, tmp_path: Path, number: int
) -> None:
    out = tmp_path / "out"
    process = begun(playground, out)
    wait_until((out / ".shards" / "000000.json").exists, process)
    children = children_of(process.pid)
    process.send_signal(number)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 1
    assert stderr.splitlines()[-1] == (
        "Error: interrupted: what is done is kept, and the same command goes on with it"
    )
    assert [path.name for path in out.iterdir()] == [".shards"]
    assert not list((out / ".shards").glob(".partial*"))
    assert still_running(children, seconds=10) == []
