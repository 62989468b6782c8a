"""The plan of a genome: where genes, elements, gaps and blacklisted regions lie. No file, no signal.

The plan is what all cell types share; `cell_types.py` says what one of them makes of it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from seq2exp_tracks.genome import ChromSizes, Gene, Interval, Strand
from seq2exp_tracks.simulation.domains import Domains, find_domains
from seq2exp_tracks.simulation.elements import ElementClass, PlantedElement, plant
from seq2exp_tracks.simulation.layout import Layout

# Distances and lengths in bp.
FROM_CHROMOSOME_START = 4_000  # first TSS of a chromosome: a window of more than 8 kb is padded there
FROM_CHROMOSOME_END = 5_000  # last TSS
TSS_IN_SLOT = (0.3, 0.7)  # where in its share of the chromosome a TSS falls, as a fraction
GENE_BODY = (2_000, 8_000)  # length of the one transcript, log-uniform
PROMOTER = (200, 100)  # upstream and downstream of the TSS
ELEMENT = (200, 400)  # length of every other element
NEAREST_ENHANCER = 1_500  # from the TSS of the gene it is drawn for; the farthest is the layout's reach
MARGIN = 150  # kept free around elements
UNSEQUENCED = 5_000  # one run of N, on the first chromosome: a whole bin of the contact map
FREE_OF_N = 1_000  # no N this close to a TSS
BLACKLISTED = 1_500  # one region a chromosome, with an artefact in the signals

# Elements per gene beside its promoter: least and most.
AROUND_GENE = {
    ElementClass.ENHANCER: (2, 4),
    ElementClass.MOTIF_DECOY: (1, 1),
    ElementClass.PEAK_DECOY: (1, 1),
}
# Share of genes whose promoter is closed.
SILENT_SHARE = 0.15
# Draws before a place is given up.
ATTEMPTS = 200


@dataclass(frozen=True, slots=True)
class PlannedGene:
    """A gene with its transcript.

    Attributes:
        gene: The gene; its TSS is the transcript's 5' end.
        body: Its one transcript.
        silent: Whether its promoter is closed.
    """

    gene: Gene
    body: Interval
    silent: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that was decided before anything is measured.

    Attributes:
        chromosomes: Lengths.
        genes: In the order of the genome.
        elements: In the order of the genome; they do not overlap.
        unsequenced: Runs of N.
        blacklist: Regions whose signal is an artefact.
        domains: Of the contact map.
        reach: Greatest distance in bp at which an element acts.
    """

    chromosomes: ChromSizes
    genes: tuple[PlannedGene, ...]
    elements: tuple[PlantedElement, ...]
    unsequenced: tuple[Interval, ...]
    blacklist: tuple[Interval, ...]
    domains: Domains
    reach: int


@dataclass(slots=True)
class _Ground:
    """Which bases are taken, so that nothing planted overlaps."""

    chromosomes: ChromSizes
    rng: np.random.Generator
    taken: dict[str, np.ndarray] = field(init=False)

    def __post_init__(self) -> None:
        self.taken = {chrom: np.zeros(length, bool) for chrom, length in self.chromosomes.items()}

    def take(self, interval: Interval) -> Interval:
        """Marks an interval and its margin as taken."""
        self.taken[interval.chrom][max(0, interval.start - MARGIN) : interval.end + MARGIN] = True
        return interval

    def anywhere(self, chrom: str) -> Callable[[], int]:
        """Draws of one base of a chromosome, all alike."""
        return lambda: int(self.rng.integers(self.chromosomes[chrom]))

    def find(self, chrom: str, length: int, centre: Callable[[], int]) -> Interval | None:
        """Takes the first free stretch around the centres that are drawn, or returns None.

        Args:
            chrom: Chromosome.
            length: Length in bp.
            centre: Draws the base in the middle.
        """
        for _ in range(ATTEMPTS):
            start = centre() - length // 2
            inside = start >= MARGIN and start + length + MARGIN <= self.chromosomes[chrom]
            if inside and not self.taken[chrom][start : start + length].any():
                return self.take(Interval(chrom, start, start + length))
        return None


def draw_plan(layout: Layout, rng: np.random.Generator) -> Plan:
    """Draws a genome's plan.

    Every gene gets a promoter, a motif decoy and a peak decoy, and enhancers within reach on either side
    unless it is silent; an element that finds no free place is left out.
    """
    chromosomes = ChromSizes(layout.chromosomes)
    ground = _Ground(chromosomes, rng)
    genes = _draw_genes(layout, rng)
    unsequenced = (ground.take(_unsequenced(layout, genes)),)
    promoters = [_plant_promoter(gene, ground) for gene in genes]
    blacklist = [ground.find(chrom, BLACKLISTED, ground.anywhere(chrom)) for chrom in chromosomes]
    others = [element for gene in genes for element in _draw_elements(gene, layout.reach, ground)]
    ordered = sorted(
        promoters + others, key=lambda element: (chromosomes.rank(element.interval.chrom), element.interval)
    )
    return Plan(
        chromosomes,
        tuple(genes),
        tuple(
            replace(element, name=f"{element.kind}_{number:03d}")
            for number, element in enumerate(ordered, start=1)
        ),
        unsequenced,
        tuple(region for region in blacklist if region is not None),
        find_domains(ordered, [planned.gene for planned in genes], chromosomes),
        layout.reach,
    )


def promoter_of(gene: Gene) -> Interval:
    """The bases around a TSS that make its promoter, by strand."""
    upstream, downstream = PROMOTER
    if gene.strand is Strand.PLUS:
        return Interval(gene.chrom, gene.tss - upstream, gene.tss + downstream)
    return Interval(gene.chrom, gene.tss + 1 - downstream, gene.tss + 1 + upstream)


def _plant_promoter(planned: PlannedGene, ground: _Ground) -> PlantedElement:
    """A promoter with its motifs, closed where the gene is silent."""
    kind = ElementClass.MOTIF_DECOY if planned.silent else ElementClass.PROMOTER
    return plant(ground.take(promoter_of(planned.gene)), kind, ground.rng, planned.gene.id)


def _draw_genes(layout: Layout, rng: np.random.Generator) -> list[PlannedGene]:
    """One gene in each equal share of a chromosome; the first and the last stand near its ends."""
    silent = set(rng.choice(layout.genes, round(SILENT_SHARE * layout.genes), replace=False).tolist())
    genes: list[PlannedGene] = []
    for chrom, count in layout.genes_by_chromosome().items():
        length = layout.chromosomes[chrom]
        places = (np.arange(count) + rng.uniform(*TSS_IN_SLOT, size=count)) * length / max(count, 1)
        if count > 1:
            places[[0, -1]] = FROM_CHROMOSOME_START, length - FROM_CHROMOSOME_END
        for number, tss in enumerate(places.astype(int).tolist(), start=1):
            strand = Strand.PLUS if rng.random() < 0.5 else Strand.MINUS
            name = f"{chrom.removeprefix('chr')}{number:02d}"
            gene = Gene(f"SIMG{len(genes) + 1:05d}", name, chrom, tss, strand)
            genes.append(PlannedGene(gene, _draw_body(gene, length, rng), len(genes) in silent))
    return genes


def _draw_body(gene: Gene, chrom_length: int, rng: np.random.Generator) -> Interval:
    """The transcript: from the TSS along the strand, cut at the chromosome's end."""
    length = int(np.exp(rng.uniform(*np.log(GENE_BODY))))
    if gene.strand is Strand.PLUS:
        return Interval(gene.chrom, gene.tss, min(gene.tss + length, chrom_length))
    return Interval(gene.chrom, max(gene.tss + 1 - length, 0), gene.tss + 1)


def _unsequenced(layout: Layout, genes: Sequence[PlannedGene]) -> Interval:
    """A run of N about halfway along the first chromosome, away from genes, on a bin of the contact map."""
    chrom, count = next(iter(layout.genes_by_chromosome().items()))
    length = layout.chromosomes[chrom]
    halfway = length * max(count // 2, 1) / max(count, 2)
    sites = [planned.gene.tss for planned in genes if planned.gene.chrom == chrom]

    def is_free(start: int) -> bool:
        return all(tss < start - FREE_OF_N or tss >= start + UNSEQUENCED + FREE_OF_N for tss in sites)

    # There always is one: a gene needs more room than the two bins that its TSS can rule out.
    starts = filter(is_free, range(0, length - UNSEQUENCED + 1, UNSEQUENCED))
    start = min(starts, key=lambda start: (abs(start + UNSEQUENCED / 2 - halfway), -start))
    return Interval(chrom, start, start + UNSEQUENCED)


def _draw_elements(planned: PlannedGene, reach: int, ground: _Ground) -> Iterator[PlantedElement]:
    """Enhancers and decoys around one gene."""
    gene, rng = planned.gene, ground.rng

    def beside_tss() -> int:
        """A base on either side of the TSS, at a distance even in its logarithm."""
        distance = int(np.exp(rng.uniform(np.log(NEAREST_ENHANCER), np.log(reach))))
        return gene.tss + (distance if rng.random() < 0.5 else -distance)

    for kind, (least, most) in AROUND_GENE.items():
        if planned.silent and kind.is_active:
            continue
        for _ in range(rng.integers(least, most + 1)):
            place = ground.find(gene.chrom, int(rng.integers(ELEMENT[0], ELEMENT[1] + 1)), beside_tss)
            if place is not None:
                yield plant(place, kind, rng)
