"""The split that a user asks for."""

from collections.abc import Sequence
from pathlib import Path

from seq2exp_tracks.genome import ChromSizes, Gene
from seq2exp_tracks.training.request import CHROMOSOMES, POSITION, TrainRequest
from seq2exp_tracks.training.splits import (
    PUBLISHED_TEST,
    PUBLISHED_VALID,
    Split,
    split_by_chromosome,
    split_by_file,
    split_by_position,
)


def chosen_split(request: TrainRequest, genes: Sequence[Gene], window: int, sizes: ChromSizes) -> Split:
    """Puts genes into the parts that a request asks for.

    Args:
        request: Names the rule or the file.
        genes: Genes with a label.
        window: Length of the windows in bp, by default also the gap between parts along a chromosome.
        sizes: Chromosomes of the genome.

    Raises:
        InputError: If a part has no gene, or the file cannot be used.
    """
    if request.split == POSITION:
        return split_by_position(genes, window if request.gap is None else request.gap)
    if request.split != CHROMOSOMES:
        return split_by_file(genes, Path(request.split))
    named = (request.valid_chroms or PUBLISHED_VALID, request.test_chroms or PUBLISHED_TEST)
    valid, test = ([sizes.resolve(chrom) or chrom for chrom in chroms] for chroms in named)
    return split_by_chromosome(genes, valid, test)
