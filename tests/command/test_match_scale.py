"""`score --match-scale`: signals on the scale of the training, told in every output."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from playground import Playground, Run

from seq2exp_tracks.checkpoints import load_checkpoint, read_scales, save_checkpoint
from seq2exp_tracks.genome import Interval
from seq2exp_tracks.io.bigwig import BigWig
from seq2exp_tracks.io.fasta import Fasta
from seq2exp_tracks.io.genes import read_genes
from seq2exp_tracks.manifest import Manifest
from seq2exp_tracks.pipeline import ScoreRequest, Silent
from seq2exp_tracks.pipeline.opening import open_inputs
from seq2exp_tracks.resources.registry import Registry
from seq2exp_tracks.scales import MAPS, Distribution, ScaleMap, measure
from seq2exp_tracks.signals import BigWigSignal, MappedSignal
from seq2exp_tracks.windows import Window


@pytest.fixture(scope="module")
def measured(playground: Playground) -> dict[str, Distribution]:
    """The signals over the windows of all genes."""
    sizes = Fasta(playground.genome.fasta).sizes
    genes = read_genes(playground.genome.genes, sizes).genes
    windows = [Window.around(gene, 20_000, sizes[gene.chrom]) for gene in genes]
    files = {"H3K27ac": playground.genome.h3k27ac, "DNase": playground.genome.dnase}
    return {
        name: measure(BigWigSignal(name, BigWig(path, sizes)).read, windows) for name, path in files.items()
    }


@pytest.fixture(scope="module")
def trained(
    playground: Playground, measured: dict[str, Distribution], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, Distribution]]:
    """The demo's checkpoint as if trained on other scales: DNase 10 times as large, H3K27ac bent."""
    scales = {
        "DNase": measured["DNase"].mapped(ScaleMap((1.0,), (10.0,))),
        "H3K27ac": measured["H3K27ac"].mapped(ScaleMap((1.0, 50.0), (0.5, 80.0))),
    }
    path = tmp_path_factory.mktemp("trained") / "trained.safetensors"
    save_checkpoint(load_checkpoint(playground.checkpoint), path, scales)
    return path, scales


def request_of(playground: Playground, checkpoint: Path, **options: object) -> ScoreRequest:
    genome = playground.genome
    request = ScoreRequest(
        genome=Registry(playground.config).get("sim"),
        checkpoint=checkpoint,
        signals={"H3K27ac": genome.h3k27ac, "DNase": genome.dnase},
        contacts=genome.contacts,
        out=Path("nowhere"),
    )
    return replace(request, **options)


@pytest.mark.parametrize("method", ["factor", "quantile"])
def test_a_gene_is_read_through_the_map_of_all_genes(
    playground: Playground,
    trained: tuple[Path, dict[str, Distribution]],
    measured: dict[str, Distribution],
    method: str,
) -> None:
    """Whichever genes are scored: the map is that of the annotation."""
    path, scales = trained
    plain = open_inputs(request_of(playground, path, names=("A10",)), Silent())
    opened = open_inputs(request_of(playground, path, names=("A10",), match_scale=method), Silent())
    (gene,) = opened.genes
    given, read = plain.reader.read(gene).signals, opened.reader.read(gene).signals
    for channel, name in enumerate(("H3K27ac", "DNase")):
        scale = MAPS[method](measured[name], scales[name])
        np.testing.assert_array_equal(read[:, channel], scale(given[:, channel]))
    np.testing.assert_array_equal(read[:, 2], given[:, 2])  # contacts stay as they are
    assert not (read[:, :2] == given[:, :2]).all()
    assert [found.name for found in opened.matched] == ["H3K27ac", "DNase"]
    assert [note.split(" by ")[0] for note in opened.notes if "matched" in note] == [
        "H3K27ac: matched to the scale of the training",
        "DNase: matched to the scale of the training",
    ]


def test_decoded_inputs_are_read_through_the_map_too(
    playground: Playground, trained: tuple[Path, dict[str, Distribution]], tmp_path: Path
) -> None:
    opened = open_inputs(request_of(playground, trained[0], match_scale="quantile"), Silent())
    genes = [gene for gene in opened.genes if gene.chrom == "chrB"]
    decoded = opened.reader.over(opened.reader.decode(genes, tmp_path / "decoded"))
    for gene in genes:
        np.testing.assert_array_equal(decoded.read(gene).signals, opened.reader.read(gene).signals)


def test_a_mapped_signal_keeps_its_name(playground: Playground) -> None:
    fasta = Fasta(playground.genome.fasta)
    signal = BigWigSignal("DNase", BigWig(playground.genome.dnase, fasta.sizes))
    mapped = MappedSignal(signal, ScaleMap((1.0,), (2.0,)))
    window = Window(read_genes(playground.genome.genes, fasta.sizes).genes[0], Interval("chrA", 0, 99), 0, 0)
    assert mapped.name == "DNase"
    np.testing.assert_array_equal(mapped.read(window), 2 * signal.read(window))


def test_a_checkpoint_that_does_not_tell_its_scales_is_refused_in_one_line(
    playground: Playground, inside: Run, tmp_path: Path
) -> None:
    silent = tmp_path / "silent.safetensors"
    save_checkpoint(load_checkpoint(playground.checkpoint), silent)
    inputs = [str(silent) if word == str(playground.checkpoint) else word for word in playground.inputs]
    done = inside("score", *inputs, "--match-scale", "factor", "--out", tmp_path / "run")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        f"Error: --match-scale factor: {silent} does not tell the distribution of H3K27ac, "
        "DNase that it was trained on, as only checkpoints of `train` do; leave the option out"
    )
    assert not (tmp_path / "run").exists()


def test_the_demo_is_on_the_scale_of_its_checkpoint_and_can_be_matched_to_it(
    playground: Playground, inside: Run, measured: dict[str, Distribution]
) -> None:
    done = inside("doctor", *playground.inputs, "--device", "cpu", "--match-scale", "factor")
    assert done.returncode == 0, done.stdout
    told = " ".join(done.stdout.split())
    for name in ("H3K27ac", "DNase"):
        assert f"ok {name} is on the scale of the training" in told
        assert f"note {name}: matched to the scale of the training by factor" in told
    assert f"ok {playground.genome.features}: PromoterActivity is on the scale of the training" in told
    opened = open_inputs(request_of(playground, playground.checkpoint, match_scale="factor"), Silent())
    trained = read_scales(playground.checkpoint)
    assert trained is not None
    assert {found.name: found.scale for found in opened.matched} == {
        name: MAPS["factor"](found, trained[name]) for name, found in measured.items()
    }


@pytest.mark.slow
def test_the_manifest_has_the_maps_and_their_effect(
    playground: Playground, trained: tuple[Path, dict[str, Distribution]], run: Run, tmp_path: Path
) -> None:
    path, scales = trained
    inputs = [str(path) if word == str(playground.checkpoint) else word for word in playground.inputs]
    done = run(
        *("score", *inputs, "--gene", "A10", "--match-scale", "quantile", "--workers", "1"),
        *("--out", tmp_path / "run"),
    )
    assert done.returncode == 0, done.stderr
    manifest = Manifest.read(tmp_path / "run")
    record = manifest.settings["match_scale"]
    assert isinstance(record, dict)
    assert record["method"] == "quantile"
    assert list(record["signals"]) == ["H3K27ac", "DNase"]
    for name, told in record["signals"].items():
        before, after = (Distribution.from_json(told[key]) for key in ("before", "after"))
        assert ScaleMap.from_json(told["map"]) == MAPS["quantile"](before, scales[name])
        assert after.quantiles == pytest.approx(scales[name].quantiles, rel=0.05)
    assert sum("matched to the scale of the training by quantile" in note for note in manifest.notes) == 2
    assert "matched to the scale of the training" in done.stderr
