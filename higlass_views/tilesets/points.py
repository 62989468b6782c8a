"""Values at single bases, such as expression at the TSSs of genes."""

from typing import ClassVar

import numpy as np
from jaxtyping import Float, Int64

from higlass_views.tilesets.axis import BINS_PER_TILE, GenomeAxis
from higlass_views.tilesets.dense import Aggregation, Bins, DenseTileset
from higlass_views.tilesets.signal import mean_of


class PointTiles(DenseTileset):
    """Values at single bases. A bin shows the largest of its own, so that none is lost on zooming out.

    Args:
        positions: Absolute position of each value, in any order; several values may share one.
        values: The values; NaN counts as none.
        axis: The axis of the run.
        name: Title shown to people.
    """

    aggregations: ClassVar[tuple[Aggregation, ...]] = (Aggregation.MAX,)

    def __init__(
        self,
        positions: Int64[np.ndarray, " points"],
        values: Float[np.ndarray, " points"],
        axis: GenomeAxis,
        name: str,
    ) -> None:
        super().__init__(axis, name)
        known = ~np.isnan(values)
        order = np.argsort(positions[known], kind="stable")
        self._positions = positions[known][order]
        self._values = values[known][order].astype(np.float64)

    def bins(self, start: int, size: int, aggregation: Aggregation) -> Bins:
        """Values of the 1,024 bins of `size` bp that begin at an absolute position, NaN where none is."""
        first, last = np.searchsorted(self._positions, [start, start + size * BINS_PER_TILE])
        bins = (self._positions[first:last] - start) // size
        values = self._values[first:last]
        if aggregation is Aggregation.MEAN:
            totals = np.bincount(bins, values, BINS_PER_TILE)
            return mean_of(totals, np.bincount(bins, minlength=BINS_PER_TILE))
        largest = np.full(BINS_PER_TILE, np.nan)
        np.fmax.at(largest, bins, values)
        return largest.astype(np.float32)
