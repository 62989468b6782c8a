"""Tiles of a bigWig."""

from pathlib import Path

import numpy as np
import pybigtools

from higlass_views.tilesets.axis import BINS_PER_TILE, GenomeAxis
from higlass_views.tilesets.dense import Aggregation, Bins, DenseTileset


class BigWigTiles(DenseTileset):
    """The signal of a bigWig."""

    def __init__(self, path: str | Path, axis: GenomeAxis, name: str) -> None:
        super().__init__(axis, name)
        self.path = Path(path)
        self._file = pybigtools.open(str(path))
        self._names = axis.sizes.reconcile(self._file.chroms(), path)

    def bins(self, start: int, size: int, aggregation: Aggregation) -> Bins:
        """Values of the 1,024 bins of `size` bp that begin at an absolute position, NaN where none is."""
        values = np.full(BINS_PER_TILE, np.nan, np.float32)
        for stretch in self.axis.stretches(start, start + size * BINS_PER_TILE):
            name = self._names.get(stretch.interval.chrom)
            if name is None:
                continue
            first, last = (stretch.start - start) // size, -(-(stretch.end - start) // size)
            found = self._file.values(
                name,
                stretch.interval.start,
                stretch.interval.end,
                bins=last - first,
                summary=aggregation.value,
                exact=False,
                fillna=None,
            )
            values[first:last] = np.fmax(values[first:last], found)
        return values
