"""Good inputs on a simulated genome, and ways to spoil them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyBigWig

from seq2exp_tracks.checkpoints import save_checkpoint
from seq2exp_tracks.checkup import CheckupRequest, Finding, check_up
from seq2exp_tracks.features import GeneFeatures
from seq2exp_tracks.inputs import InputReader
from seq2exp_tracks.io.bigwig import BigWig
from seq2exp_tracks.io.contacts import Contacts
from seq2exp_tracks.io.fasta import Fasta
from seq2exp_tracks.io.genes import read_genes
from seq2exp_tracks.model import SOFT, Seq2Exp
from seq2exp_tracks.resources.registry import GenomeEntry, Registry
from seq2exp_tracks.signals import BigWigSignal, ContactSignal, SignalSet
from seq2exp_tracks.simulation.genome import SimulatedGenome
from seq2exp_tracks.training.trained_scales import scales_of

CONFIG = replace(SOFT, window=10_000, d_model=4, generator_layers=1, encoder_layers=1)


def write_checkpoint(path: Path, genome: SimulatedGenome) -> Path:
    """Weights that were never trained, with the scales of a training on these cells."""
    fasta = Fasta(genome.fasta)
    bigwigs = {"H3K27ac": genome.h3k27ac, "DNase": genome.dnase}
    sources = [BigWigSignal(name, BigWig(file, fasta.sizes)) for name, file in bigwigs.items()]
    signals = SignalSet(
        [*sources, ContactSignal("HiC", Contacts(genome.contacts, fasta.sizes))], CONFIG.signals
    )
    reader = InputReader(fasta, signals, GeneFeatures.from_table(genome.features), None, CONFIG.window)
    scales = scales_of(reader, read_genes(genome.genes, fasta.sizes).genes)
    save_checkpoint(Seq2Exp.initialised(CONFIG, seed=0), path, scales)
    return path


def write_plain_checkpoint(path: Path) -> Path:
    """The same weights; they tell nothing of a training."""
    save_checkpoint(Seq2Exp.initialised(CONFIG, seed=0), path)
    return path


def rewritten(source: Path, target: Path, values: Callable[[np.ndarray], np.ndarray], extra: int = 0) -> Path:
    """A bigWig with other values, or on chromosomes that are `extra` bases longer."""
    with pyBigWig.open(str(source)) as file, pyBigWig.open(str(target), "w") as out:
        out.addHeader([(chrom, length + extra) for chrom, length in file.chroms().items()])
        for chrom in file.chroms():
            starts, ends, found = zip(*file.intervals(chrom), strict=True)
            changed = values(np.array(found)).astype(float).tolist()
            out.addEntries([chrom] * len(starts), list(starts), ends=list(ends), values=changed)
    return target


@dataclass(frozen=True)
class Checked:
    """Inputs without a mistake.

    Attributes:
        genome: The simulated genome.
        checkpoint: A checkpoint that was trained on the like of it.
        folder: Where a registry and spoilt files may go.
    """

    genome: SimulatedGenome
    checkpoint: Path
    folder: Path

    def entry(self, name: str = "sim", **files: Path) -> GenomeEntry:
        """The genome, some files exchanged."""
        own = GenomeEntry(
            name, self.genome.fasta, self.genome.genes, self.genome.blacklist, self.genome.features
        )
        return own.with_files(**files)

    def find(self, entry: GenomeEntry | None = None, **changes: Any) -> list[Finding]:
        """What the checkup says of them, some of the request changed."""
        registry = Registry(self.folder)
        entry = entry or self.entry()
        registry.add(entry, overwrite=True)
        asked = {
            "genome": entry.name,
            "checkpoint": self.checkpoint,
            "signals": {"H3K27ac": self.genome.h3k27ac, "DNase": self.genome.dnase},
            "contacts": self.genome.contacts,
            "out": self.folder,
            "device": "cpu",
        }
        return check_up(CheckupRequest(**asked | changes), genome_named=registry.get)

    def mistakes(self, entry: GenomeEntry | None = None, **changes: Any) -> list[str]:
        """Findings of the levels `warn` and `bad`, as people read them."""
        found = self.find(entry, **changes)
        return [str(finding) for finding in found if finding.level in ("warn", "bad")]

    def with_signal(self, name: str, path: Path) -> dict[str, Path]:
        """The signals, one exchanged."""
        return {"H3K27ac": self.genome.h3k27ac, "DNase": self.genome.dnase} | {name: path}
