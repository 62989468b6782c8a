"""Zoom levels of a bigWig file: summaries of ever larger bins, made while the values stream past.

Bins are cut at multiples of their size, so a coarse bin is made of whole finer ones, and a summary's
interval reaches from the first to the last base that has a value. Blocks of summaries end with their
chromosome: what is written for a chromosome does not depend on the others, so that chromosomes can be
written apart and joined by copying.
"""

import numpy as np
from jaxtyping import Float32, Float64

from seq2exp_tracks.io.bigwig_format import BlockFile, compress

FINEST = 64
"""Values a bin of the finest level: 64 bases, or 64 times the bases that a value stands for."""

STEP = 4
MOST_LEVELS = 10
RECORDS_PER_BLOCK = 512

# Summaries that a level collects before it joins them: short stretches are not worth the calls.
_DRAIN_AT = 8 * RECORDS_PER_BLOCK

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

EXACT = np.dtype(
    [(name, "<f8" if name in ("sum", "squares") else RECORD[name]) for name in RECORD.fields or ()]
)
"""A summary while coarser ones are made of it."""


def reductions(longest: int, span: int = 1) -> list[int]:
    """Bases a bin of each zoom level.

    Args:
        longest: Length of the genome's longest chromosome in bp.
        span: Bases that a value stands for. A bin of any level is made of whole values.
    """
    levels = [span * FINEST * STEP**level for level in range(MOST_LEVELS)]
    return [level for level in levels if level < longest] or levels[:1]


def summarise(chrom: int, first: int, values: Float32[np.ndarray, " values"]) -> np.ndarray:
    """Summaries of the finest bins of consecutive values, in values, not in bases: see `to_bases`.

    Args:
        chrom: Rank of the chromosome.
        first: Which value of the chromosome the first one is, counted from 0.
        values: At least one value.
    """
    first_edge = first - first % FINEST + FINEST
    cuts = np.concatenate([[0], np.arange(first_edge, first + len(values), FINEST) - first])
    exact = values.astype(np.float64)
    records = np.zeros(len(cuts), EXACT)
    records["chrom"] = chrom
    records["start"] = first + cuts
    records["end"] = first + np.append(cuts[1:], len(values))
    records["count"] = records["end"] - records["start"]
    records["min"] = np.minimum.reduceat(values, cuts)
    records["max"] = np.maximum.reduceat(values, cuts)
    records["sum"] = np.add.reduceat(exact, cuts)
    records["squares"] = np.add.reduceat(np.square(exact, out=exact), cuts)
    return records


def to_bases(records: np.ndarray, span: int, length: int, last: float) -> np.ndarray:
    """Summaries of values as summaries of the bases that they stand for.

    Args:
        records: What `summarise` gave; it is changed.
        span: Bases that a value stands for.
        length: Length of the chromosome, which may cut the bases of the last value short.
        last: The last of the summarised values.
    """
    for field in ("start", "end", "count", "sum", "squares"):
        records[field] *= span
    beyond = int(records["end"][-1]) - length
    if beyond > 0:
        tail = records[-1:]
        tail["end"] -= beyond
        tail["count"] -= beyond
        tail["sum"] -= beyond * last
        tail["squares"] -= beyond * last * last
    return records


def totals(records: np.ndarray) -> Float64[np.ndarray, " 5"]:
    """Number of bases, least and largest value, sum and sum of squares of at least one summary."""
    return np.array(
        [
            *(records["count"].sum(dtype=np.float64), records["min"].min(), records["max"].max()),
            *(records["sum"].sum(), records["squares"].sum()),
        ]
    )


def coarsen(records: np.ndarray, reduction: int) -> np.ndarray:
    """Joins the summaries, in the order of a chromosome, that fall into the same bin of `reduction` bases."""
    bins = records["start"] // reduction
    first = np.flatnonzero(np.concatenate([[True], bins[1:] != bins[:-1]]))
    joined = records[first]
    joined["end"] = records["end"][np.append(first[1:], len(records)) - 1]
    for field in ("count", "sum", "squares"):
        joined[field] = np.add.reduceat(records[field], first)
    joined["min"] = np.minimum.reduceat(records["min"], first)
    joined["max"] = np.maximum.reduceat(records["max"], first)
    return joined


class ZoomLevel:
    """The summaries of one bin size: takes those of the level below and writes its own.

    Args:
        reduction: Bases a bin.
        blocks: Where its blocks go.

    Attributes:
        n_records: Summaries that are written.
    """

    def __init__(self, reduction: int, blocks: BlockFile) -> None:
        self.n_records = 0
        self._reduction = reduction
        self._blocks = blocks
        self._pending: list[np.ndarray] = []
        self._n_pending = 0
        self._waiting = np.zeros(0, EXACT)

    def add(self, records: np.ndarray) -> np.ndarray:
        """Takes summaries of finer bins; returns those of its own bins that this finished."""
        self._pending.append(records)
        self._n_pending += len(records)
        if self._n_pending < _DRAIN_AT:
            return records[:0]
        joined = coarsen(np.concatenate(self._pending), self._reduction)
        # The last bin may go on.
        self._pending, self._n_pending = [joined[-1:]], 1
        self._write(joined[:-1], RECORDS_PER_BLOCK)
        return joined[:-1]

    def finish(self) -> np.ndarray:
        """Ends the chromosome; returns the summaries that were still open."""
        if not self._pending:
            return np.zeros(0, EXACT)
        joined = coarsen(np.concatenate(self._pending), self._reduction)
        self._pending, self._n_pending = [], 0
        self._write(joined, 1)
        return joined

    def _write(self, records: np.ndarray, at_least: int) -> None:
        """Writes the blocks that have at least so many summaries."""
        self.n_records += len(records)
        waiting = np.concatenate([self._waiting, records])
        while len(waiting) >= at_least:
            block, waiting = waiting[:RECORDS_PER_BLOCK], waiting[RECORDS_PER_BLOCK:]
            chrom, start, end = int(block["chrom"][0]), int(block["start"][0]), int(block["end"][-1])
            self._blocks.append(chrom, start, end, compress(block.astype(RECORD).tobytes()))
        self._waiting = waiting
