"""Links of elements to genes as arcs: from the middle of an element to the TSS of its gene.

An item is what higlass-arcs 0.3 draws: an arc from `xStart` to `xEnd`, which are `fields[1]` and `fields[2]`
of the chromosome.
"""

from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from higlass_views.tilesets.axis import GenomeAxis
from higlass_views.tilesets.items import ItemIndex
from higlass_views.tilesets.rows import Places, as_fields, numbers, whole
from higlass_views.tilesets.tileset import GenomeTileset, TileId

MOST_LINKS = 200


class LinkTiles(GenomeTileset):
    """Links of a run. An arc is in every tile that it passes over; the highest scores stay in a crowded one.

    An item's `fields` are chromosome, left and right end of the arc, then the columns of the table from
    `name` to `tss`, and the element's `start` and `end`; as text, `.` where there is no value. Its `uid` is
    the row of the table, from 0.

    Args:
        table: Links, as `Run.link_table` gives them: elements, and the `tss` of their gene.
        axis: The axis of the run.
        name: Title shown to people.
        most: Most links of a tile.

    Raises:
        InputError: If a link lies off the genome.
    """

    datatype: ClassVar[str] = "bedlike"

    def __init__(self, table: pa.Table, axis: GenomeAxis, name: str, most: int = MOST_LINKS) -> None:
        super().__init__(axis, name)
        self._table = table.combine_chunks()
        self._most = most
        places = Places.of(table, axis, name)
        self._offsets = places.offsets
        middles = (whole(table["start"]) + whole(table["end"])) // 2
        # A TSS off its chromosome would be drawn on a neighbour.
        tss = np.clip(whole(table["tss"]), 0, places.lengths - 1)
        self._lefts, self._rights = np.minimum(middles, tss), np.maximum(middles, tss)
        # Both ends are bases that the arc stands on, so that it touches one more than their distance.
        starts, ends = self._offsets + self._lefts, self._offsets + self._rights + 1
        self._index = ItemIndex.of(starts, ends, numbers(table["mean_score"]))

    def tile(self, place: TileId) -> list[dict[str, Any]]:
        """The arcs that pass over a tile."""
        width = self.axis.tile_width(place.zoom)
        start = place.places[0] * width
        rows = self._index.foremost(start, start + width, self._most)
        return [
            self._item(row, record)
            for row, record in zip(rows.tolist(), self._table.take(rows).to_pylist(), strict=True)
        ]

    def _item(self, row: int, record: dict[str, Any]) -> dict[str, Any]:
        offset, left, right = (int(of[row]) for of in (self._offsets, self._lefts, self._rights))
        chrom, start, end, *rest = record.values()
        return {
            "uid": str(row),
            "xStart": offset + left,
            "xEnd": offset + right,
            "chrOffset": offset,
            "importance": record["mean_score"],
            "fields": as_fields([chrom, left, right, *rest, start, end]),
        }
