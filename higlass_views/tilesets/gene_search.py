"""Which genes somebody means who types the beginning of a name. Knows nothing of where genes lie."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from jaxtyping import Float64, Int64


@dataclass(frozen=True, slots=True, eq=False)
class _Lines:
    """Texts as one, a line each, so that a search among all is a single pass over it."""

    text: str
    starts: Int64[np.ndarray, " lines"]

    @classmethod
    def of(cls, texts: Sequence[str]) -> Self:
        folded = [text.casefold() for text in texts]
        lengths = np.array([1, *(len(text) + 1 for text in folded)], np.int64)
        return cls("\n" + "".join(f"{text}\n" for text in folded), np.cumsum(lengths)[:-1])

    def holding(self, wanted: str) -> set[int]:
        """The lines with a text in them; a line end in the text is that of a line."""
        places = []
        at = self.text.find(wanted)
        while at >= 0:
            places.append(at + wanted.startswith("\n"))
            at = self.text.find(wanted, at + 1)
        return set((np.searchsorted(self.starts, places, side="right") - 1).tolist())


class GeneSearch:
    """Genes by name and id; upper and lower case count the same.

    Args:
        names: Name of each gene.
        ids: Its id.
        importance: The higher, the earlier among genes that fit as well.
    """

    def __init__(
        self, names: Sequence[str], ids: Sequence[str], importance: Float64[np.ndarray, " genes"]
    ) -> None:
        self._names, self._ids = _Lines.of(names), _Lines.of(ids)
        self._importance = importance

    def rows(self, text: str, limit: int) -> list[int]:
        """The genes found: by the very name or id, the name's beginning, a part of it, the id's beginning.

        Args:
            text: What was typed; white space around it does not count.
            limit: Most genes to return.
        """
        wanted = text.strip().casefold()
        if not wanted or "\n" in wanted:
            return []
        found: dict[int, None] = {}
        for lines, pattern in (
            (self._names, f"\n{wanted}\n"),
            (self._ids, f"\n{wanted}\n"),
            (self._names, f"\n{wanted}"),
            (self._names, wanted),
            (self._ids, f"\n{wanted}"),
        ):
            # Each way only where the better ones did not find enough: every id begins with ENSG.
            if len(found) < limit:
                rows = lines.holding(pattern) - found.keys()
                found |= dict.fromkeys(sorted(rows, key=lambda row: (-self._importance[row], row)))
        return list(found)[:limit]
