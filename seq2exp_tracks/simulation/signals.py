"""What DNase-seq and H3K27ac ChIP-seq would show of the plan: fold change over control, with noise.

Heights are such that the published weights of the mask (0.4 for each of the two signals, scale 10) tell
peak from background: alpha grows by 4 for one unit of either signal, against a beta of about 20.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Float64

from seq2exp_tracks.genome import Interval
from seq2exp_tracks.simulation.elements import ElementClass, PlantedElement
from seq2exp_tracks.simulation.plan import Plan

# Heights in fold change over control.
ARTEFACT_HEIGHT = 40.0  # in blacklisted regions
DECIMALS = 2  # to which values are written
# An insulator is open, its neighbours hardly acetylated.
PEAK_DECOY_ACETYLATION = 0.3


@dataclass(frozen=True, slots=True)
class Assay:
    """How one experiment sees an open element.

    Attributes:
        bin: Bases that share one value.
        height: Fold change per unit of openness.
        sd: Standard deviation of a bump, in bp.
        shoulder: Distance in bp of the two bumps from the element's middle; 0 for a single one.
        background: Mean fold change elsewhere.
        shape: Shape of the gamma noise that multiplies the signal of each bin: variance is 1 / shape.
        smoothing: Bins over which the noisy signal is averaged, about the length of a fragment.
    """

    bin: int
    height: float
    sd: float
    shoulder: int
    background: float
    shape: float
    smoothing: int


# A narrow peak on the element itself.
DNASE = Assay(bin=10, height=2.5, sd=80, shoulder=0, background=0.15, shape=15, smoothing=3)
# Broad: the acetylated nucleosomes on both sides of the open stretch, which itself shows a dip.
H3K27AC = Assay(bin=25, height=1.5, sd=220, shoulder=350, background=0.3, shape=8, smoothing=7)


@dataclass(frozen=True, slots=True, eq=False)
class BinnedSignal:
    """A signal on one chromosome.

    Attributes:
        bin: Bases that share one value; the last bin may be shorter.
        values: Fold change over control, NaN where nothing was measured.
    """

    bin: int
    values: Float32[np.ndarray, " bins"]

    def mean(self, interval: Interval) -> float:
        """Mean over the measured bins that an interval touches; 0 where there is none."""
        part = self.values[interval.start // self.bin : -(-interval.end // self.bin)]
        return float(np.nanmean(part)) if np.isfinite(part).any() else 0.0


def draw_signal(plan: Plan, assay: Assay, rng: np.random.Generator) -> dict[str, BinnedSignal]:
    """Draws an experiment over the whole genome.

    Returns:
        The signal by chromosome: bumps on open elements over a background, times gamma noise, averaged over
        a fragment; artefacts in blacklisted regions; NaN in bins that touch a run of N.
    """
    signals = {}
    for chrom, length in plan.chromosomes.items():
        expected = _expected(plan, assay, chrom, -(-length // assay.bin))
        noisy = expected * rng.gamma(assay.shape, 1 / assay.shape, len(expected))
        noisy += rng.exponential(assay.background, len(expected))
        values = np.convolve(noisy, np.full(assay.smoothing, 1 / assay.smoothing), mode="same")
        for run in _on(chrom, plan.blacklist):
            values[run.start // assay.bin : run.end // assay.bin] += ARTEFACT_HEIGHT
        for run in _on(chrom, plan.unsequenced):
            values[run.start // assay.bin : -(-run.end // assay.bin)] = np.nan
        signals[chrom] = BinnedSignal(assay.bin, values.round(DECIMALS).astype(np.float32))
    return signals


def _expected(plan: Plan, assay: Assay, chrom: str, bins: int) -> Float64[np.ndarray, " bins"]:
    """Signal without background and noise: the sum of all elements' bumps."""
    middles = (np.arange(bins) + 0.5) * assay.bin
    expected = np.zeros(bins)
    for element in plan.elements:
        if element.interval.chrom == chrom:
            for centre in {element.centre - assay.shoulder, element.centre + assay.shoulder}:
                expected += _height(element, assay) * np.exp(-0.5 * ((middles - centre) / assay.sd) ** 2)
    return expected


def _height(element: PlantedElement, assay: Assay) -> float:
    """Height of one bump over an element."""
    weakened = element.kind is ElementClass.PEAK_DECOY and assay is H3K27AC
    return assay.height * element.openness * (PEAK_DECOY_ACETYLATION if weakened else 1.0)


def _on(chrom: str, intervals: tuple[Interval, ...]) -> Iterator[Interval]:
    return (interval for interval in intervals if interval.chrom == chrom)
