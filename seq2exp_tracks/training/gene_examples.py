"""Examples of genes, read once: kept in memory where they are few, else decoded once a chromosome."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TypeVar

import torch

from seq2exp_tracks.genome import Gene
from seq2exp_tracks.inputs import InputReader
from seq2exp_tracks.progress import Progress
from seq2exp_tracks.scoring.engine import as_tensors
from seq2exp_tracks.training.examples import Example, Examples
from seq2exp_tracks.training.fixed_masks import MaskReader

Made = TypeVar("Made")

IN_MEMORY = 4 << 30
"""Bytes that the examples of a run may take in memory."""

_BYTES_A_BASE = 18  # code 1, three signals 12, blacklist 1, mask 4


@dataclass(frozen=True, slots=True, eq=False)
class GeneExamples:
    """Examples that are read when they are asked for.

    Attributes:
        genes: Whose they are.
        read: Reads one.
    """

    genes: Sequence[Gene]
    read: Callable[[Gene], Example]

    def __len__(self) -> int:
        return len(self.genes)

    def __getitem__(self, number: int, /) -> Example:
        return self.read(self.genes[number])


@dataclass(frozen=True, slots=True, eq=False)
class ExampleReader:
    """Reads the examples of a cell type.

    Attributes:
        inputs: Reads windows.
        labels: Measured expression by gene id.
        mask: Bases that a model with a given mask reads, or None.
    """

    inputs: InputReader
    labels: Mapping[str, float]
    mask: MaskReader | None

    def read(self, gene: Gene) -> Example:
        """The inputs of a gene and its label.

        Raises:
            InputError: If a file is damaged.
        """
        return self._read(self.inputs, gene)

    def prepare(self, genes: Sequence[Gene], scratch: Path, progress: Progress) -> Examples:
        """Reads or decodes all that training will ask for again and again.

        Args:
            genes: The genes of one part of the split.
            scratch: A new folder for what is too much for memory.
            progress: Who is told of each gene or chromosome.

        Raises:
            InputError: If a file is damaged.
            OutputError: If the disk is full.
        """
        if len(genes) * self.inputs.window * _BYTES_A_BASE <= IN_MEMORY:
            progress.stage("Reading windows", len(genes))
            return [_counted(self.read(gene), progress) for gene in genes]
        decoded: dict[str, InputReader] = {}
        scratch.mkdir()
        by_chrom = sorted(genes, key=lambda gene: gene.chrom)
        progress.stage("Decoding chromosomes", len({gene.chrom for gene in genes}))
        for chrom, members in groupby(by_chrom, key=lambda gene: gene.chrom):
            files = self.inputs.decode(tuple(members), scratch / str(len(decoded)))
            decoded[chrom] = _counted(self.inputs.over(files), progress)
        return GeneExamples(genes, lambda gene: self._read(decoded[gene.chrom], gene))

    def _read(self, inputs: InputReader, gene: Gene) -> Example:
        read = inputs.read(gene)
        given = None if self.mask is None else torch.from_numpy(self.mask.read(read)).float()
        bases, signals, excluded, features = (tensor[0] for tensor in as_tensors(read))
        label = torch.tensor(self.labels[gene.id], dtype=torch.float32)
        return Example(bases, signals, excluded, features, label, given)


def _counted(made: Made, progress: Progress) -> Made:
    progress.advance()
    return made
