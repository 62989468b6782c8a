"""The split that a user asks for."""

from collections.abc import Sequence
from pathlib import Path

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes, Gene
from seq2exp_tracks.training.data import CHROMOSOMES, POSITION, TrainData
from seq2exp_tracks.training.splits import (
    PUBLISHED_TEST,
    PUBLISHED_VALID,
    Split,
    some,
    split_by_chromosome,
    split_by_file,
    split_by_position,
)


def chosen_split(request: TrainData, genes: Sequence[Gene], window: int, sizes: ChromSizes) -> Split:
    """Puts genes into the parts that a request asks for.

    Args:
        request: Names the rule or the file.
        genes: Genes with a label.
        window: Length of the windows in bp, by default also the gap between parts along a chromosome.
        sizes: Chromosomes of the genome.

    Raises:
        InputError: If a part has no gene, a chromosome that is named has none, or the file cannot be used.
    """
    if request.split == POSITION:
        return split_by_position(genes, window if request.gap is None else request.gap)
    if request.split != CHROMOSOMES:
        return split_by_file(genes, Path(request.split))
    valid = _named("--valid-chrom", request.valid_chroms, genes, sizes)
    test = _named("--test-chrom", request.test_chroms, genes, sizes)
    return split_by_chromosome(
        genes, valid or _known(PUBLISHED_VALID, sizes), test or _known(PUBLISHED_TEST, sizes)
    )


def _known(chroms: Sequence[str], sizes: ChromSizes) -> list[str]:
    """Chromosomes by their names in the genome; as they are where it has none."""
    return [sizes.resolve(chrom) or chrom for chrom in chroms]


def _named(option: str, chroms: Sequence[str], genes: Sequence[Gene], sizes: ChromSizes) -> list[str]:
    """Chromosomes that the user names, by their names in the genome.

    Raises:
        InputError: If one holds no gene: a chromosome that is mistyped would train instead of being held out.
    """
    known, present = _known(chroms, sizes), dict.fromkeys(gene.chrom for gene in genes)
    for given, chrom in zip(chroms, known, strict=True):
        if chrom not in present:
            lacks = (
                "the genome has no such chromosome" if chrom not in sizes else "no gene with a label there"
            )
            raise InputError(f"{option} {given}: {lacks} (genes are on {some(list(present))})")
    return known
