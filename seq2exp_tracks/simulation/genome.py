"""`simulate`: a small genome with known truth, written as the files that a run reads."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.io.writing import writing
from seq2exp_tracks.simulation.contacts import draw_contacts
from seq2exp_tracks.simulation.expression import draw_expression, effects
from seq2exp_tracks.simulation.features import draw_features
from seq2exp_tracks.simulation.layout import Layout
from seq2exp_tracks.simulation.plan import draw_plan
from seq2exp_tracks.simulation.sequence import draw_sequence
from seq2exp_tracks.simulation.signals import DNASE, H3K27AC, draw_signal
from seq2exp_tracks.simulation.writers import (
    write_bed,
    write_contacts,
    write_fasta,
    write_features,
    write_gtf,
    write_labels,
    write_signal,
    write_sites,
    write_truth,
)

# Parts that draw random numbers, each from its own stream: a new part goes to the end.
STREAMS = ("plan", "sequence", "h3k27ac", "dnase", "contacts", "expression", "features")


@dataclass(frozen=True, slots=True)
class SimulatedGenome:
    """The files of a simulated genome.

    Attributes:
        fasta: Sequence, with its index beside it; repeats in small letters, runs of N.
        h3k27ac: bigWig, fold change over control.
        dnase: bigWig, fold change over control.
        contacts: `.cool` of raw counts at 5 kb, without weights.
        genes: GTF.
        features: Table of the nine gene features.
        labels: Table of expression, log10(1 + CAGE), in the column `expression`.
        blacklist: BED of regions whose signal is an artefact.
        truth: BED of the planted elements: class, gene, effect.
        sites: BED of the planted binding sites.
    """

    fasta: Path
    h3k27ac: Path
    dnase: Path
    contacts: Path
    genes: Path
    features: Path
    labels: Path
    blacklist: Path
    truth: Path
    sites: Path

    @classmethod
    def inside(cls, folder: Path) -> "SimulatedGenome":
        """The paths of a simulated genome in a folder, whether or not it is there."""
        return cls(
            fasta=folder / "genome.fa",
            h3k27ac=folder / "H3K27ac.bw",
            dnase=folder / "DNase.bw",
            contacts=folder / "contacts.cool",
            genes=folder / "genes.gtf",
            features=folder / "features.tsv",
            labels=folder / "labels.tsv",
            blacklist=folder / "blacklist.bed",
            truth=folder / "truth.bed",
            sites=folder / "sites.bed",
        )


def simulate(out: Path, seed: int = 0, layout: Layout | None = None) -> SimulatedGenome:
    """Draws a genome and writes its files, over any of the same names.

    The same seed and layout give the same bytes in every file but the `.cool`, whose container also notes
    when it was written.

    Args:
        out: Folder for the files; made if it is not there.
        seed: Seed of all random numbers, from 0.
        layout: Sizes of the genome; those of the demo by default.

    Returns:
        Where the files are.

    Raises:
        InputError: If the seed is negative.
        OutputError: If the folder cannot be written.
    """
    if seed < 0:
        raise InputError(f"seed {seed}: a seed is a whole number from 0")
    files = SimulatedGenome.inside(out)
    with writing(out):
        out.mkdir(parents=True, exist_ok=True)
        _write(files, layout or Layout(), seed)
    return files


def _write(files: SimulatedGenome, layout: Layout, seed: int) -> None:
    """Draws every part from its stream and writes it."""
    children = np.random.SeedSequence(seed).spawn(len(STREAMS))
    streams = {name: np.random.default_rng(child) for name, child in zip(STREAMS, children, strict=True)}
    plan = draw_plan(layout, streams["plan"])
    h3k27ac = draw_signal(plan, H3K27AC, streams["h3k27ac"])
    dnase = draw_signal(plan, DNASE, streams["dnase"])
    write_fasta(draw_sequence(plan, streams["sequence"]), files.fasta)
    write_signal(h3k27ac, plan.chromosomes, files.h3k27ac)
    write_signal(dnase, plan.chromosomes, files.dnase)
    write_contacts(draw_contacts(plan, streams["contacts"]), plan.chromosomes, files.contacts)
    write_gtf(plan, files.genes)
    write_features(plan, draw_features(plan, h3k27ac, dnase, streams["features"]), files.features)
    write_labels(plan, draw_expression(plan, streams["expression"]), files.labels)
    write_bed(plan.blacklist, "artefact", files.blacklist)
    write_truth(plan, effects(plan), files.truth)
    write_sites(plan, files.sites)
