"""Domains of the contact map: stretches between insulators, whose bases meet each other more often."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from seq2exp_tracks.genome import ChromSizes, Gene, Interval
from seq2exp_tracks.simulation.elements import ElementClass, PlantedElement

RESOLUTION = 5_000  # bp per bin of the contact map
SHORTEST_DOMAIN = 30_000  # bp
# No boundary this close to a TSS, in bp: a gene and its own promoter are in one domain.
FREE_OF_BOUNDARIES = 1_000


@dataclass(frozen=True, slots=True)
class Domains:
    """Domains of every chromosome, without gaps.

    Attributes:
        boundaries: Between two domains each, by chromosome, in order: edges of bins, in bp.
        chromosomes: Lengths.
    """

    boundaries: Mapping[str, tuple[int, ...]]
    chromosomes: ChromSizes

    def share(self, chrom: str, first: int, second: int) -> bool:
        """Tells whether two bases of a chromosome are in one domain."""
        return self.number(chrom, first) == self.number(chrom, second)

    def number(self, chrom: str, base: int) -> int:
        """Which domain of its chromosome a base is in, from 0."""
        return bisect_right(self.boundaries[chrom], base)

    def intervals(self) -> tuple[Interval, ...]:
        """The domains in the order of the genome."""
        return tuple(
            Interval(chrom, start, end)
            for chrom, inner in self.boundaries.items()
            for start, end in zip((0, *inner), (*inner, self.chromosomes[chrom]), strict=True)
        )


def find_domains(
    elements: Iterable[PlantedElement], genes: Sequence[Gene], chromosomes: ChromSizes
) -> Domains:
    """Ends a domain at every insulator that leaves the domain long enough.

    A boundary is the edge of a bin that is nearest to the insulator's middle, so that the contact map shows
    domains exactly as expression knows them.

    Args:
        elements: In the order of the genome.
        genes: All genes.
        chromosomes: Lengths.
    """
    boundaries: dict[str, list[int]] = {chrom: [] for chrom in chromosomes}
    for element in elements:
        if element.kind is not ElementClass.PEAK_DECOY:
            continue
        chrom, found = element.interval.chrom, boundaries[element.interval.chrom]
        edge = round(element.centre / RESOLUTION) * RESOLUTION
        long_enough = (
            edge - (found[-1] if found else 0) >= SHORTEST_DOMAIN
            and chromosomes[chrom] - edge >= SHORTEST_DOMAIN
        )
        if long_enough and not _near_tss(chrom, edge, genes):
            found.append(edge)
    return Domains({chrom: tuple(edges) for chrom, edges in boundaries.items()}, chromosomes)


def _near_tss(chrom: str, edge: int, genes: Sequence[Gene]) -> bool:
    return any(gene.chrom == chrom and abs(gene.tss - edge) < FREE_OF_BOUNDARIES for gene in genes)
