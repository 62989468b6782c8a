"""Planted elements: a stretch of the genome with motif sites in it, open or closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from seq2exp_tracks.genome import Interval, Strand
from seq2exp_tracks.simulation.motifs import (
    ENHANCER_MOTIFS,
    INSULATOR_MOTIF,
    MOTIFS,
    PROMOTER_MOTIFS,
    Motif,
    reverse_complement,
)

# Sites of activating factors in one element: least and most.
SITES = (3, 6)
# Openness of a peak without effect, drawn evenly from the range that active elements have.
DECOY_OPENNESS = (2.0, 5.5)
# Standard deviation of the log of openness around activity: signals tell of activity, not exactly.
OPENNESS_LOG_SD = 0.2
# Decimals of an activity: what `truth.bed` shows is exactly what acts.
ACTIVITY_DECIMALS = 6
# An insulator is open, its neighbours hardly acetylated: its share of an enhancer's H3K27ac.
INSULATOR_ACETYLATION = 0.3


class ElementClass(StrEnum):
    """What was planted, and in the plan of a cell type: what it is there."""

    PROMOTER = "promoter"  # open, activates its own gene
    ENHANCER = "enhancer"  # open, activates the genes in reach
    MOTIF_DECOY = "motif_decoy"  # closed: motifs without signal and without effect
    PEAK_DECOY = (
        "peak_decoy"  # open, without effect: an insulator, or any peak where distal elements do nothing
    )

    @property
    def is_active(self) -> bool:
        """Whether elements of this class act on genes."""
        return self in (ElementClass.PROMOTER, ElementClass.ENHANCER)


@dataclass(frozen=True, slots=True)
class Site:
    """A planted binding site.

    Attributes:
        interval: Where it is.
        motif: Name of the motif, a key of `MOTIFS`.
        strand: Strand on which it reads as the motif.
        sequence: Its bases, 5' to 3' on the plus strand.
    """

    interval: Interval
    motif: str
    strand: Strand
    sequence: str


@dataclass(frozen=True, slots=True)
class PlantedElement:
    """A stretch of the genome with motif sites.

    Attributes:
        interval: Where it is.
        kind: What was planted.
        sites: Its binding sites, in the order of the genome.
        openness: Height that its signals follow, without unit; 0 where it is closed.
        activity: What it does for genes, without unit; 0 where it does nothing.
        gene: Id of the gene whose promoter this is, open or closed; None for all others.
        acetylation: H3K27ac beside it, as a share of what its openness would give.
        name: Unique name, the same in all cell types: the planned class and a number.
    """

    interval: Interval
    kind: ElementClass
    sites: tuple[Site, ...]
    openness: float
    activity: float
    gene: str | None = None
    acetylation: float = 1.0
    name: str = ""

    @property
    def centre(self) -> int:
        """The base in its middle, 0-based."""
        return (self.interval.start + self.interval.end) // 2


def plant(
    interval: Interval, kind: ElementClass, rng: np.random.Generator, gene: str | None = None
) -> PlantedElement:
    """Draws the binding sites of an element and how open it is.

    Args:
        interval: Where it is.
        kind: What it is.
        rng: Source of random numbers.
        gene: Id of the gene whose promoter this is.
    """
    if kind is ElementClass.PEAK_DECOY:
        motifs: Sequence[Motif] = [INSULATOR_MOTIF]
    else:
        choices = ENHANCER_MOTIFS if gene is None else PROMOTER_MOTIFS
        count = rng.integers(SITES[0], SITES[1] + 1)
        motifs = [choices[index] for index in rng.integers(len(choices), size=count)]
    sites = _place(motifs, interval, rng)
    strength = sum(MOTIFS[site.motif].strength for site in sites)
    activity = round(strength, ACTIVITY_DECIMALS) if kind.is_active else 0.0
    is_insulator = kind is ElementClass.PEAK_DECOY
    level = rng.uniform(*DECOY_OPENNESS) if is_insulator else activity
    openness = level * rng.lognormal(0.0, OPENNESS_LOG_SD)
    acetylation = INSULATOR_ACETYLATION if is_insulator else 1.0
    return PlantedElement(interval, kind, sites, openness, activity, gene, acetylation)


def _place(motifs: Sequence[Motif], interval: Interval, rng: np.random.Generator) -> tuple[Site, ...]:
    """One site of each motif, each at random in its own equal part of the interval."""
    part = len(interval) // len(motifs)
    sites = []
    for index, motif in enumerate(motifs):
        start = interval.start + index * part + int(rng.integers(part - len(motif) + 1))
        strand = Strand.PLUS if rng.random() < 0.5 else Strand.MINUS
        word = motif.draw(rng)
        plus = word if strand is Strand.PLUS else reverse_complement(word)
        sites.append(Site(Interval(interval.chrom, start, start + len(motif)), motif.name, strand, plus))
    return tuple(sites)
