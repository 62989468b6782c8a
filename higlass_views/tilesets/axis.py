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
class Stretch:
    """A part of the axis that lies on one chromosome.

    Attributes:
        start: First position of the part, absolute.
        interval: The same bases on their chromosome.
    """

    start: int
    interval: Interval

    @property
    def end(self) -> int:
        """One past the last position, absolute."""
        return self.start + len(self.interval)


@dataclass(frozen=True, slots=True, eq=False)
class GenomeAxis:
    """Chromosomes laid end to end; a position on the axis is 0-based and absolute.

    Attributes:
        sizes: Chromosomes in their order.
        length: Length of the axis in bp.
        max_zoom: Deepest zoom level: the one at which a bin of a tile is one base.
    """

    sizes: ChromSizes
    length: int = field(init=False)
    max_zoom: int = field(init=False)
    _offsets: Int64[np.ndarray, " chroms_and_end"] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        offsets = np.concatenate([[0], np.cumsum(list(self.sizes.values()), dtype=np.int64)])
        length = int(offsets[-1])
        tiles = -(-length // BINS_PER_TILE)
        object.__setattr__(self, "_offsets", offsets)
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
        return list(self.sizes)[rank], absolute - int(self._offsets[rank])

    def absolute(self, interval: Interval) -> tuple[int, int]:
        """Absolute start and end of an interval, half-open."""
        offset = self.offset(interval.chrom)
        return offset + interval.start, offset + interval.end

    def stretches(self, start: int, end: int) -> Iterator[Stretch]:
        """Cuts a part of the axis at the ends of chromosomes; what lies off the axis is left out.

        Args:
            start: First position, absolute.
            end: One past the last position, absolute.
        """
        first = max(int(np.searchsorted(self._offsets, start, side="right")) - 1, 0)
        for chrom in list(self.sizes)[first:]:
            offset = self.offset(chrom)
            low, high = max(start, offset), min(end, offset + self.sizes[chrom])
            if low >= end:
                return
            if low < high:
                yield Stretch(low, Interval(chrom, low - offset, high - offset))
