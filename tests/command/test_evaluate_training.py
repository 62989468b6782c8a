"""`seq2exp-tracks evaluate` of what `train` wrote: a checkpoint, or the folder, also of a baseline."""

import csv
import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from playground import Playground
from seq2exp_tracks_cli.main import main

from seq2exp_tracks.io.checksum import sha256_of
from seq2exp_tracks.run_reader import Run

SMALL = [
    *("--split", "position", "--window", "3000", "--promoter", "400", "--d-model", "4", "--layers", "1"),
    *("--batch-size", "4", "--steps", "2", "--device", "cpu"),
]
EXPRESSION = ["evaluation.json", "export.json", "expression.png", "expression.tsv", "genes.tsv"]

Command = Callable[..., Result]


@pytest.fixture(scope="module")
def command(playground: Playground) -> Command:
    environment = {"SEQ2EXP_TRACKS_CONFIG": str(playground.config)}
    return lambda *arguments: CliRunner().invoke(main, [str(each) for each in arguments], env=environment)


@pytest.fixture(scope="module")
def trained(
    playground: Playground, command: Command, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """A training of Seq2Exp and one of a baseline, on a copy of the signals."""
    folder, genome = tmp_path_factory.mktemp("trainings"), playground.genome
    dnase = folder / "DNase.bw"
    shutil.copyfile(genome.dnase, dnase)
    found = {}
    for setting in ("soft", "caduceus"):
        found[setting] = folder / setting
        done = command(
            *("train", "--genome", "sim", "--labels", genome.labels, "--label-column", "expression"),
            *("--signal", f"H3K27ac={genome.h3k27ac}", "--signal", f"DNase={dnase}"),
            *("--contacts", genome.contacts, "--setting", setting, *SMALL, "--out", found[setting]),
        )
        assert done.exit_code == 0, done.output
    return found


def rows(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        return list(csv.DictReader(file, delimiter="\t"))


def refusal(command: Command, *arguments: str | Path) -> str:
    done = command("evaluate", *arguments)
    assert (done.exit_code, done.stdout) == (1, ""), done.output
    return str(done.stderr.splitlines()[-1])


@pytest.mark.parametrize("setting", ["soft", "caduceus"])
def test_a_training_is_measured_on_the_genes_that_did_not_train(
    command: Command, trained: dict[str, Path], tmp_path: Path, setting: str
) -> None:
    folder, out = trained[setting], tmp_path / "out"
    done = command("evaluate", folder, "--out", out)
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in out.iterdir()) == EXPRESSION
    record = json.loads((out / "evaluation.json").read_text())
    predictions = rows(folder / "predictions.tsv")
    unseen = [row for row in predictions if row["split"] != "train"]
    assert record["run"] == {
        "folder": str(folder),
        "genome": None,
        "genes": len(unseen),
        "setting": setting,
        "window": 3000,
        "checkpoint_sha256": sha256_of(folder / "best.safetensors"),
    }
    assert (record["mask"], record["elements"], record["evidence"]) == (None, None, None)
    measured = json.loads((folder / "training.json").read_text())["measured"]
    groups = {group["name"]: group for group in record["expression"] if group["by"] == "split"}
    assert sorted(groups) == ["test", "valid"]
    for part, group in groups.items():
        assert group["genes"] == sum(row["split"] == part for row in predictions)
        for name in ("mse", "mae", "pearson"):
            estimate = group["measures"][name]
            assert estimate["value"] == pytest.approx(measured[part][name], rel=1e-3, abs=1e-5)
            assert estimate["low"] <= estimate["high"]
    genes = {row["gene_id"]: row for row in rows(out / "genes.tsv")}
    assert {gene: row["split"] for gene, row in genes.items()} == {
        row["gene_id"]: row["split"] for row in unseen
    }
    assert f"{len(predictions) - len(unseen)} of {len(predictions)} genes trained and have no" in done.stderr
    learned = "a model of --setting caduceus learns none"
    scored = f"evaluate {folder / 'best.safetensors'} scores the genes and measures it"
    assert f"no mask is measured: {scored if setting == 'soft' else learned}" in done.stderr
    assert "mask: mean" not in done.stdout


def test_what_needs_a_mask_is_noted_and_other_labels_and_parts_are_taken(
    command: Command, playground: Playground, trained: dict[str, Path], tmp_path: Path
) -> None:
    predictions = rows(trained["caduceus"] / "predictions.tsv")
    labels = tmp_path / "labels.tsv"
    labels.write_text(
        "gene_id\ttpm\tsplit\n" + "".join(f"{row['gene_id']}\t99\tmine\n" for row in predictions)
    )
    done = command(
        *("evaluate", trained["caduceus"], "--truth", playground.genome.truth, "--evidence", "2"),
        *("--labels", labels, "--label-column", "tpm", "--linear-labels", "--split", labels),
        *("--out", tmp_path / "out"),
    )
    assert done.exit_code == 0, done.output
    assert "Note: --truth, --evidence: not measured, as a training holds no mask" in done.stderr
    assert {(row["split"], float(row["measured"])) for row in rows(tmp_path / "out" / "genes.tsv")} == {
        ("mine", 2.0)
    }


@pytest.mark.slow
def test_a_checkpoint_is_scored_with_the_inputs_of_its_training_and_evaluated(
    command: Command, playground: Playground, trained: dict[str, Path], tmp_path: Path
) -> None:
    folder, out = trained["soft"], tmp_path / "out"
    checkpoint, truth = folder / "best.safetensors", playground.genome.truth
    done = command("evaluate", checkpoint, "--truth", truth, "--device", "cpu", "--out", out)
    assert done.exit_code == 0, done.output
    predictions = {row["gene_id"]: row for row in rows(folder / "predictions.tsv")}
    run = Run.open(out / "run")
    assert set(run.genes) == set(predictions)
    for gene, scored in run.genes.items():
        if predictions[gene]["predicted"]:
            assert scored.expression == pytest.approx(float(predictions[gene]["predicted"]), abs=1e-4)
    record = json.loads((out / "evaluation.json").read_text())
    assert record["run"]["checkpoint_sha256"] == sha256_of(checkpoint)
    assert record["elements"]["methods"]["mask"].endswith("(the gene's own window)")
    assert math.isfinite(record["mask"]["mean"])
    parts = {group["name"]: group["genes"] for group in record["expression"] if group["by"] == "split"}
    assert parts == {
        part: sum(row["split"] == part for row in predictions.values()) for part in ("train", "valid", "test")
    }

    assert "holds a measured run already" in refusal(command, checkpoint, "--out", out)
    manifest = (out / "run" / "manifest.json").stat().st_mtime_ns
    (out / "elements.png").unlink()
    again = command("evaluate", checkpoint, "--overwrite", "--out", out)
    assert again.exit_code == 0, again.output
    assert "scored before with this checkpoint; its scores are used again" in again.stderr
    assert (out / "run" / "manifest.json").stat().st_mtime_ns == manifest
    assert not (out / "elements.tsv").exists()  # of the evaluation before, which knew the truth


@pytest.mark.slow
def test_a_run_of_other_weights_is_scored_again(
    command: Command, trained: dict[str, Path], tmp_path: Path
) -> None:
    checkpoint, out = trained["soft"] / "best.safetensors", tmp_path / "out"
    assert command("evaluate", checkpoint, "--out", out).exit_code == 0
    manifest = out / "run" / "manifest.json"
    content = json.loads(manifest.read_text())
    content["model"]["sha256"] = "0" * 64
    manifest.write_text(json.dumps(content))
    done = command("evaluate", checkpoint, "--overwrite", "--out", out)
    assert done.exit_code == 0, done.output
    assert "scored before with other weights; is scored again" in done.stderr
    assert json.loads(manifest.read_text())["model"]["sha256"] == sha256_of(checkpoint)


def test_what_cannot_be_scored_is_told_in_one_line(
    command: Command, trained: dict[str, Path], tmp_path: Path
) -> None:
    out = ("--out", tmp_path / "out")
    alone = tmp_path / "alone.safetensors"
    shutil.copyfile(trained["soft"] / "best.safetensors", alone)
    assert "no recipe.json of a training beside it" in refusal(command, alone, *out)
    assert f"--setting caduceus has no mask to score; evaluate {trained['caduceus']}" in refusal(
        command, trained["caduceus"] / "best.safetensors", *out
    )
    half = tmp_path / "half"
    shutil.copytree(trained["soft"], half)
    (half / "training.json").unlink()
    for what in (half, half / "best.safetensors"):
        assert f"{half}: " in refusal(command, what, *out)
        assert "not whole; go on with it by train --resume" in refusal(command, what, *out)
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "notes.txt").write_text("mine")
    assert "holds notes.txt, which no evaluation wrote" in refusal(
        command, trained["soft"] / "best.safetensors", "--overwrite", "--out", foreign
    )
    assert not (tmp_path / "out").exists()


def test_inputs_that_are_gone_or_changed_are_named(
    command: Command, trained: dict[str, Path], tmp_path: Path
) -> None:
    checkpoint, out = trained["soft"] / "best.safetensors", ("--out", tmp_path / "out")
    dnase, aside = trained["soft"].parent / "DNase.bw", tmp_path / "aside.bw"
    shutil.move(dnase, aside)
    try:
        assert f"{dnase}: the training's signal:DNase is not there any more" in refusal(
            command, checkpoint, *out
        )
        dnase.write_bytes(aside.read_bytes()[:-1])
        assert f"{dnase}: the training's signal:DNase has changed since" in refusal(command, checkpoint, *out)
    finally:
        shutil.move(aside, dnase)
    assert not (tmp_path / "out").exists()
