"""WindowInputs: everything that the model reads of one gene, and the reader that assembles it.

The last module of the first phase, files to numpy: from here on nothing knows a file.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
from jaxtyping import Bool, Float32, UInt8

from seq2exp_tracks.features import GeneFeatures
from seq2exp_tracks.genome import ChromSizes, Gene, Interval
from seq2exp_tracks.io.bed import IntervalSet
from seq2exp_tracks.io.decoded import DecodedArray, decode, filling
from seq2exp_tracks.io.fasta import UNKNOWN_BASE, Fasta
from seq2exp_tracks.io.stretches import Stretches
from seq2exp_tracks.signals import SignalSet
from seq2exp_tracks.windows import Window


@dataclass(frozen=True, slots=True, eq=False)
class WindowInputs:
    """What the model reads of one gene, padding included: N, signal 0, not excluded.

    Attributes:
        window: The window; its TSS stands at index `length // 2`.
        bases: The plus strand: A 0, C 1, G 2, T 3, unknown 4.
        signals: Signals in the order of the model's channels.
        excluded: Bases of the blacklist.
        features: The gene's features in the order of `features.FEATURES`.
        imputed: Names of the features that were not known and were filled in.
    """

    window: Window
    bases: UInt8[np.ndarray, " length"]
    signals: Float32[np.ndarray, " length channels"]
    excluded: Bool[np.ndarray, " length"]
    features: Float32[np.ndarray, " nfeatures"]
    imputed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DecodedSequence:
    """The bases of one chromosome as `Fasta` gives them, decoded once.

    Attributes:
        bases: Their codes.
        sizes: Chromosomes of the genome.
    """

    bases: DecodedArray
    sizes: ChromSizes

    def codes(self, interval: Interval) -> UInt8[np.ndarray, " length"]:
        """The bases of an interval: A 0, C 1, G 2, T 3, everything ambiguous 4."""
        return self.bases.read(interval).copy()


@dataclass(frozen=True, slots=True)
class DecodedInputs:
    """What was decoded of one chromosome; small when it is copied to another process.

    Attributes:
        folder: Where the files are.
        bases: Codes of the bases.
        signals: Signals in the order of the model's channels.
    """

    folder: Path
    bases: DecodedArray
    signals: SignalSet

    def remove(self) -> None:
        """Removes the files; a process that reads them can go on, but none can begin."""
        shutil.rmtree(self.folder)


@dataclass(frozen=True, slots=True, eq=False)
class InputReader:
    """Reads the inputs of genes from open files; a copy in another process opens them again.

    Windows overlap, and every one is read from the files for itself. For many genes of a chromosome
    `decode` does the reading once; a reader `over` what it wrote gives the same inputs.

    Attributes:
        fasta: The genome's sequence.
        signals: Signals of the cell type.
        features: Features of the genes.
        blacklist: Bases that the mask leaves out, or None.
        window: Length of the window in bp, padding included.
    """

    fasta: Fasta | DecodedSequence
    signals: SignalSet
    features: GeneFeatures
    blacklist: IntervalSet | None
    window: int

    @property
    def sizes(self) -> ChromSizes:
        """Chromosomes of the genome."""
        return self.fasta.sizes

    def read(self, gene: Gene) -> WindowInputs:
        """Assembles the inputs of one gene.

        Raises:
            InputError: If the window has no base on the chromosome, or a file is damaged.
        """
        window = Window.around(gene, self.window, self.sizes[gene.chrom])
        if self.blacklist is None:
            excluded = np.zeros(len(window.inside), bool)
        else:
            excluded = self.blacklist.mask(window.inside)
        features, imputed = self.features.of(gene)
        return WindowInputs(
            window=window,
            bases=window.pad(self.fasta.codes(window.inside), UNKNOWN_BASE),
            signals=window.pad(self.signals.read(window), 0),
            excluded=window.pad(excluded, False),
            features=features,
            imputed=imputed,
        )

    def decode(self, genes: Sequence[Gene], folder: Path) -> DecodedInputs:
        """Decodes what the windows of some genes touch, each base once.

        Args:
            genes: Genes of one chromosome.
            folder: A new folder for the files; a base of the windows takes up to 1 byte and 4 for each
                signal that is a bigWig.

        Raises:
            InputError: If a gene's window has no base on the chromosome, or a file is damaged.
            OutputError: If the disk is full.
        """
        with filling(folder):
            folder.mkdir()
        windows = [Window.around(gene, self.window, self.sizes[gene.chrom]) for gene in genes]
        stretches = Stretches.covering(window.inside for window in windows)
        bases = decode(folder / "bases", np.uint8, stretches, self.fasta.codes)
        return DecodedInputs(folder, bases, self.signals.decoded(windows, folder))

    def over(self, decoded: DecodedInputs) -> Self:
        """A reader of the same inputs from what was decoded of them; of those genes only."""
        return replace(self, fasta=DecodedSequence(decoded.bases, self.sizes), signals=decoded.signals)
