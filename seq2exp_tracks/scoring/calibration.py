"""How far scores of a shared generator are from those of exact windows, measured with the very checkpoint."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from jaxtyping import Float64, Int64

from seq2exp_tracks.genome import Gene
from seq2exp_tracks.inputs import InputReader
from seq2exp_tracks.model.seq2exp import Seq2Exp
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.scoring.engine import score_window
from seq2exp_tracks.scoring.regions import Region
from seq2exp_tracks.scoring.shared_generator import read_region, region_logits
from seq2exp_tracks.windows import Window

DISTANCES = (0, 1_000, 3_000, 10_000, 30_000)
"""Where, in bp from a window's nearer edge, the intervals begin that differences are averaged over."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A window to compare, and the region that it lies in."""

    region: Region
    window: Window

    @property
    def genes(self) -> tuple[Gene, ...]:
        """The genes of the region."""
        return self.region.genes


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """How far windows are from exact ones: largest absolute differences.

    Attributes:
        learned: Of the learned mask, by distance from the window's edge (`DISTANCES`).
        total: The sum of the differences of the learned mask, by the same distances.
        bases: How many bases have that distance.
        applied: Of the mask that the predictor saw.
        expression: Of predicted log10(1 + CAGE).
    """

    learned: Float64[np.ndarray, " distances"]
    total: Float64[np.ndarray, " distances"]
    bases: Int64[np.ndarray, " distances"]
    applied: float
    expression: float

    @property
    def mean(self) -> Float64[np.ndarray, " distances"]:
        """Mean difference of the learned mask, by distance; 0 where no window is so long."""
        mean: Float64[np.ndarray, " distances"] = self.total / np.maximum(self.bases, 1)
        return mean

    def within(self, tolerance: float) -> bool:
        """Tells whether all of them are at most so large; what is no number is not."""
        return bool(
            (self.learned <= tolerance).all() and self.applied <= tolerance and self.expression <= tolerance
        )

    @classmethod
    def none(cls) -> Self:
        """The difference of no windows."""
        zeros = np.zeros(len(DISTANCES))
        return cls(zeros, zeros, np.zeros(len(DISTANCES), np.int64), 0.0, 0.0)

    @classmethod
    def between(cls, exact: WindowScores, shared: WindowScores) -> Self:
        """The difference of two ways to score one window."""
        window = exact.window
        rows = np.arange(window.pad_left, window.pad_left + len(window.inside))
        from_edge = np.minimum(rows, len(window) - 1 - rows)
        place = np.searchsorted(DISTANCES, from_edge, side="right") - 1
        learned = np.abs(exact.learned.astype(np.float64) - shared.learned)
        largest = np.zeros(len(DISTANCES))
        np.maximum.at(largest, place, learned)
        return cls(
            learned=largest,
            total=np.bincount(place, learned, len(DISTANCES)),
            bases=np.bincount(place, minlength=len(DISTANCES)),
            applied=float(np.abs(exact.applied.astype(np.float64) - shared.applied).max()),
            expression=abs(exact.expression - shared.expression),
        )

    def joined(self, other: Self) -> Self:
        """The difference of the windows of both."""
        return type(self)(
            learned=np.maximum(self.learned, other.learned),
            total=self.total + other.total,
            bases=self.bases + other.bases,
            applied=float(np.maximum(self.applied, other.applied)),
            expression=float(np.maximum(self.expression, other.expression)),
        )


def choose_samples(regions: Sequence[Region], count: int) -> list[Sample]:
    """Windows to compare, spread evenly over those that share a region: alone in one, nothing differs."""
    shared = [Sample(region, window) for region in regions for window in region.windows[: _sharing(region)]]
    count = min(count, len(shared))
    return [shared[(2 * index + 1) * len(shared) // (2 * count)] for index in range(count)]


def compare(model: Seq2Exp, reader: InputReader, sample: Sample, device: torch.device) -> Difference:
    """Scores a window both ways.

    Args:
        model: A model whose windows can share a pass, in evaluation mode and on `device`.
        reader: Assembles what the model reads for a gene.
        sample: The window.
        device: Where the arithmetic happens.
    """
    inputs = read_region(reader, sample.region)
    own = inputs[sample.region.windows.index(sample.window)]
    logits = region_logits(model, sample.region, inputs, device)[:, sample.region.rows_of(sample.window)]
    return Difference.between(score_window(model, own, device), score_window(model, own, device, logits))


def _sharing(region: Region) -> int:
    """How many windows of a region share it with another."""
    return len(region.windows) if len(region.windows) > 1 else 0
