"""Genes whose inputs are drawn from their position: no files, and the same in every process."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes, Gene, Strand
from seq2exp_tracks.inputs import WindowInputs
from seq2exp_tracks.model import HARD, SOFT, ModelConfig, Seq2Exp
from seq2exp_tracks.windows import Window

LENGTH = 600
TINY = replace(SOFT, window=LENGTH, d_model=8, generator_layers=1, encoder_layers=1, promoter=100)
TINY_HARD = replace(HARD, window=LENGTH, d_model=8, generator_layers=1, encoder_layers=1, promoter=100)


@dataclass(frozen=True)
class NothingDecoded:
    """Stands in for `DecodedInputs`: a file that says of which genes it is."""

    folder: Path
    genes: tuple[str, ...]

    def remove(self) -> None:
        (self.folder / "genes").unlink()
        self.folder.rmdir()


@dataclass(frozen=True)
class RandomReader:
    """Stands in for `InputReader`. Names of genes say what goes wrong with them."""

    sizes: ChromSizes
    window: int = LENGTH
    decoded: tuple[str, ...] | None = None

    def decode(self, genes: Sequence[Gene], folder: Path) -> NothingDecoded:
        folder.mkdir()
        names = tuple(gene.id for gene in genes)
        (folder / "genes").write_text(" ".join(names))
        if any(gene.name == "undecodable" for gene in genes):
            raise InputError("genome.fa: damaged")
        return NothingDecoded(folder, names)

    def over(self, decoded: NothingDecoded) -> "RandomReader":
        # As a file that is mapped late: it has to be there when it is first read.
        assert (decoded.folder / "genes").read_text() == " ".join(decoded.genes)
        return replace(self, decoded=decoded.genes)

    def read(self, gene: Gene) -> WindowInputs:
        assert self.decoded is None or gene.id in self.decoded
        if gene.name == "unreadable":
            raise InputError("signal.bw: damaged")
        if gene.name == "slow":
            time.sleep(60)
        if gene.name == "deadly":
            os._exit(1)
        random = np.random.default_rng(abs(gene.tss))
        window = Window.around(gene, LENGTH, self.sizes[gene.chrom])
        inside = len(window.inside)
        return WindowInputs(
            window=window,
            bases=window.pad(random.integers(0, 5, inside, dtype=np.uint8), 4),
            signals=window.pad(random.gamma(1, 2, (inside, 3)).astype(np.float32), 0),
            excluded=window.pad(random.random(inside) < 0.1, False),
            features=random.normal(size=9).astype(np.float32),
            imputed=("UTR5GC",),
        )


READER = RandomReader(ChromSizes({"chr1": 5_000, "chr2": 3_000, "chr3": 1_000}))


def gene(tss: int, name: str = "", chrom: str = "chr1") -> Gene:
    return Gene(f"{chrom}-{tss}", name or f"g{tss}", chrom, tss, Strand.PLUS)


def make(config: ModelConfig) -> Seq2Exp:
    return Seq2Exp.initialised(config, seed=3)
