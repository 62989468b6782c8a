"""Hi-C contacts that decay with distance and are rarer between domains, and counts drawn from them.

The same formula is used by expression. No loops, no contacts between chromosomes.
"""

from typing import TypeVar

import numpy as np
from jaxtyping import Bool, Float64, Int32

from seq2exp_tracks.genome import Interval
from seq2exp_tracks.simulation.domains import RESOLUTION, Domains
from seq2exp_tracks.simulation.plan import Plan

# One number or an array of them.
Distance = TypeVar("Distance", float, np.ndarray)

DECAY = 0.87  # exponent of the decay with distance; that of the power law in Seq2Exp's Hi-C recipe
BETWEEN_DOMAINS = 0.4  # factor where two loci are in different domains, however many lie between
DEPTH = 60.0  # expected counts of a bin with itself
VISIBILITY_LOG_SD = 0.15  # spread of the log of how well a bin is seen, which normalisation has to undo


def decay(distance: Distance) -> Distance:
    """Contact inside a domain, as a fraction of a locus with itself: (1 + distance / 5 kb) ** -0.87.

    Args:
        distance: Distance in bp, not negative.
    """
    contact: Distance = (1 + distance / RESOLUTION) ** -DECAY
    return contact


def relative_contact(domains: Domains, chrom: str, first: int, second: int) -> float:
    """Contact of two bases, as a fraction of a locus with itself: the decay, times 0.4 between domains."""
    contact = decay(float(abs(first - second)))
    return contact if domains.share(chrom, first, second) else contact * BETWEEN_DOMAINS


def draw_contacts(plan: Plan, rng: np.random.Generator) -> dict[str, Int32[np.ndarray, " bins bins"]]:
    """Draws the raw counts between the bins of each chromosome: upper triangle, the rest 0.

    The expected count is DEPTH * relative contact * visibility of both bins; a bin is seen in proportion to
    its sequenced bases, so that a run of N leaves an empty bin.
    """
    counts = {}
    for chrom, length in plan.chromosomes.items():
        bins = -(-length // RESOLUTION)
        visibility = rng.lognormal(0.0, VISIBILITY_LOG_SD, bins) * _sequenced(plan, chrom, length, bins)
        distance = np.abs(np.subtract.outer(np.arange(bins), np.arange(bins))) * float(RESOLUTION)
        contact = decay(distance) * np.where(_share_domain(plan.domains, chrom, bins), 1.0, BETWEEN_DOMAINS)
        expected = DEPTH * contact * np.outer(visibility, visibility)
        counts[chrom] = np.triu(rng.poisson(expected)).astype(np.int32)
    return counts


def _share_domain(domains: Domains, chrom: str, bins: int) -> Bool[np.ndarray, " bins bins"]:
    """Which pairs of bins are in one domain; a boundary never runs through a bin."""
    numbers = np.array([domains.number(chrom, index * RESOLUTION) for index in range(bins)])
    shared: Bool[np.ndarray, " bins bins"] = np.equal.outer(numbers, numbers)
    return shared


def _sequenced(plan: Plan, chrom: str, length: int, bins: int) -> Float64[np.ndarray, " bins"]:
    """Share of each bin's bases that are on the chromosome and not N."""
    shares = np.ones(bins)
    shares[-1] = (length - (bins - 1) * RESOLUTION) / RESOLUTION
    for index in range(bins):
        bases = Interval(chrom, index * RESOLUTION, (index + 1) * RESOLUTION)
        for run in plan.unsequenced:
            missing = bases.overlap(run)
            shares[index] -= len(missing) / RESOLUTION if missing else 0.0
    return shares
