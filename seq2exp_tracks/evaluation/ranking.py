"""How well scores rank what is regulatory above what is not: AUPRC, AUROC, precision at a coverage.

Scores are counted by level first, apart for each unit that the bootstrap draws (a gene, a block of the
genome): every measure and every draw then costs no more than the number of levels, however many bases there
are. What ties, ties: bases of one level are taken together, or in random order where a coverage cuts them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Self, TypeAlias

import numpy as np
from jaxtyping import Bool, Float64, Int64, Shaped

from seq2exp_tracks.evaluation.expression import DRAWS, INTERVAL, Estimate

MOST_LEVELS = 4096
"""Scores of more distinct values are cut into so many levels of about as many items each.

A heap of items at the lowest score, such as bases without signal, is a level of its own.
"""

_WITH_INTERVAL = 2  # fewer units than this cannot be drawn from

Counts: TypeAlias = Float64[np.ndarray, "draws levels"]


class Draws(NamedTuple):
    """Items by level, for each draw of the bootstrap; the highest level first.

    Attributes:
        positive: Items of each level that are regulatory.
        negative: Those that are not.
        hit: Regulatory items of each level and those above it.
        called: All items of each level and those above it.
    """

    positive: Counts
    negative: Counts
    hit: Counts
    called: Counts

    @classmethod
    def of(cls, positive: Counts, negative: Counts) -> "Draws":
        """Adds up the levels from above."""
        return cls(positive, negative, np.cumsum(positive, 1), np.cumsum(positive + negative, 1))


Measure: TypeAlias = Callable[[Draws], Float64[np.ndarray, " draws"]]


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """Items counted by the level of their score, the highest level first.

    Attributes:
        positive: Items that are regulatory, by unit and level.
        negative: Items that are not.
    """

    positive: Float64[np.ndarray, "units levels"]
    negative: Float64[np.ndarray, "units levels"]

    @classmethod
    def of(
        cls,
        scores: Shaped[np.ndarray, " items"],
        truth: Bool[np.ndarray, " items"],
        units: Int64[np.ndarray, " items"],
    ) -> Self:
        """Counts items.

        Args:
            scores: Score of each item, higher for what is called first; none is NaN.
            truth: Whether it is regulatory.
            units: Number of the unit that it belongs to, from 0.
        """
        levels, count = _levels(scores)
        shape = (int(units.max(initial=-1)) + 1, count)
        cells = units * count + (count - 1 - levels)

        def counted(chosen: Bool[np.ndarray, " items"]) -> Float64[np.ndarray, "units levels"]:
            return np.bincount(cells[chosen], minlength=shape[0] * count).reshape(shape).astype(np.float64)

        return cls(counted(truth), counted(~truth))

    @property
    def decided(self) -> bool:
        """Whether there are items of both kinds: without, nothing can be measured."""
        return bool(self.positive.sum() > 0 and self.negative.sum() > 0)

    def estimates(self, *measures: Measure, seed: int = 0) -> list[Estimate]:
        """Measures with their 95 % intervals by the bootstrap over units; NaN where they are not defined."""
        if not self.decided:
            return [Estimate(np.nan, np.nan, np.nan) for _ in measures]
        values = [float(measure(self._together())[0]) for measure in measures]
        units = len(self.positive)
        if units < _WITH_INTERVAL:
            return [Estimate(value, np.nan, np.nan) for value in values]
        rng = np.random.default_rng(seed)
        times = rng.multinomial(units, np.full(units, 1 / units), size=DRAWS).astype(np.float64)
        positive, negative = times @ self.positive, times @ self.negative
        both = (positive.sum(1) > 0) & (negative.sum(1) > 0)
        if not both.any():
            return [Estimate(value, np.nan, np.nan) for value in values]
        draws = Draws.of(positive[both], negative[both])
        ends = [np.percentile(measure(draws), INTERVAL) for measure in measures]
        return [
            Estimate(value, float(low), float(high)) for value, (low, high) in zip(values, ends, strict=True)
        ]

    def curve(self) -> tuple[Float64[np.ndarray, " levels"], Float64[np.ndarray, " levels"]]:
        """Recall and precision when all items down to each level are called, the highest level first."""
        together = self._together()
        hit, called = together.hit[0], together.called[0]
        return hit / max(float(self.positive.sum()), 1.0), hit / np.maximum(called, 1)

    def _together(self) -> Draws:
        """The counts of all units together, as a single draw."""
        return Draws.of(self.positive.sum(0, keepdims=True), self.negative.sum(0, keepdims=True))


def auprc(draws: Draws) -> Float64[np.ndarray, " draws"]:
    """Average precision: the precision at each level, weighted by the recall that the level adds."""
    precision = draws.hit / np.maximum(draws.called, 1)
    area: Float64[np.ndarray, " draws"] = (precision * draws.positive).sum(1) / draws.hit[:, -1]
    return area


def auroc(draws: Draws) -> Float64[np.ndarray, " draws"]:
    """Chance that an item that is regulatory scores above one that is not; ties count half."""
    positive, negative = draws.hit[:, -1], draws.called[:, -1] - draws.hit[:, -1]
    above = draws.hit - draws.positive / 2
    area: Float64[np.ndarray, " draws"] = (above * draws.negative).sum(1) / positive / negative
    return area


def precision_at(share: float) -> Measure:
    """Precision when the best so large share of all items is called; expected value over ties."""

    def measure(draws: Draws) -> Float64[np.ndarray, " draws"]:
        precision: Float64[np.ndarray, " draws"] = _hits(draws, share) / (share * draws.called[:, -1])
        return precision

    return measure


def recall_at(share: float) -> Measure:
    """Recall when the best so large share of all items is called; see `precision_at`."""

    def measure(draws: Draws) -> Float64[np.ndarray, " draws"]:
        recall: Float64[np.ndarray, " draws"] = _hits(draws, share) / draws.hit[:, -1]
        return recall

    return measure


def _hits(draws: Draws, share: float) -> Float64[np.ndarray, " draws"]:
    """Regulatory items among the best share of each draw: linear inside the level that the share cuts."""
    hits = np.empty(len(draws.hit))
    for draw, (hit, called) in enumerate(zip(draws.hit, draws.called, strict=True)):
        hits[draw] = np.interp(share * called[-1], np.append(0, called), np.append(0, hit))
    return hits


def _levels(scores: Shaped[np.ndarray, " items"]) -> tuple[Int64[np.ndarray, " items"], int]:
    """The level of each score, from 0 for the lowest, and how many levels there are."""
    values = np.unique(scores)
    if len(values) <= MOST_LEVELS:
        return np.searchsorted(values, scores).astype(np.int64), max(len(values), 1)
    above = scores[scores > values[0]]
    if (len(scores) - len(above)) * MOST_LEVELS <= len(scores):  # no more at the lowest than in a level
        edges = np.unique(np.quantile(scores, np.arange(1, MOST_LEVELS) / MOST_LEVELS))
    else:
        parts = np.arange(1, MOST_LEVELS - 1) / (MOST_LEVELS - 1)
        edges = np.unique([values[1], *np.quantile(above, parts)])
    return np.searchsorted(edges, scores, side="right").astype(np.int64), len(edges) + 1
