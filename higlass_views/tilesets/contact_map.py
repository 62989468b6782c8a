"""The map of Hi-C contacts of a genome, in two dimensions."""

from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Float64, Int64

from higlass_views.tilesets.axis import GenomeAxis
from higlass_views.tilesets.dense import encode
from higlass_views.tilesets.tileset import GenomeTileset, TileId
from seq2exp_tracks.io.contact_maps import BinRange, ContactMap

BINS_PER_SIDE = 256

# A zoom level that the file does not have is made of up to 16 x 16 of its bins a pixel: 4,096 bins a side of
# a tile, which take about a second in deep experiments. Files of few contacts are read whole instead.
_MOST_JOINED = 16
_FEW_PIXELS = 4_000_000

# Pixels along a usual screen, by which the client chooses a zoom level.
_SCREEN = 1_000

Pixels = Float64[np.ndarray, "rows columns"]


@dataclass(frozen=True, slots=True)
class _Level:
    """A zoom level: bins of the file, of which `joined` make the side of a pixel; drawn or left empty."""

    resolution: int
    joined: int
    drawn: bool

    @property
    def pixel(self) -> int:
        """Side of a pixel in bp."""
        return self.resolution * self.joined


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """The bins of one chromosome whose middles lie on one side of a tile.

    Attributes:
        bins: The bins; never empty.
        pixels: Pixel of each of them along the side.
        defined: 1 where its contacts are defined, else 0.
    """

    bins: BinRange
    pixels: Int64[np.ndarray, " bins"]
    defined: Float64[np.ndarray, " bins"]


class ContactMapTiles(GenomeTileset):
    """Normalised contacts. A pixel is the mean over the pairs of the file's bins whose middles lie in it.

    Pairs without a contact count as 0; pairs that the normalisation leaves undefined do not count.
    Chromosomes of a pixel or less are left out. Where the file's own resolutions end, coarser ones are made
    of them as far as that is quick; beyond, tiles are empty and the name says so.

    Args:
        path: `.hic`, `.cool` or `.mcool` file; chromosomes that it lacks stay empty.
        axis: The axis of the run.
        normalization: As `io.contact_maps.ContactMap` names them.
        name: Title shown to people.

    Raises:
        InputError: If the file cannot be read, belongs to another assembly, or lacks the normalisation.
    """

    datatype: ClassVar[str] = "matrix"
    dimensions: ClassVar[int] = 2

    def __init__(self, path: str | Path, axis: GenomeAxis, normalization: str, name: str) -> None:
        self._map = ContactMap(path, axis.sizes, normalization)
        self._levels = _levels(self._map, axis)
        empty = [level for level in self._levels if not level.drawn]
        if empty:
            widest = self._levels[len(empty)].pixel * _SCREEN
            name += f" (zoom in to less than about {widest / 1e6:,.3g} Mb)"
        super().__init__(axis, name)

    def info(self) -> dict[str, Any]:
        """What the client has to know before it asks for tiles; can be written as JSON."""
        shared = {key: value for key, value in super().info().items() if key != "max_width"}
        return shared | {
            "tile_size": BINS_PER_SIDE,
            "bins_per_dimension": BINS_PER_SIDE,
            "max_zoom": len(self._levels) - 1,
            "resolutions": [level.pixel for level in self._levels],
            "transforms": [],
        }

    def tiles_at(self, zoom: int) -> int:
        """Tiles of a zoom level along each dimension; 0 where there is no such level."""
        if zoom >= len(self._levels):
            return 0
        return -(-self.axis.length // (self._levels[zoom].pixel * BINS_PER_SIDE))

    def tile(self, place: TileId) -> dict[str, Any]:
        """One tile of 256 x 256 pixels, row by row; x runs along a row."""
        level = self._levels[place.zoom]
        pixels = np.full((BINS_PER_SIDE, BINS_PER_SIDE), np.nan)
        if level.drawn:
            columns, rows = (self._sides(level, number) for number in place.places)
            pixels = self._means(level, rows, columns)
        return encode(pixels.ravel(), compact=True)

    def _means(self, level: _Level, rows: list[_Side], columns: list[_Side]) -> Pixels:
        """Mean contact of each pixel, NaN where no pair is defined."""
        totals, pairs = np.zeros((2, BINS_PER_SIDE, BINS_PER_SIDE))
        for row, column in product(rows, columns):
            first, second, contact = self._map.pixels(level.resolution, row.bins, column.bins)
            places = row.pixels[first - row.bins.first] * BINS_PER_SIDE
            places += column.pixels[second - column.bins.first]
            totals += np.bincount(places, contact, totals.size).reshape(totals.shape)
            pairs += np.outer(*(np.bincount(of.pixels, of.defined, BINS_PER_SIDE) for of in (row, column)))
        means: Pixels = np.divide(totals, pairs, out=np.full(totals.shape, np.nan), where=pairs > 0)
        return means

    def _sides(self, level: _Level, number: int) -> list[_Side]:
        """The bins along one side of a tile, a chromosome at a time."""
        width = level.resolution
        start = number * BINS_PER_SIDE * level.pixel
        sides = []
        for place in self.axis.chrom_bins(start, level.pixel, BINS_PER_SIDE):
            length, offset = self.axis.sizes[place.chrom], self.axis.offset(place.chrom)
            # hictk 1.4 does not find the contact of a bin with itself that is all of a short chromosome.
            if not self._map.has(place.chrom) or length <= level.pixel:
                continue
            first = max((start - offset) // width - 1, 0)
            last = min((start - offset) // width + BINS_PER_SIDE * level.joined + 2, -(-length // width))
            bins = np.arange(first, last)
            middles = offset + (bins * width + np.minimum((bins + 1) * width, length)) // 2
            pixels = (middles - start) // level.pixel
            inside = (pixels >= 0) & (pixels < BINS_PER_SIDE)
            if inside.any():
                chosen = BinRange(place.chrom, int(bins[inside][0]), int(bins[inside][-1]) + 1)
                defined = self._map.defined(width, place.chrom)[chosen.first : chosen.last]
                sides.append(_Side(chosen, pixels[inside], defined.astype(np.float64)))
        return sides


def _levels(contacts: ContactMap, axis: GenomeAxis) -> list[_Level]:
    """Zoom levels from the one whose one tile holds the whole axis to the finest of the file."""
    levels = [_Level(width, 1, True) for width in contacts.resolutions]
    coarsest = contacts.resolutions[-1]
    stored = contacts.stored_pixels(coarsest)
    small = stored is not None and stored <= _FEW_PIXELS
    joined = 2
    while levels[-1].pixel * BINS_PER_SIDE < axis.length:
        levels.append(_Level(coarsest, joined, small or joined <= _MOST_JOINED))
        joined *= 2
    return levels[::-1]
