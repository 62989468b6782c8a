"""Called elements as items of HiGlass' bedlike tracks: the columns of a run's table, one by one."""

from typing import Any, ClassVar

import pyarrow as pa

from higlass_views.tilesets.axis import GenomeAxis
from higlass_views.tilesets.items import ItemIndex
from higlass_views.tilesets.rows import Places, as_fields, numbers, whole
from higlass_views.tilesets.tileset import GenomeTileset, TileId

MOST_ELEMENTS = 200


class ElementTiles(GenomeTileset):
    """Elements of a run. In a crowded tile those of a low score give way to those of a higher one.

    An item's `fields` are the columns of the table in their order, as text, `.` where there is no value; its
    `uid` is the row of the table, from 0.

    Args:
        table: Elements, with the columns of `run_reader.ELEMENT_COLUMNS`.
        axis: The axis of the run.
        name: Title shown to people.
        most: Most elements of a tile.

    Raises:
        InputError: If an element lies off the genome.
    """

    datatype: ClassVar[str] = "bedlike"

    def __init__(self, table: pa.Table, axis: GenomeAxis, name: str, most: int = MOST_ELEMENTS) -> None:
        super().__init__(axis, name)
        self._table = table.combine_chunks()
        self._most = most
        self._offsets = Places.of(table, axis, name).offsets
        starts, ends = (self._offsets + whole(table[column]) for column in ("start", "end"))
        self._index = ItemIndex.of(starts, ends, numbers(table["mean_score"]))

    def tile(self, place: TileId) -> list[dict[str, Any]]:
        """The elements that touch a tile."""
        width = self.axis.tile_width(place.zoom)
        start = place.places[0] * width
        rows = self._index.foremost(start, start + width, self._most)
        return [
            {
                "uid": str(row),
                "xStart": offset + record["start"],
                "xEnd": offset + record["end"],
                "chrOffset": offset,
                "importance": record["mean_score"],
                "fields": as_fields(record.values()),
            }
            for row, offset, record in zip(
                rows.tolist(), self._offsets[rows].tolist(), self._table.take(rows).to_pylist(), strict=True
            )
        ]
