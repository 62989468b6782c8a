"""What `score` says of inputs on another scale than the trained one, and of predictions that cannot be."""

import re
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch
from playground import Playground, Run

from seq2exp_tracks.checkpoints import load_checkpoint, save_checkpoint
from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import Gene
from seq2exp_tracks.inputs import InputReader
from seq2exp_tracks.io.bigwig import BigWig
from seq2exp_tracks.io.feature_columns import PROMOTER_ACTIVITY
from seq2exp_tracks.manifest import Manifest
from seq2exp_tracks.pipeline import ScoreRequest, Silent
from seq2exp_tracks.pipeline.judging import activity_of
from seq2exp_tracks.pipeline.off_scale import FEW_WINDOWS, off_scale
from seq2exp_tracks.pipeline.opening import open_inputs
from seq2exp_tracks.resources.registry import Registry
from seq2exp_tracks.scales import Distribution, ScaleMap, measure
from seq2exp_tracks.windows import Window

Opened = tuple[InputReader, list[Gene], dict[str, Distribution]]


@pytest.fixture(scope="module")
def opened(playground: Playground) -> Opened:
    """The inputs of the demo, all its genes, and the scales of a training on just these."""
    genome = playground.genome
    request = ScoreRequest(
        genome=Registry(playground.config).get("sim"),
        checkpoint=playground.checkpoint,
        signals={"H3K27ac": genome.h3k27ac, "DNase": genome.dnase},
        contacts=genome.contacts,
        out=Path("nowhere"),
    )
    inputs = open_inputs(request, Silent())
    reader, genes = inputs.reader, inputs.genes
    windows = [Window.around(gene, reader.window, reader.sizes[gene.chrom]) for gene in genes]
    named = dict(zip(reader.signals.names, reader.signals.sources, strict=True))
    scales = {name: measure(named[name].read, windows) for name in ("H3K27ac", "DNase")}
    return reader, genes, scales | {PROMOTER_ACTIVITY: activity_of(reader.features, genes)}


def trained_on(
    playground: Playground, scales: dict[str, Distribution], folder: Path, bias: float = 0
) -> Path:
    """The demo's checkpoint as if trained on some scales, and with a number added to its predictions."""
    model, path = load_checkpoint(playground.checkpoint), folder / "trained.safetensors"
    with torch.no_grad():
        model.head[-1].bias += bias
    save_checkpoint(model, path, scales)
    return path


def times(scale: Distribution, factor: float) -> Distribution:
    return scale.mapped(ScaleMap((1.0,), (factor,)))


def test_inputs_on_the_scale_of_the_training_are_not_remarked(
    playground: Playground, opened: Opened, tmp_path: Path
) -> None:
    reader, genes, scales = opened
    assert off_scale(trained_on(playground, scales, tmp_path), reader, genes) == []


def test_a_checkpoint_that_does_not_tell_its_scales_leaves_nothing_to_say(
    playground: Playground, opened: Opened, tmp_path: Path
) -> None:
    reader, genes, _ = opened
    silent = tmp_path / "silent.safetensors"
    save_checkpoint(load_checkpoint(playground.checkpoint), silent)
    assert off_scale(silent, reader, genes) == []


@pytest.mark.parametrize(("factor", "told"), [(80.0, "1/80 of"), (1 / 80, "80 times")])
def test_a_signal_that_cannot_be_on_the_trained_scale_is_told_with_the_way_out(
    playground: Playground, opened: Opened, tmp_path: Path, factor: float, told: str
) -> None:
    reader, genes, scales = opened
    other = scales | {"DNase": times(scales["DNase"], factor)}
    (note,) = off_scale(trained_on(playground, other, tmp_path), reader, genes)
    found = re.match(r"DNase is (1/)?([\d.]+) (of|times) the scale of the training: median / 90% / 99%", note)
    assert found is not None
    once, much, how = found.groups(default="")
    assert float(much) == pytest.approx(80, rel=0.05)  # of some of the windows
    assert f"{once}80 {how}" == told
    way_out = (
        "give DNase as it was trained on; or score with --match-scale factor or quantile (docs/doctor.md)"
    )
    assert note.endswith(f"; {way_out}")


def test_what_is_only_suspicious_is_left_to_doctor(
    playground: Playground, opened: Opened, tmp_path: Path
) -> None:
    reader, genes, scales = opened
    other = scales | {"DNase": times(scales["DNase"], 4)}
    assert off_scale(trained_on(playground, other, tmp_path), reader, genes) == []


def test_exchanged_signals_are_told(playground: Playground, opened: Opened, tmp_path: Path) -> None:
    reader, genes, scales = opened
    other = scales | {"DNase": scales["H3K27ac"], "H3K27ac": scales["DNase"]}
    notes = off_scale(trained_on(playground, other, tmp_path), reader, genes)
    assert notes == [
        "H3K27ac is distributed as DNase of the training, and DNase as H3K27ac: they look exchanged; give "
        "each file under its own name"
    ]


def test_promoter_activity_on_another_scale_is_told(
    playground: Playground, opened: Opened, tmp_path: Path
) -> None:
    reader, genes, scales = opened
    other = scales | {PROMOTER_ACTIVITY: times(scales[PROMOTER_ACTIVITY], 0.1)}
    (note,) = off_scale(trained_on(playground, other, tmp_path), reader, genes)
    middle = scales[PROMOTER_ACTIVITY].quantile(0.5)
    assert note.startswith(f"median {PROMOTER_ACTIVITY} is {middle:.3g}, 10 times that of the training; see ")


def test_a_look_reads_few_windows_and_refuses_nothing(
    playground: Playground, opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is damaged where no gene is scored does for a run; the other signal is still judged."""
    reader, genes, scales = opened
    path = trained_on(playground, {name: times(scales[name], 80) for name in scales}, tmp_path)
    read, reads = BigWig.read, []

    def damaged(self: BigWig, *arguments: object) -> np.ndarray:
        reads.append(self.path)
        if self.path == playground.genome.h3k27ac:
            raise InputError(f"{self.path}: damaged")
        return read(self, *arguments)

    monkeypatch.setattr(BigWig, "read", damaged)
    notes = off_scale(path, reader, genes)
    assert [note.split(" is ")[0] for note in notes] == ["DNase", f"median {PROMOTER_ACTIVITY}"]
    assert reads == [playground.genome.h3k27ac, *[playground.genome.dnase] * FEW_WINDOWS]


@pytest.mark.slow
def test_a_run_tells_both_in_its_notes_and_at_once(
    playground: Playground, opened: Opened, run: Run, tmp_path: Path
) -> None:
    scales = opened[2] | {"DNase": times(opened[2]["DNase"], 80)}
    path = trained_on(playground, scales, tmp_path, bias=100)
    inputs = [str(path) if word == str(playground.checkpoint) else word for word in playground.inputs]
    out = tmp_path / "run"
    done = run("score", *inputs, "--gene", "A10", "--gene", "A02", "--workers", "1", "--out", out)
    assert done.returncode == 0, done.stderr
    notes = Manifest.read(out).notes
    (scale,) = [note for note in notes if note.startswith("DNase is 1/")]
    (implausible,) = [note for note in notes if "above 20 in 2 of 2 genes" in note]
    told = done.stderr.splitlines()
    assert [told.count(f"Note: {note}") for note in (scale, implausible)] == [1, 1]
    assert {tuple(row["flags"][-1:]) for row in pq.read_table(out / "genes.parquet").to_pylist()} == {
        ("implausible",)
    }
