"""What is decoded once a chromosome is what is read window by window."""

from pathlib import Path

import pytest
import torch

from seq2exp_tracks.features import GeneFeatures, read_labels
from seq2exp_tracks.inputs import InputReader
from seq2exp_tracks.io.bed import IntervalSet
from seq2exp_tracks.io.bigwig import BigWig
from seq2exp_tracks.io.contacts import Contacts
from seq2exp_tracks.io.fasta import Fasta
from seq2exp_tracks.io.genes import read_genes
from seq2exp_tracks.model import SIGNALS
from seq2exp_tracks.progress import Silent
from seq2exp_tracks.signals import CONTACT_SIGNAL, BigWigSignal, ContactSignal, SignalSet
from seq2exp_tracks.simulation.genome import simulate
from seq2exp_tracks.training import gene_examples
from seq2exp_tracks.training.fixed_masks import RegionMask
from seq2exp_tracks.training.gene_examples import ExampleReader


def test_many_windows_are_read_as_few_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    genome = simulate(tmp_path / "genome")
    fasta = Fasta(genome.fasta)
    sources = [
        BigWigSignal("H3K27ac", BigWig(genome.h3k27ac, fasta.sizes)),
        BigWigSignal("DNase", BigWig(genome.dnase, fasta.sizes)),
        ContactSignal(CONTACT_SIGNAL, Contacts(genome.contacts, fasta.sizes)),
    ]
    blacklist = IntervalSet.from_bed(genome.blacklist, fasta.sizes)
    features = GeneFeatures.from_table(genome.features)
    inputs = InputReader(fasta, SignalSet(sources, SIGNALS), features, blacklist, window=9000)
    genes = read_genes(genome.genes, fasta.sizes).genes[::-3]  # of both chromosomes, against their order
    table = read_labels(genome.labels, "expression")
    labels = {gene.id: value for gene in genes if (value := table.of(gene)) is not None}
    reader = ExampleReader(inputs, labels, RegionMask(IntervalSet.from_bed(genome.truth, fasta.sizes)))
    few = reader.prepare(genes, tmp_path / "few", Silent())
    assert not (tmp_path / "few").exists()
    monkeypatch.setattr(gene_examples, "IN_MEMORY", 0)
    many = reader.prepare(genes, tmp_path / "many", Silent())
    assert len(few) == len(many) == len(genes)
    for number, gene in enumerate(genes):
        assert all(torch.equal(a, b) for a, b in zip(few[number], many[number], strict=True))
        assert few[number].label.item() == pytest.approx(labels[gene.id])
