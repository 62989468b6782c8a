"""Dense tiles: one value a bin, NaN where there is none, as the HiGlass client decodes them."""

from abc import abstractmethod
from base64 import b64encode
from enum import StrEnum
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Float32

from higlass_views.tilesets.axis import BINS_PER_TILE
from higlass_views.tilesets.tileset import GenomeTileset, TileId

_HALF = np.finfo(np.float16)

Bins = Float32[np.ndarray, " bins"]


class Aggregation(StrEnum):
    """How the values of a bin's bases become one."""

    MEAN = "mean"
    MAX = "max"


class DenseTileset(GenomeTileset):
    """A tileset along the genome with one value a bin; whoever inherits reads the values."""

    datatype: ClassVar[str] = "vector"
    aggregations: ClassVar[tuple[Aggregation, ...]] = (Aggregation.MEAN, Aggregation.MAX)

    def info(self) -> dict[str, Any]:
        """What the client has to know before it asks for tiles; can be written as JSON."""
        modes = {mode.value: {"name": mode.value.title(), "value": mode.value} for mode in self.aggregations}
        return super().info() | {"aggregation_modes": modes}

    def options(self) -> tuple[str, ...]:
        """The names of the aggregations; without one, the first of them is meant."""
        return tuple(mode.value for mode in self.aggregations)

    def tile(self, place: TileId) -> dict[str, Any]:
        """One tile of exactly 1,024 bins, also over the ends of chromosomes and of the genome."""
        width = self.axis.tile_width(place.zoom)
        start = place.places[0] * width
        aggregation = Aggregation(place.option) if place.option else self.aggregations[0]
        return encode(self.bins(start, width // BINS_PER_TILE, aggregation))

    @abstractmethod
    def bins(self, start: int, size: int, aggregation: Aggregation) -> Bins:
        """Values of the 1,024 bins of `size` bp that begin at an absolute position, NaN where none is."""


def encode(values: np.ndarray, compact: bool = False) -> dict[str, Any]:
    """A dense tile: base64 of little-endian float32, row by row.

    The least and the largest value go with it; the client reads them as JSON, which has no NaN, so a tile
    without any value says so by the string.

    Args:
        values: The values, NaN where there is none.
        compact: Whether float16 will do where all values are in its range: it has half the bytes, and is
            right to 0.05 %.
    """
    known = values[np.isfinite(values)]
    sizes = np.abs(known[known != 0])
    fits = compact and (not len(sizes) or (sizes.min() >= _HALF.tiny and sizes.max() <= _HALF.max))
    dtype = "float16" if fits else "float32"
    return {
        "dense": b64encode(values.astype(np.dtype(dtype).newbyteorder("<")).tobytes()).decode("ascii"),
        "dtype": dtype,
        "min_value": float(known.min()) if len(known) else "NaN",
        "max_value": float(known.max()) if len(known) else "NaN",
    }
