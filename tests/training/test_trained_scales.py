"""What a training tells of its signals: their values in the windows of the genes that train."""

import json
from pathlib import Path

import numpy as np
import pytest

from seq2exp_tracks.checkpoints import read_scales
from seq2exp_tracks.features import FEATURES, GeneFeatures
from seq2exp_tracks.inputs import InputReader
from seq2exp_tracks.io.bigwig import BigWig
from seq2exp_tracks.io.fasta import Fasta
from seq2exp_tracks.io.feature_columns import PROMOTER_ACTIVITY
from seq2exp_tracks.io.genes import read_genes
from seq2exp_tracks.progress import Silent
from seq2exp_tracks.resources.registry import GenomeEntry
from seq2exp_tracks.scales import Distribution
from seq2exp_tracks.signals import BigWigSignal, NoSignal, SignalSet
from seq2exp_tracks.simulation.genome import SimulatedGenome, simulate
from seq2exp_tracks.training.request import TrainRequest
from seq2exp_tracks.training.run import train_model
from seq2exp_tracks.training.trained_scales import scales_of
from seq2exp_tracks.windows import Window

WINDOW = 4_000


@pytest.fixture(scope="module")
def genome(tmp_path_factory: pytest.TempPathFactory) -> SimulatedGenome:
    return simulate(tmp_path_factory.mktemp("genome"), seed=3, cell_types=("A",))


def test_they_are_those_of_the_windows_of_its_genes(genome: SimulatedGenome) -> None:
    fasta = Fasta(genome.fasta)
    signals = SignalSet(
        [NoSignal("HiC"), BigWigSignal("DNase", BigWig(genome.dnase, fasta.sizes))], ("DNase", "HiC")
    )
    features = GeneFeatures.from_table(genome.features)
    reader = InputReader(fasta, signals, features, None, WINDOW)
    genes = read_genes(genome.genes, fasta.sizes).genes[:7]
    windows = [Window.around(gene, WINDOW, fasta.sizes[gene.chrom]) for gene in genes]
    values = np.concatenate([signals.read(window)[:, 0] for window in windows])
    activity = [
        row[FEATURES.index(PROMOTER_ACTIVITY)]
        for row, filled in map(features.of, genes)
        if PROMOTER_ACTIVITY not in filled
    ]
    assert scales_of(reader, tuple(reversed(genes))) == {
        "DNase": Distribution.of(values),
        "HiC": Distribution(1.0, ()),
        PROMOTER_ACTIVITY: Distribution.of(np.array(activity, np.float32)),
    }
    unknown = InputReader(fasta, signals, GeneFeatures.unknown(), None, WINDOW)
    assert scales_of(unknown, genes).keys() == {"DNase", "HiC"}


def test_a_training_writes_them_into_its_checkpoint_and_its_summary(
    genome: SimulatedGenome, tmp_path: Path
) -> None:
    request = TrainRequest(
        genome=GenomeEntry("sim", genome.fasta, genome.genes, genome.blacklist, genome.features),
        signals={"H3K27ac": genome.h3k27ac, "DNase": genome.dnase},
        contacts=genome.contacts,
        labels=(genome.labels,),
        label_column="expression",
        split="position",
        gap=0,
        window=WINDOW,
        d_model=4,
        layers=1,
        steps=1,
        size="small",
        device="cpu",
        out=tmp_path / "trained",
    )
    train_model(request, Silent())
    found = read_scales(tmp_path / "trained" / "best.safetensors")
    assert found is not None
    assert found.keys() == {"H3K27ac", "DNase", "HiC", PROMOTER_ACTIVITY}
    summary = json.loads((tmp_path / "trained" / "training.json").read_text())
    assert {name: Distribution.from_json(values) for name, values in summary["scales"].items()} == found
