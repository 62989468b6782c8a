"""Parts that a GPU computed, where there is none: never thrown away, and mixed if that is asked for."""

import json
from importlib.metadata import version
from pathlib import Path

import pytest
from few_genes import GENES, OPTIONS
from playground import Playground, Run

from seq2exp_tracks.pipeline import job
from seq2exp_tracks.pipeline.hardware import Hardware
from seq2exp_tracks.scoring.devices import TRITON


def versions_with_triton(package: str) -> str:
    return "3.7.1" if package == "triton" else version(package)


def receipts(run: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((run / ".shards").glob("0*.json"))}


@pytest.fixture
def from_a_gpu(
    playground: Playground, inside: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Path, list[str | Path]]:
    """A run whose first part Triton's kernels computed, and the command of `score`; this machine lacks them.

    The CPU stands in for the GPU.
    """
    out = tmp_path / "from a gpu"
    score: list[str | Path] = ["score", *playground.inputs, *OPTIONS, "--out", out]
    with monkeypatch.context() as gpu:
        gpu.setattr(Hardware, "kernels", lambda self, config: TRITON)
        gpu.setattr(job, "version", versions_with_triton)
        done = inside(*score, "--shard", "1/2")
    assert done.returncode == 0, done.stderr
    (computed,) = {json.dumps(json.loads(one)["path"]) for one in receipts(out).values()}
    assert (json.loads(computed)["kernels"], json.loads(computed)["triton"]) == ("Triton", "3.7.1")
    return out, score


@pytest.mark.parametrize("command", ["merge --compute-missing", "score"])
def test_what_a_gpu_computed_is_never_thrown_away_by_a_machine_without_one(
    inside: Run, from_a_gpu: tuple[Path, list[str | Path]], command: str
) -> None:
    out, score = from_a_gpu
    words = score if command == "score" else ["merge", out, "--compute-missing", "--workers", "1"]
    before = receipts(out)
    assert 0 < len(before) < len(GENES)
    done = inside(*words)
    assert done.returncode == 1
    line = done.stderr.splitlines()[-1]
    assert line.startswith(f"Error: {out}: holds shards that were computed with devices cpu, kernels Triton")
    assert ", triton 3.7.1, and here it would be devices cpu, kernels " in line
    assert line.endswith(": mix them with --allow-mixed, or compute them again with --overwrite")
    assert receipts(out) == before

    done = inside(*words, "--allow-mixed", "--keep-shards")
    assert done.returncode == 0, done.stderr
    assert f"goes on: {len(before)} of 3 shards ({len(before)} genes) are done" in done.stderr
    assert receipts(out).items() > before.items()
    manifest = json.loads((out / "manifest.json").read_text())
    assert [path.get("triton") for path in manifest["settings"]["paths"]] == ["3.7.1", None]


def test_what_gpus_computed_is_merged_where_there_is_none_and_the_manifest_tells_their_triton(
    inside: Run, from_a_gpu: tuple[Path, list[str | Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    out, score = from_a_gpu
    with monkeypatch.context() as gpu:
        gpu.setattr(Hardware, "kernels", lambda self, config: TRITON)
        gpu.setattr(job, "version", versions_with_triton)
        assert inside(*score, "--shard", "2/2").returncode == 0
    done = inside("merge", out)
    assert done.returncode == 0, done.stderr
    manifest = json.loads((out / "manifest.json").read_text())
    assert (manifest["settings"]["kernels"], manifest["versions"]["triton"]) == ("Triton", "3.7.1")


def test_a_part_without_triton_beside_one_with_it_is_told_and_not_mixed(
    inside: Run, from_a_gpu: tuple[Path, list[str | Path]]
) -> None:
    out, score = from_a_gpu
    assert inside(*score, "--shard", "2/2").returncode == 0
    done = inside("merge", out)
    assert done.returncode == 1
    assert "computed in 2 ways, whose numbers differ in the last digits (kernels " in done.stderr
    assert ", triton none and 3.7.1" in done.stderr
