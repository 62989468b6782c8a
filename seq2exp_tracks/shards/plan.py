"""How a run is cut into shards: neighbouring genes whose scores are kept together.

The plan depends on the genes alone, never on who computes them, so that a run can go on with more workers, on
another machine, or there in part, and no file of it differs.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from seq2exp_tracks.genome import Gene

SHARDS = 64
"""A run has at least so many shards, if it has the genes: many workers find work, and little is lost."""

LARGEST = 32
"""Genes of a shard at most: on a core a window of the published model takes seconds, so that is minutes."""


@dataclass(frozen=True, slots=True)
class Shard:
    """Neighbouring genes of one chromosome.

    Attributes:
        number: Its place in the plan, counted from 0.
        genes: The genes, in the order in which their windows are merged.
    """

    number: int
    genes: tuple[Gene, ...]

    @property
    def name(self) -> str:
        """What the files of the shard are called."""
        return shard_name(self.number)


def shard_name(number: int) -> str:
    """What the files of the shard of a number are called."""
    return f"{number:06}"


def plan_shards(genes: Sequence[Gene], together: Iterable[Sequence[Gene]] | None = None) -> list[Shard]:
    """Cuts genes into shards.

    Args:
        genes: All genes of the run, in the order in which their windows are merged.
        together: The same genes in groups of one chromosome that are computed together, and so never cut;
            None where every gene is computed by itself.

    Returns:
        Shards that hold the genes in their order. A chromosome begins a new one.
    """
    size = max(1, min(LARGEST, len(genes) // SHARDS))
    groups: list[list[Gene]] = []
    for group in together if together is not None else ([gene] for gene in genes):
        last = groups[-1] if groups else []
        if last and last[0].chrom == group[0].chrom and len(last) + len(group) <= size:
            last.extend(group)
        else:
            groups.append(list(group))
    return [Shard(number, tuple(group)) for number, group in enumerate(groups)]


def part_of(shards: Sequence[Shard], part: int, parts: int) -> list[Shard]:
    """The shards of one of several machines: neighbours, and nearly as many genes for each.

    Args:
        shards: All shards.
        part: Which part, counted from 1.
        parts: How many parts there are; each shard is in exactly one of them.
    """
    genes = sum(len(shard.genes) for shard in shards)
    own, before = [], 0
    for shard in shards:
        middle = 2 * before + len(shard.genes)  # twice the place of the shard's middle
        if middle * parts // (2 * genes) == part - 1:
            own.append(shard)
        before += len(shard.genes)
    return own
