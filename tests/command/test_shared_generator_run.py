"""`score --shared-generator` from end to end."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from playground import Playground, Run

from seq2exp_tracks.checkpoints import read_config, save_checkpoint
from seq2exp_tracks.model import HARD, Seq2Exp

NAMES = ("A08", "A09", "A10", "A11", "A12")
GENES = [word for name in NAMES for word in ("--gene", name)]
Score = Callable[..., list[str]]


@pytest.fixture
def score(playground: Playground) -> Score:
    """The words of a command that scores a few genes in shared passes, two of them compared."""

    def words(*options: str | Path, checkpoint: Path | None = None) -> list[str]:
        inputs = list(playground.inputs)
        if checkpoint is not None:
            inputs[inputs.index("--checkpoint") + 1] = str(checkpoint)
        chosen = ["--shared-generator", "--calibration-genes", "2", "--workers", "1", *map(str, options)]
        return ["score", *inputs, *GENES, *chosen]

    return words


@pytest.fixture(scope="module")
def loud(playground: Playground, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint whose bases hear of each other, as those of an untrained one hardly do."""
    model = Seq2Exp.initialised(read_config(playground.checkpoint), seed=0)
    for layer in model.generator.layers:
        layer.projections.output.weight.data.mul_(50)
    model.mask_output.weight.data.mul_(50)
    checkpoint = tmp_path_factory.mktemp("loud") / "loud.safetensors"
    save_checkpoint(model, checkpoint)
    return checkpoint


def files_of(folder: Path) -> dict[str, bytes]:
    paths = [path for path in folder.rglob("*") if path.is_file() and path.name != "manifest.json"]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


@pytest.mark.slow
def test_a_run_tells_how_far_it_is_from_exact_windows(
    run: Run, score: Score, loud: Path, tmp_path: Path
) -> None:
    runs = {}
    for workers in ("1", "2"):
        out = tmp_path / workers
        done = run(*score("--tolerance", "1", "--workers", workers, "--out", out, checkpoint=loud))
        assert done.returncode == 0, done.stderr
        assert "5 window(s) in " in done.stderr
        runs[workers] = files_of(out)
    assert runs["1"] == runs["2"]

    manifest = json.loads((tmp_path / "1" / "manifest.json").read_text())
    record = manifest["settings"]["shared_generator"]
    assert record["tolerance"] == 1
    assert 1 <= record["passes"] < 5
    assert len(record["genes"]) == 2
    assert 0 < record["learned"] < 1
    assert 0 < record["applied"] < 1
    by_distance = record["learned_by_distance"]
    assert [row["from"] for row in by_distance] == [0, 1000, 3000]  # windows of 20 kb
    assert record["learned"] == max(row["largest"] for row in by_distance)
    (note,) = [note for note in manifest["notes"] if "share passes of the generator" in note]
    assert f"up to {record['learned']:.2g} in learned mask" in note

    exact = tmp_path / "exact"
    words = [word for word in score("--out", exact, checkpoint=loud) if word != "--shared-generator"]
    assert run(*words).returncode == 0
    assert json.loads((exact / "manifest.json").read_text())["settings"]["shared_generator"] is None
    assert files_of(exact)["mask.bw"] != runs["1"]["mask.bw"]


def test_a_difference_above_the_tolerance_ends_the_run_in_one_line_before_anything_is_written(
    inside: Run, score: Score, loud: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    done = inside(*score("--tolerance", "1e-9", "--out", out, checkpoint=loud))
    assert done.returncode == 1
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert line.startswith(f"Error: {loud}: windows share passes of the generator: 2 genes differ")
    assert line.endswith("above --tolerance 1e-09; leave out --shared-generator")
    assert not out.exists() or not list(out.iterdir())


def test_a_hard_model_cannot_share_its_generator(inside: Run, score: Score, tmp_path: Path) -> None:
    sizes = {"window": 4000, "d_model": 8, "generator_layers": 1, "encoder_layers": 1}
    checkpoint = tmp_path / "hard.safetensors"
    save_checkpoint(Seq2Exp.initialised(replace(HARD, **sizes), seed=0), checkpoint)
    done = inside(*score("--out", tmp_path / "run", checkpoint=checkpoint))
    assert done.returncode == 1
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert line.startswith(f"Error: {checkpoint}: windows cannot share the generator of this model: ")
    assert "learned positions" in line


def test_windows_that_do_not_overlap_are_exact(playground: Playground, inside: Run, tmp_path: Path) -> None:
    out = tmp_path / "run"
    done = inside("score", *playground.inputs, "--gene", "A10", "--shared-generator", "--out", out)
    assert done.returncode == 0, done.stderr
    assert "1 window(s) in 1 pass(es)" in done.stderr
    assert json.loads((out / "manifest.json").read_text())["settings"]["shared_generator"]["genes"] == []
    name = "genes/SIMG00010.mask.bw"
    assert (out / name).read_bytes() == (playground.demo.run / name).read_bytes()
