"""Sequenced fragments of DNase-seq, drawn from the expectation that the bigWig is drawn from.

The bigWig is not the pile-up of these reads: both are drawn, each with its own noise, from one expected
signal. No control experiment is drawn: the background is in the expectation, the same everywhere.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64

from seq2exp_tracks.simulation.plan import Plan
from seq2exp_tracks.simulation.signals import DNASE, expected_signal

# Expected fragments whose middle is one base, at a fold change of 1.
FRAGMENTS_PER_BASE = 0.025
# Lengths of fragments in bp: a normal distribution, cut.
FRAGMENT_MEAN = 100
FRAGMENT_SD = 25
FRAGMENT_RANGE = (50, 200)
READ_LENGTH = 36  # bp, from either end of a fragment


@dataclass(frozen=True, slots=True, eq=False)
class Fragments:
    """Fragments on one chromosome, by start, then end.

    Attributes:
        starts: First base.
        ends: One past the last base.
        first_is_plus: 1 where the first read of the pair is on the plus strand, else 0.
    """

    starts: Int64[np.ndarray, " fragments"]
    ends: Int64[np.ndarray, " fragments"]
    first_is_plus: Int64[np.ndarray, " fragments"]

    def __len__(self) -> int:
        return len(self.starts)


def draw_fragments(plan: Plan, rng: np.random.Generator) -> dict[str, Fragments]:
    """Draws the DNase fragments of a cell type's plan, by chromosome.

    The number of fragments with their middle in a bin is Poisson. A fragment that would reach over a
    chromosome's end or into a run of N is not sequenced.
    """
    return {chrom: _draw_on(plan, chrom, rng) for chrom in plan.chromosomes}


def _draw_on(plan: Plan, chrom: str, rng: np.random.Generator) -> Fragments:
    rate = expected_signal(plan, DNASE, chrom) * (FRAGMENTS_PER_BASE * DNASE.bin)
    bins = np.repeat(np.arange(len(rate)), rng.poisson(rate))
    middles = bins * DNASE.bin + rng.integers(DNASE.bin, size=len(bins))
    lengths = rng.normal(FRAGMENT_MEAN, FRAGMENT_SD, len(bins)).clip(*FRAGMENT_RANGE).astype(np.int64)
    first_is_plus = rng.integers(2, size=len(bins))
    starts = middles - lengths // 2
    ends = starts + lengths
    kept = (starts >= 0) & (ends <= plan.chromosomes[chrom])
    for run in plan.unsequenced:
        if run.chrom == chrom:
            kept &= (ends <= run.start) | (starts >= run.end)
    order = np.lexsort((ends[kept], starts[kept]))
    return Fragments(starts[kept][order], ends[kept][order], first_is_plus[kept][order])
