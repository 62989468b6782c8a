"""Agreement of predicted with measured expression, with intervals by the bootstrap over genes.

Names say what is computed: the published code's `r_square` is the squared Pearson correlation, not the share
of variance explained. Both are given.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

DRAWS = 1000
"""Draws of every bootstrap."""

INTERVAL = (2.5, 97.5)
"""Percentiles of a 95 % interval."""

Values = Float[np.ndarray, " genes"]
Measure = Callable[[Values, Values], float]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its interval.

    Attributes:
        value: Over all genes.
        low: Lower end of the 95 % interval.
        high: Upper end.
    """

    value: float
    low: float
    high: float


def mean_squared_error(predicted: Values, measured: Values) -> float:
    """Mean of squared differences."""
    return float(np.mean((predicted - measured) ** 2))


def mean_absolute_error(predicted: Values, measured: Values) -> float:
    """Mean of absolute differences."""
    return float(np.mean(np.abs(predicted - measured)))


def pearson(predicted: Values, measured: Values) -> float:
    """Pearson's correlation; NaN where either is constant."""
    if np.ptp(predicted) == 0 or np.ptp(measured) == 0:  # less their mean they may differ by a rounding
        return float("nan")
    predicted, measured = predicted - predicted.mean(), measured - measured.mean()
    scale = np.sqrt((predicted**2).sum() * (measured**2).sum())
    return float((predicted * measured).sum() / scale) if scale > 0 else float("nan")


def squared_pearson(predicted: Values, measured: Values) -> float:
    """The square of Pearson's correlation: what the published code prints as `r_square`."""
    return pearson(predicted, measured) ** 2


def explained_variance(predicted: Values, measured: Values) -> float:
    """Share of variance explained, 1 - SSE / SST: below 0 where the mean of all genes predicts better.

    NaN where the labels are constant.
    """
    if np.ptp(measured) == 0:
        return float("nan")
    total = ((measured - measured.mean()) ** 2).sum()
    return float(1 - ((measured - predicted) ** 2).sum() / total) if total > 0 else float("nan")


MEASURES: dict[str, Measure] = {
    "mse": mean_squared_error,
    "mae": mean_absolute_error,
    "pearson": pearson,
    "squared_pearson": squared_pearson,
    "explained_variance": explained_variance,
}
"""All of them, by the names under which they are written."""


def agreement(predicted: Values, measured: Values, seed: int = 0) -> dict[str, Estimate]:
    """Every measure with its interval; genes are drawn with replacement.

    Args:
        predicted: Predicted log10(1 + CAGE) of each gene.
        measured: The labels.
        seed: Seed of the draws.

    Raises:
        ValueError: If there are fewer than two genes, or not as many of both.
    """
    predicted, measured = np.asarray(predicted, np.float64), np.asarray(measured, np.float64)
    if predicted.shape != measured.shape or len(measured) < 2:
        raise ValueError(f"{predicted.shape} predictions and {measured.shape} labels")
    draws = np.random.default_rng(seed).integers(len(measured), size=(DRAWS, len(measured)))
    found = {}
    for name, measure in MEASURES.items():
        drawn = np.array([measure(predicted[rows], measured[rows]) for rows in draws])
        drawn = drawn[np.isfinite(drawn)]
        low, high = np.percentile(drawn, INTERVAL) if len(drawn) else (np.nan, np.nan)
        found[name] = Estimate(measure(predicted, measured), float(low), float(high))
    return found
