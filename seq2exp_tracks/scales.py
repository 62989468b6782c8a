"""How the values of a signal are distributed, and how one distribution is mapped to another.

A model reads signals on the scale that it was trained on: fold changes, say, of about 1 to 30. The same
experiment as raw counts, or as -log10 of a p-value, has the same peaks and other numbers. A checkpoint that
was trained here therefore tells how the values of its signals were distributed.

Zeros stand for nothing seen, so they are counted apart and stay 0 under every map.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self, TypeVar

import numpy as np
from jaxtyping import Float32, Float64

from seq2exp_tracks.windows import Window

Match = Literal["none", "quantile", "factor"]
"""How signals are brought to the scale of the training."""

LEVELS: tuple[float, ...] = (*(percent / 100 for percent in range(100)), 0.995, 0.999, 0.9999, 1.0)
"""Shares of the values above 0 that lie at or below each quantile; more of them where peaks are."""

MEDIAN = LEVELS.index(0.5)

MOST_WINDOWS = 200
"""Windows that a distribution is taken of."""

MOST_VALUES = 4_000_000
"""Values that it is taken of: of longer windows every second, third, … base is read."""

_DIGITS = 7  # what float32 holds

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Distribution:
    """The values of a signal over a sample of windows.

    Attributes:
        zeros: Share of the bases at which it is 0.
        quantiles: Quantiles of the other values at `LEVELS`, none below the one before; empty where there
            are no other values.

    Raises:
        ValueError: If it cannot be the distribution of a signal.
    """

    zeros: float
    quantiles: tuple[float, ...]

    def __post_init__(self) -> None:
        if not 0 <= self.zeros <= 1:
            raise ValueError(f"a share of zeros of {self.zeros}")
        if len(self.quantiles) not in (0, len(LEVELS)):
            raise ValueError(f"{len(self.quantiles)} quantiles instead of {len(LEVELS)}")
        steps = zip((0.0, *self.quantiles), self.quantiles, strict=False)
        if not all(0 < high < math.inf and low <= high for low, high in steps):
            raise ValueError("quantiles that are not above 0 and in order")

    @classmethod
    def of(cls, values: Float32[np.ndarray, " values"]) -> Self:
        """The distribution of values that are finite and not below 0."""
        above = values[values > 0]
        zeros = 1 - len(above) / len(values) if len(values) else 1.0
        if not len(above):
            return cls(1.0, ())
        # A quantile is a value that was seen: between two of them nothing is made up.
        # A share of exactly so many values is that, however the level is rounded.
        levels = np.array(LEVELS) * (1 - 1e-12)
        quantiles = np.quantile(above, levels, method="inverted_cdf")
        return cls(_rounded(zeros), tuple(_rounded(value) for value in quantiles))

    @classmethod
    def from_json(cls, values: Any) -> Self:
        """Reads what `to_json` wrote.

        Raises:
            ValueError: If it is something else.
        """
        try:
            return cls(float(values["zeros"]), tuple(float(value) for value in values["quantiles"]))
        except (LookupError, TypeError) as error:
            raise ValueError(f"not the distribution of a signal ({error})") from error

    def to_json(self) -> dict[str, Any]:
        """The distribution as plain values that JSON can hold."""
        return {"zeros": self.zeros, "quantiles": list(self.quantiles)}

    @property
    def is_empty(self) -> bool:
        """Whether the signal is 0 everywhere."""
        return not self.quantiles

    def quantile(self, level: float) -> float:
        """The quantile of the values above 0 at one of `LEVELS`; 0 where there are none."""
        return self.quantiles[LEVELS.index(level)] if self.quantiles else 0.0

    def mapped(self, scale: "ScaleMap") -> Self:
        """The distribution after a map: quantiles go through it as all values do."""
        values = scale(np.array(self.quantiles, np.float32))
        return type(self)(self.zeros, tuple(_rounded(value) for value in values))

    def __str__(self) -> str:
        """Median, 90% and 99% of the values above 0, for people."""
        if self.is_empty:
            return "0 everywhere"
        return " / ".join(f"{self.quantile(level):.3g}" for level in (0.5, 0.9, 0.99))


@dataclass(frozen=True, slots=True)
class ScaleMap:
    """A map of values to another scale: 0 to 0, straight lines between knots, a straight line beyond them.

    A single knot is a factor.

    Attributes:
        knots: Values above 0, each above the one before.
        images: What they become; none below the one before.

    Raises:
        ValueError: If they are not such.
    """

    knots: tuple[float, ...]
    images: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.knots or len(self.knots) != len(self.images):
            raise ValueError(f"{len(self.knots)} knots and {len(self.images)} images")
        rising = all(low < high for low, high in zip((0.0, *self.knots), self.knots, strict=False))
        kept = all(low <= high for low, high in zip((0.0, *self.images), self.images, strict=False))
        if not (rising and kept and self.images[-1] > 0 and math.isfinite(self.knots[-1] + self.images[-1])):
            raise ValueError("knots of a map of scales are above 0 and rise, and their images do not fall")

    def __call__(self, values: Float32[np.ndarray, " values"]) -> Float32[np.ndarray, " values"]:
        """Maps values that are not below 0; those above the last knot by its ratio."""
        last = self.knots[-1]
        mapped: Float64[np.ndarray, " values"] = np.interp(values, (0.0, *self.knots), (0.0, *self.images))
        above = values > last
        mapped[above] = values[above].astype(np.float64) * (self.images[-1] / last)
        return mapped.astype(np.float32)

    @classmethod
    def from_json(cls, values: Any) -> Self:
        """Reads what `to_json` wrote.

        Raises:
            ValueError: If it is something else.
        """
        try:
            return cls(*(tuple(float(value) for value in values[name]) for name in ("from", "to")))
        except (LookupError, TypeError) as error:
            raise ValueError(f"not a map of scales ({error})") from error

    def to_json(self) -> dict[str, Any]:
        """The map as plain values that JSON can hold."""
        return {"from": list(self.knots), "to": list(self.images)}


def by_factor(given: Distribution, trained: Distribution) -> ScaleMap | None:
    """The factor that brings the median of the values above 0 to the trained one; None without values."""
    if given.is_empty or trained.is_empty:
        return None
    return ScaleMap((1.0,), (trained.quantiles[MEDIAN] / given.quantiles[MEDIAN],))


def by_quantiles(given: Distribution, trained: Distribution) -> ScaleMap | None:
    """The map of each quantile to the trained one; None without values.

    Where several quantiles are one value, as with counts, it goes to the middle one of theirs.
    """
    if given.is_empty or trained.is_empty:
        return None
    places: dict[float, list[float]] = {}
    for value, image in zip(given.quantiles, trained.quantiles, strict=True):
        places.setdefault(value, []).append(image)
    return ScaleMap(tuple(places), tuple(images[len(images) // 2] for images in places.values()))


MAPS: Mapping[str, Callable[[Distribution, Distribution], ScaleMap | None]] = {
    "factor": by_factor,
    "quantile": by_quantiles,
}
"""Ways to match, by the name of the option."""


def spread(items: Sequence[Item], most: int = MOST_WINDOWS) -> list[Item]:
    """Some items, at even distances from the first to the last; all if they are few."""
    places = np.linspace(0, len(items) - 1, min(most, len(items)))
    return [items[round(float(place))] for place in places]


def measure(
    read: Callable[[Window], Float32[np.ndarray, " inside"]], windows: Sequence[Window]
) -> Distribution:
    """Takes the distribution of a signal over windows, without their padding.

    Args:
        read: Gives the values of a window; it is asked for at most `MOST_WINDOWS`.
        windows: Where, in an order in which neighbours are neighbours.

    Raises:
        InputError: If the file is damaged.
    """
    some = spread(windows)
    step = max(1, -(-sum(len(window.inside) for window in some) // MOST_VALUES))
    parts = [read(window)[::step] for window in some]
    return Distribution.of(np.concatenate(parts) if parts else np.empty(0, np.float32))


def _rounded(value: float) -> float:
    return float(f"{float(value):.{_DIGITS}g}")
