"""How alike two masks are, counted up piece by piece: a genome never has to be in memory."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64


@dataclass(slots=True)
class MaskComparison:
    """Means and moments of pairs of values, joined by the update of Chan, Golub and LeVeque (1979).

    Attributes:
        bases: Bases that were compared.
        mean_a: Mean of the first mask.
        mean_b: Mean of the second mask.
        absolute: Sum of the absolute differences.
        squares_a: Sum of squared deviations of the first mask from its mean.
        squares_b: The same of the second.
        products: Sum of the products of both deviations.
    """

    bases: int = 0
    mean_a: float = 0.0
    mean_b: float = 0.0
    absolute: float = 0.0
    squares_a: float = 0.0
    squares_b: float = 0.0
    products: float = 0.0

    def add(self, a: Float64[np.ndarray, " bases"], b: Float64[np.ndarray, " bases"]) -> None:
        """Counts the values of bases that have both."""
        if len(a) == 0:
            return
        mean_a, mean_b = float(a.mean()), float(b.mean())
        off_a, off_b = a - mean_a, b - mean_b
        total = self.bases + len(a)
        shift_a, shift_b = mean_a - self.mean_a, mean_b - self.mean_b
        weight = self.bases * len(a) / total
        self.squares_a += float(off_a @ off_a) + shift_a * shift_a * weight
        self.squares_b += float(off_b @ off_b) + shift_b * shift_b * weight
        self.products += float(off_a @ off_b) + shift_a * shift_b * weight
        self.mean_a += shift_a * len(a) / total
        self.mean_b += shift_b * len(a) / total
        self.absolute += float(abs(a - b).sum())
        self.bases = total

    @property
    def mean_absolute_difference(self) -> float | None:
        """Mean of |A - B| over the bases; None where there are none."""
        return self.absolute / self.bases if self.bases else None

    @property
    def pearson(self) -> float | None:
        """Pearson's correlation of the masks; None where one of them is constant."""
        spread = self.squares_a * self.squares_b
        # Sums of a constant's deviations are not exactly 0.
        if min(self.squares_a, self.squares_b) <= 1e-12 * self.bases:
            return None
        return float(self.products / np.sqrt(spread))
