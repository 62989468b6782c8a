"""Zoom levels of a bigWig file: summaries of ever larger bins, made while the values stream past.

Bins are cut at multiples of their size, so a coarse bin is made of whole finer ones, and a summary's
interval reaches from the first to the last base that has a value. Finished summaries wait in a
temporary file without a name, beside the output, until the values are all written: memory does not grow
with the genome.
"""

import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np
from jaxtyping import Float32

from seq2exp_tracks.io.bigwig_format import COMPRESSION_LEVEL, BlockList

FINEST = 64
STEP = 4
MOST_LEVELS = 10
RECORDS_PER_BLOCK = 512

_DRAIN_AT = 8 * RECORDS_PER_BLOCK
_IN_MEMORY = 1 << 20

RECORD = np.dtype(
    [
        ("chrom", "<u4"),
        ("start", "<u4"),
        ("end", "<u4"),
        ("count", "<u4"),
        ("min", "<f4"),
        ("max", "<f4"),
        ("sum", "<f4"),
        ("squares", "<f4"),
    ]
)
"""A summary as the file holds it: number of bases with a value, their extremes and sums."""

_EXACT = np.dtype(
    [(name, "<f8" if name in ("sum", "squares") else RECORD[name]) for name in RECORD.fields or ()]
)


def reductions(longest: int) -> list[int]:
    """Bases a bin of each zoom level, for a genome whose longest chromosome has `longest` bp."""
    levels = [FINEST * STEP**level for level in range(MOST_LEVELS)]
    return [level for level in levels if level < longest] or levels[:1]


def summarise(chrom: int, start: int, values: Float32[np.ndarray, " length"]) -> np.ndarray:
    """Summaries of the finest bins of consecutive bases.

    Args:
        chrom: Rank of the chromosome.
        start: Position of the first value.
        values: One value a base, at least one.
    """
    first_edge = start - start % FINEST + FINEST
    cuts = np.concatenate([[0], np.arange(first_edge, start + len(values), FINEST) - start])
    exact = values.astype(np.float64)
    records = np.zeros(len(cuts), _EXACT)
    records["chrom"] = chrom
    records["start"] = start + cuts
    records["end"] = start + np.append(cuts[1:], len(values))
    records["count"] = records["end"] - records["start"]
    records["min"] = np.minimum.reduceat(values, cuts)
    records["max"] = np.maximum.reduceat(values, cuts)
    records["sum"] = np.add.reduceat(exact, cuts)
    records["squares"] = np.add.reduceat(exact * exact, cuts)
    return records


def coarsen(records: np.ndarray, reduction: int) -> np.ndarray:
    """Joins the summaries, in the order of the genome, that fall into the same bin of `reduction` bases."""
    bins = records["start"] // reduction
    same = (bins[1:] == bins[:-1]) & (records["chrom"][1:] == records["chrom"][:-1])
    first = np.flatnonzero(np.concatenate([[True], ~same]))
    joined = records[first]
    joined["end"] = records["end"][np.append(first[1:], len(records)) - 1]
    for field in ("count", "sum", "squares"):
        joined[field] = np.add.reduceat(records[field], first)
    joined["min"] = np.minimum.reduceat(records["min"], first)
    joined["max"] = np.maximum.reduceat(records["max"], first)
    return joined


class ZoomLevel:
    """The summaries of one bin size: takes those of the level below, keeps its own until they are asked for.

    Args:
        reduction: Bases a bin.
        beside: Folder for the temporary file.

    Attributes:
        reduction: Bases a bin.
        n_records: Summaries that are finished.
    """

    def __init__(self, reduction: int, beside: Path) -> None:
        self.reduction = reduction
        self.n_records = 0
        self._spool: IO[bytes] = tempfile.SpooledTemporaryFile(  # noqa: SIM115, closed by `close`
            max_size=_IN_MEMORY, dir=str(beside)
        )
        self._blocks = BlockList()
        self._pending: list[np.ndarray] = []
        self._n_pending = 0

    def add(self, records: np.ndarray) -> np.ndarray:
        """Takes summaries of finer bins; returns those of its own bins that this finished."""
        self._pending.append(records)
        self._n_pending += len(records)
        if self._n_pending < _DRAIN_AT:
            return records[:0]
        joined = coarsen(np.concatenate(self._pending), self.reduction)
        self._pending, self._n_pending = [joined[-1:]], 1
        self._keep(joined[:-1])
        return joined[:-1]

    def finish(self) -> np.ndarray:
        """Ends the level; returns the summaries that were still open."""
        if not self._pending:
            return np.zeros(0, _EXACT)
        joined = coarsen(np.concatenate(self._pending), self.reduction)
        self._pending = []
        self._keep(joined)
        return joined

    def blocks(self, position: int) -> np.ndarray:
        """The index items of its blocks, once they are written to the file from `position` on."""
        return self._blocks.table(position)

    def pieces(self) -> Iterator[bytes]:
        """The compressed blocks, in order."""
        self._spool.seek(0)
        while piece := self._spool.read(_IN_MEMORY):
            yield piece

    def close(self) -> None:
        """Gives the temporary file back."""
        self._spool.close()

    def _keep(self, records: np.ndarray) -> None:
        """Compresses summaries into blocks of one chromosome each."""
        self.n_records += len(records)
        borders = np.flatnonzero(np.diff(records["chrom"])) + 1
        for group in np.split(records.astype(RECORD), borders):
            for at in range(0, len(group), RECORDS_PER_BLOCK):
                part = group[at : at + RECORDS_PER_BLOCK]
                data = zlib.compress(part.tobytes(), COMPRESSION_LEVEL)
                chrom, start, end = int(part["chrom"][0]), int(part["start"][0]), int(part["end"][-1])
                self._blocks.append(chrom, start, end, self._spool.tell(), len(data))
                self._spool.write(data)
