"""GenomeTileset: what all tilesets have in common, and the ids of tiles as the HiGlass client sends them."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

import higlass as hg

from higlass_views.tilesets.axis import BINS_PER_TILE, GenomeAxis

Tile: TypeAlias = Any
"""What the client is sent for a tile: a dict of dense values, or a list of items."""


class BadTileId(ValueError):  # noqa: N818 # it is the id that is bad
    """A tile id that no client would send: malformed, or of a tile that does not exist."""


@dataclass(frozen=True, slots=True)
class TileId:
    """The place of a tile.

    Attributes:
        zoom: Zoom level; 0 shows the whole axis.
        places: Number of the tile along each dimension.
        option: What follows the places: how values are aggregated; empty where nothing does.
    """

    zoom: int
    places: tuple[int, ...]
    option: str

    @classmethod
    def parse(cls, text: str, dimensions: int) -> "TileId":
        """Reads `UID.zoom.x[.option]`, or `UID.zoom.x.y[.option]` in two dimensions.

        Raises:
            BadTileId: If the text is something else.
        """
        _, *parts = text.split(".")
        numbers, rest = parts[: dimensions + 1], parts[dimensions + 1 :]
        well_formed = len(numbers) == dimensions + 1 and len(rest) <= 1
        # As many digits as any genome needs: int() of a million of them would take its time.
        if not (well_formed and all(_is_number(number) for number in numbers)):
            raise BadTileId(f"not a tile id: {text[:80]!r}")
        zoom, *places = map(int, numbers)
        return cls(zoom, tuple(places), "".join(rest))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 12


class GenomeTileset(hg.Tileset):  # type: ignore[misc] # higlass-python ships no types
    """A tileset on the axis of a run; whoever inherits says what a tile holds.

    Attributes:
        axis: The axis.
        name: Title shown to people.
        datatype: HiGlass' word for the kind of data, by which it chooses tracks.
        dimensions: 1 along the genome, 2 for maps.
    """

    datatype: ClassVar[str]
    dimensions: ClassVar[int] = 1

    def __init__(self, axis: GenomeAxis, name: str) -> None:
        self.axis = axis
        self.name = name

    def info(self) -> dict[str, Any]:
        """What the client has to know before it asks for tiles; can be written as JSON."""
        return {
            "name": self.name,
            "datatype": self.datatype,
            "coordSystem": self.axis.assembly,
            "tile_size": BINS_PER_TILE,
            "bins_per_dimension": BINS_PER_TILE,
            "max_width": self.axis.max_width,
            "max_zoom": self.axis.max_zoom,
            "min_pos": [0] * self.dimensions,
            "max_pos": [self.axis.length] * self.dimensions,
            "chromsizes": [[name, length] for name, length in self.axis.sizes.items()],
        }

    def tiles(self, tile_ids: Sequence[str]) -> list[tuple[str, Tile]]:
        """Tiles by their ids, in the order asked for; may be called from several threads at once.

        Raises:
            BadTileId: If an id is none, or its tile does not exist.
            InputError: If a file cannot be read any more.
        """
        places = [(text, self._place(text)) for text in tile_ids]
        return [(text, self.tile(place)) for text, place in places]

    @abstractmethod
    def tile(self, place: TileId) -> Tile:
        """One tile."""

    def options(self) -> tuple[str, ...]:
        """What may follow the places in a tile's id."""
        return ()

    def tiles_at(self, zoom: int) -> int:
        """Tiles of a zoom level along each dimension; 0 where there is no such level."""
        return 1 << zoom if zoom <= self.axis.max_zoom else 0

    def _place(self, text: str) -> TileId:
        place = TileId.parse(text, self.dimensions)
        if max(place.places) >= self.tiles_at(place.zoom):
            raise BadTileId(f"no such tile: {text!r}; zoom levels are 0 to {self.axis.max_zoom}")
        if place.option and place.option not in self.options():
            raise BadTileId(f"no such option of a tile: {text[:80]!r}; to be had: {self.options()}")
        return place
