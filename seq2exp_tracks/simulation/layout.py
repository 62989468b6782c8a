"""Layout: how large a simulated genome is. What its parts look like stands with each part."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes

# Room that one gene with its elements needs, in bp: below it the elements would not find a place.
ROOM_PER_GENE = 12_000
# A shorter chromosome has no room between its two outer genes, in bp.
SHORTEST_CHROMOSOME = 40_000
# The contact map is drawn whole, a number for each two bins: a longer chromosome takes gigabytes, in bp.
LONGEST_CHROMOSOME = 50_000_000
# The nearest enhancer is planted 1.5 kb from its TSS: a shorter reach leaves it no choice of places, in bp.
SHORTEST_REACH = 3_000
# Lengths of scaled chromosomes are multiples of it, in bp: whole bins of the contact map.
LENGTH_STEP = 5_000


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
        InputError: If the genes have no room, the reach is too short, or a chromosome is too short, too long
            or has a name that files cannot hold.
    """

    chromosomes: Mapping[str, int] = field(default_factory=_demo_chromosomes)
    genes: int = 36
    reach: int = 10_000

    def __post_init__(self) -> None:
        _check_names(self.chromosomes)
        for chrom, length in self.chromosomes.items():
            if length > LONGEST_CHROMOSOME:
                raise InputError(
                    f"{chrom} of {length:,} bp is too long to simulate, as its contact map is drawn whole; "
                    f"give it {LONGEST_CHROMOSOME:,} or less"
                )
            if length < SHORTEST_CHROMOSOME:
                raise InputError(
                    f"{chrom} of {length:,} bp is too short to simulate; "
                    f"give it {SHORTEST_CHROMOSOME:,} or more"
                )
        if self.reach < SHORTEST_REACH:
            raise InputError(
                f"a window of {2 * self.reach:,} bp is too short for distal elements; "
                f"give it {2 * SHORTEST_REACH:,} or more"
            )
        total = sum(self.chromosomes.values())
        most = total // ROOM_PER_GENE
        if not 1 <= self.genes <= most:
            raise InputError(
                f"{self.genes} genes in {total:,} bp: a simulated genome of this size takes 1 to {most}"
            )

    @property
    def window(self) -> int:
        """Bases around a TSS in which everything lies that acts on the gene."""
        return 2 * self.reach

    def genes_by_chromosome(self) -> dict[str, int]:
        """How many genes each chromosome carries: its share by length, `genes` in all."""
        total = sum(self.chromosomes.values())
        counts, placed, covered = {}, 0, 0
        for chrom, length in self.chromosomes.items():
            covered += length
            counts[chrom] = round(self.genes * covered / total) - placed
            placed += counts[chrom]
        return counts

    def with_genes(self, genes: int) -> "Layout":
        """The same density of genes for another number of them: every chromosome longer or shorter.

        Raises:
            InputError: If there is not at least one gene.
        """
        if genes < 1:
            raise InputError(f"{genes} genes: a simulated genome takes 1 or more")
        lengths = {
            chrom: max(SHORTEST_CHROMOSOME, -(-length * genes // (self.genes * LENGTH_STEP)) * LENGTH_STEP)
            for chrom, length in self.chromosomes.items()
        }
        return Layout(ChromSizes(lengths), genes, self.reach)

    def with_chromosomes(self, chromosomes: Mapping[str, int]) -> "Layout":
        """The same density of genes on other chromosomes, with at least one gene."""
        total, own = sum(chromosomes.values()), sum(self.chromosomes.values())
        return Layout(chromosomes, max(1, self.genes * total // own), self.reach)


def _check_names(chromosomes: Mapping[str, int]) -> None:
    """Refuses names that formats or options would not hold, or that other files could not tell apart."""
    bare: dict[str, str] = {}
    for chrom in chromosomes:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", chrom):
            raise InputError(
                f"chromosome {chrom!r}: a name begins with a letter or digit and has letters, digits and "
                ". _ - only"
            )
        other = bare.setdefault(chrom.removeprefix("chr"), chrom)
        if other != chrom:
            raise InputError(
                f"chromosomes {other} and {chrom} are one but for chr; name one of them otherwise"
            )


DEMO = Layout()
# For training in minutes: four chromosomes, so that two can be kept for validation and test.
SMALL = Layout(
    chromosomes=ChromSizes({"chrA": 1_500_000, "chrB": 1_000_000, "chrC": 650_000, "chrD": 600_000}),
    genes=300,
    reach=5_000,
)
SIZES = {"demo": DEMO, "small": SMALL}
