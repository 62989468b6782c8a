"""Which items of the genome a tile shows: those that touch it and, of too many, the foremost.

The choice is nested: what a tile shows, every deeper tile that it touches shows, too. So nothing vanishes on
zooming in. Knows nothing of what the items are.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from jaxtyping import Float64, Int64


@dataclass(frozen=True, slots=True, eq=False)
class ItemIndex:
    """Items sorted by their start; rows are those of the table that the items come from.

    Attributes:
        rows: Row of each item.
        starts: First position of each item, absolute, ascending.
        ends: One past its last position.
        importance: The higher, the sooner an item is shown.
        reach: Largest end of an item and all before it, by which a search can begin.
    """

    rows: Int64[np.ndarray, " items"]
    starts: Int64[np.ndarray, " items"]
    ends: Int64[np.ndarray, " items"]
    importance: Float64[np.ndarray, " items"]
    reach: Int64[np.ndarray, " items"]

    @classmethod
    def of(
        cls,
        starts: Int64[np.ndarray, " items"],
        ends: Int64[np.ndarray, " items"],
        importance: Float64[np.ndarray, " items"],
    ) -> Self:
        """Sorts items; an importance that is not known counts as the least."""
        order = np.argsort(starts, kind="stable")
        ends = ends[order]
        known = np.nan_to_num(importance[order], nan=-np.inf)
        return cls(order.astype(np.int64), starts[order], ends, known, np.maximum.accumulate(ends))

    def foremost(self, start: int, end: int, most: int) -> Int64[np.ndarray, " shown"]:
        """Rows of the items that touch a part of the axis: all, or the `most` important ones.

        Of items of one importance those that begin first are taken.

        Args:
            start: First position of the part, absolute.
            end: One past the last position.
            most: Most items to take, at least 1.
        """
        first = int(np.searchsorted(self.reach, start, side="right"))
        last = int(np.searchsorted(self.starts, end, side="left"))
        found = first + np.flatnonzero(self.ends[first:last] > start)
        if len(found) > most:
            importance = self.importance[found]
            least = np.partition(importance, len(found) - most)[len(found) - most]
            sure = importance > least
            tied = np.flatnonzero(importance == least)[: most - int(sure.sum())]
            sure[tied] = True
            found = found[sure]
        return self.rows[found]
