"""What DNase-seq and H3K27ac ChIP-seq would show of the plan: fold change over control, with noise.

Heights are such that the published weights of the mask (0.4 for each of the two signals, scale 10) tell
peak from background: alpha grows by 4 for one unit of either signal, against a beta of about 20.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Float64

from seq2exp_tracks.genome import Interval
from seq2exp_tracks.simulation.plan import Plan

# Heights in fold change over control.
ARTEFACT_HEIGHT = 40.0  # in blacklisted regions
DECIMALS = 2  # to which values are written
# Standard deviations after which a bump is cut: below a millionth of a millionth of its height.
BUMP_SDS = 8


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
    """Draws an experiment over the whole genome, in the cell type of the plan.

    Returns:
        The signal by chromosome: bumps on open elements over a background, times gamma noise, averaged over
        a fragment; artefacts in blacklisted regions; NaN in bins that touch a run of N.
    """
    signals = {}
    for chrom in plan.chromosomes:
        expected = _bumps(plan, assay, chrom)
        noisy = expected * rng.gamma(assay.shape, 1 / assay.shape, len(expected))
        noisy += rng.exponential(assay.background, len(expected))
        values = np.convolve(noisy, np.full(assay.smoothing, 1 / assay.smoothing), mode="same")
        _add_artefacts(values, plan, assay, chrom)
        values[_unsequenced(plan, assay, chrom, len(values))] = np.nan
        signals[chrom] = BinnedSignal(assay.bin, values.round(DECIMALS).astype(np.float32))
    return signals


def expected_signal(plan: Plan, assay: Assay, chrom: str) -> Float64[np.ndarray, " bins"]:
    """What `draw_signal` has on average before it averages over a fragment; 0 where nothing is measured."""
    expected = _bumps(plan, assay, chrom) + assay.background
    _add_artefacts(expected, plan, assay, chrom)
    expected[_unsequenced(plan, assay, chrom, len(expected))] = 0.0
    return expected


def _bumps(plan: Plan, assay: Assay, chrom: str) -> Float64[np.ndarray, " bins"]:
    """Signal without background and noise: the sum of all elements' bumps."""
    expected = np.zeros(-(-plan.chromosomes[chrom] // assay.bin))
    reach = BUMP_SDS * assay.sd
    for element in plan.elements:
        if element.interval.chrom != chrom or not element.openness:
            continue
        height = assay.height * element.openness
        if assay is H3K27AC:
            height *= element.acetylation
        for centre in {element.centre - assay.shoulder, element.centre + assay.shoulder}:
            first = max(0, (centre - reach) // assay.bin)
            part = expected[first : max(0, (centre + reach) // assay.bin)]
            middles = (first + np.arange(len(part)) + 0.5) * assay.bin
            part += height * np.exp(-0.5 * ((middles - centre) / assay.sd) ** 2)
    return expected


def _add_artefacts(values: Float64[np.ndarray, " bins"], plan: Plan, assay: Assay, chrom: str) -> None:
    for run in _on(chrom, plan.blacklist):
        values[run.start // assay.bin : run.end // assay.bin] += ARTEFACT_HEIGHT


def _unsequenced(plan: Plan, assay: Assay, chrom: str, bins: int) -> Bool[np.ndarray, " bins"]:
    """Which bins touch a run of N."""
    touched = np.zeros(bins, bool)
    for run in _on(chrom, plan.unsequenced):
        touched[run.start // assay.bin : -(-run.end // assay.bin)] = True
    return touched


def _on(chrom: str, intervals: tuple[Interval, ...]) -> Iterator[Interval]:
    return (interval for interval in intervals if interval.chrom == chrom)
