"""Layout: how large a simulated genome is. What its parts look like stands with each part."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes

# Room that one gene with its elements needs, in bp: below it the elements would not find a place.
ROOM_PER_GENE = 12_000


def _demo_chromosomes() -> ChromSizes:
    """Two chromosomes of different length, in bp."""
    return ChromSizes({"chrA": 400_000, "chrB": 250_000})


@dataclass(frozen=True, slots=True)
class Layout:
    """Sizes of a simulated genome.

    Attributes:
        chromosomes: Lengths in bp by name, in the genome's order.
        genes: Number of genes, shared among the chromosomes by their length.
        reach: Greatest distance in bp from a TSS at which an element acts on the gene. Half the window
            of the model that is to see everything.

    Raises:
        InputError: If the genes have no room.
    """

    chromosomes: Mapping[str, int] = field(default_factory=_demo_chromosomes)
    genes: int = 36
    reach: int = 10_000

    def __post_init__(self) -> None:
        total = sum(self.chromosomes.values())
        most = total // ROOM_PER_GENE
        if not 1 <= self.genes <= most:
            raise InputError(
                f"{self.genes} genes in {total:,} bp: a simulated genome of this size takes 1 to {most}"
            )

    def genes_by_chromosome(self) -> dict[str, int]:
        """How many genes each chromosome carries: its share by length, `genes` in all."""
        total = sum(self.chromosomes.values())
        counts, placed, covered = {}, 0, 0
        for chrom, length in self.chromosomes.items():
            covered += length
            counts[chrom] = round(self.genes * covered / total) - placed
            placed += counts[chrom]
        return counts
