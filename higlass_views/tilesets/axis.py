"""The one axis on which all tilesets of a run lie: its chromosomes laid end to end.

HiGlass knows absolute positions only. Two tilesets whose chromosomes differ in order or length would be drawn
shifted against each other, so every tileset is made with the axis of the run. Knows no files.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Int64

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes, Interval

BINS_PER_TILE = 1_024
"""Bins of a tile along the axis. At the deepest zoom a bin is one base."""


@dataclass(frozen=True, slots=True)
class ChromBins:
    """The bins of a tile that hold a base of one chromosome.

    The first and the last may hold bases of other chromosomes, too.

    Attributes:
        chrom: The chromosome.
        bins: The bins, as a slice of the tile.
        start: Where the first of these bins begins, counted from the chromosome's first base; negative where
            it begins on the chromosome before.
    """

    chrom: str
    bins: slice
    start: int

    def __len__(self) -> int:
        return int(self.bins.stop - self.bins.start)


@dataclass(frozen=True, slots=True, eq=False)
class GenomeAxis:
    """Chromosomes laid end to end; a position on the axis is 0-based and absolute.

    Attributes:
        sizes: Chromosomes in their order.
        assembly: Name of the genome, which the client is told.
        length: Length of the axis in bp.
        max_zoom: Deepest zoom level: the one at which a bin of a tile is one base.
    """

    sizes: ChromSizes
    assembly: str = ""
    length: int = field(init=False)
    max_zoom: int = field(init=False)
    _names: tuple[str, ...] = field(init=False, repr=False)
    _offsets: Int64[np.ndarray, " chroms_and_end"] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        offsets = np.concatenate([[0], np.cumsum(list(self.sizes.values()), dtype=np.int64)])
        length = int(offsets[-1])
        tiles = -(-length // BINS_PER_TILE)
        object.__setattr__(self, "_offsets", offsets)
        object.__setattr__(self, "_names", tuple(self.sizes))
        object.__setattr__(self, "length", length)
        object.__setattr__(self, "max_zoom", (tiles - 1).bit_length())

    @property
    def max_width(self) -> int:
        """Width in bp of the one tile of zoom level 0, which holds the whole axis."""
        return BINS_PER_TILE << self.max_zoom

    def tile_width(self, zoom: int) -> int:
        """Width of a tile in bp."""
        return self.max_width >> zoom

    def offset(self, chrom: str) -> int:
        """Absolute position of a chromosome's first base."""
        return int(self._offsets[self.sizes.rank(chrom)])

    def position(self, absolute: int) -> tuple[str, int]:
        """The chromosome and base of an absolute position.

        Raises:
            InputError: If it lies off the axis.
        """
        if not 0 <= absolute < self.length:
            raise InputError(f"position {absolute:,} lies off the genome of {self.length:,} bp")
        rank = int(np.searchsorted(self._offsets, absolute, side="right")) - 1
        return self._names[rank], absolute - int(self._offsets[rank])

    def absolute(self, interval: Interval) -> tuple[int, int]:
        """Absolute start and end of an interval, half-open."""
        offset = self.offset(interval.chrom)
        return offset + interval.start, offset + interval.end

    def chrom_bins(self, start: int, size: int, count: int = BINS_PER_TILE) -> Iterator[ChromBins]:
        """The chromosomes that bins lie on, in their order.

        Args:
            start: Absolute position of the first bin.
            size: Bases a bin.
            count: Number of bins; those past the end of the axis lie on no chromosome.
        """
        end = start + size * count
        first = int(np.searchsorted(self._offsets, start, side="right")) - 1
        last = int(np.searchsorted(self._offsets, end, side="left"))
        for chrom, offset, next_offset in zip(
            self._names[first:last],
            self._offsets[first:].tolist(),
            self._offsets[first + 1 :].tolist(),
            strict=False,
        ):
            low = max(offset - start, 0) // size
            high = -(-(min(next_offset, end) - start) // size)
            yield ChromBins(chrom, slice(low, high), start + low * size - offset)
