"""Writes a bigWig file while its values stream past: no chromosome is ever held in memory.

Written here rather than through libBigWig, whose writer reads a whole chromosome back to make its zoom
levels (14 bytes a base), records a wrong maximum where the first value is the largest, leaves a file without
values unreadable for others, and crashes on a full disk. The files are read by pyBigWig, pybigtools and
UCSC's own code.

The bytes of a file depend on its positions and values alone, not on how the calls of `write` cut them up.
"""

import struct
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import numpy as np
from jaxtyping import Float

from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.io.bigwig_format import (
    BIGWIG_MAGIC,
    BLOCK,
    HEADER_BYTES,
    TOTALS_BYTES,
    ZOOM_HEADER_BYTES,
    BlockList,
    chrom_tree,
    fixed_step_block,
    header,
    interval_block,
    r_tree,
)
from seq2exp_tracks.io.bigwig_zoom import RECORDS_PER_BLOCK, ZoomLevel, reductions, summarise
from seq2exp_tracks.io.writing import writing

_PIECE = 1 << 20
_VALUES_PER_BLOCK = 4096
_INTERVALS_PER_BLOCK = 2048
_BLOCK_COST = 24 + BLOCK.itemsize
_INTERVAL = np.dtype([("start", "<u4"), ("end", "<u4"), ("value", "<f4")])


class BigWigWriter:
    """A bigWig file with one value a base; bases that nobody writes have no value, which is not 0.

    The header carries every chromosome of the genome in its order. Used as a context manager: the file is
    whole when the block ends, and removed when it ends in an error.

    Args:
        path: The file to write; an existing one is replaced.
        sizes: Chromosomes of the genome.
        decimals: Values are rounded to so many decimals: the file holds the float32 nearest to the decimal.

    Attributes:
        n_bases: Bases that have a value.

    Raises:
        OutputError: If the file cannot be written, also later, when the disk is full.
    """

    def __init__(self, path: Path, sizes: ChromSizes, decimals: int) -> None:
        self.n_bases = 0
        self._path = path
        self._sizes = sizes
        self._ranks = {name: rank for rank, name in enumerate(sizes)}
        self._decimals = decimals
        self._run: list[np.ndarray] = []
        self._waiting: list[np.ndarray] = []
        self._chrom = ""
        self._start = self._end = 0
        self._blocks = BlockList()
        self._min = self._max = self._sum = self._squares = 0.0
        tree = chrom_tree(sizes)
        levels = reductions(max(sizes.values()))
        self._totals_at = HEADER_BYTES + ZOOM_HEADER_BYTES * len(levels)
        self._chroms_at = self._totals_at + TOTALS_BYTES
        self._data_at = self._chroms_at + len(tree)
        with writing(path):
            self._file = path.open("wb", buffering=1 << 20)
            # The header is filled in at the end: until then the file is no bigWig.
            self._file.write(bytes(self._chroms_at) + tree + bytes(8))
        self._zooms = [ZoomLevel(level, path.parent) for level in levels]

    def __enter__(self) -> "BigWigWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()

    def write(self, chrom: str, start: int, values: Float[np.ndarray, " length"]) -> None:
        """Writes the values of consecutive bases.

        Args:
            chrom: Name of the chromosome; chromosomes come in the genome's order.
            start: Position of the first value, 0-based, not before the end of what is written.
            values: One finite value a base.

        Raises:
            ValueError: If a value is not finite, or the bases are off the chromosome or out of order.
            OutputError: If the disk is full or the file cannot be written.
        """
        if len(values) == 0:
            return
        end = start + len(values)
        self._check(chrom, start, end, values)
        if chrom != self._chrom or start != self._end:
            self._flush()
            if chrom != self._chrom:
                self._end_chromosome()
            self._chrom, self._start = chrom, start
        # Adding 0 makes a negative zero a plain one.
        rounded = np.round(values.astype(np.float64), self._decimals) + 0.0
        self._run.append(rounded.astype(np.float32))
        self._end = end
        if self._end // _PIECE > self._start // _PIECE:
            self._flush_whole_pieces()

    def close(self) -> None:
        """Writes what is left, the zoom levels and the indices, and at last the header."""
        try:
            self._flush()
            self._end_chromosome()
            with writing(self._path):
                self._finish()
                self._file.close()
        except BaseException:
            self.abort()
            raise
        for zoom in self._zooms:
            zoom.close()

    def abort(self) -> None:
        """Removes the unfinished file."""
        for zoom in self._zooms:
            zoom.close()
        # Closing writes what is buffered, which fails once more on a full disk.
        with suppress(OSError):
            self._file.close()
        self._path.unlink(missing_ok=True)

    def _check(self, chrom: str, start: int, end: int, values: np.ndarray) -> None:
        rank = self._ranks.get(chrom)
        if rank is None or start < 0 or end > self._sizes[chrom]:
            raise ValueError(f"{self._path.name}: {chrom}:{start}-{end} is not on the genome")
        if self._chrom and (rank, start) < (self._ranks[self._chrom], self._end):
            raise ValueError(
                f"{self._path.name}: {chrom}:{start} is out of order, after {self._chrom}:{self._end}"
            )
        if not np.isfinite(values).all():
            where = start + int(np.flatnonzero(~np.isfinite(values))[0])
            raise ValueError(f"{self._path.name}: the value at {chrom}:{where} is not a finite number")

    def _flush_whole_pieces(self) -> None:
        """Writes the pieces that are complete; pieces end at fixed positions, so calls leave no trace."""
        values = np.concatenate(self._run)
        while self._end // _PIECE > self._start // _PIECE:
            length = _PIECE - self._start % _PIECE
            self._emit(values[:length])
            values, self._start = values[length:], self._start + length
        self._run = [values]

    def _flush(self) -> None:
        """Writes the run of consecutive bases that ends here."""
        values = np.concatenate(self._run) if self._run else np.zeros(0, np.float32)
        self._run = []
        if len(values):
            self._emit(values)

    def _end_chromosome(self) -> None:
        with writing(self._path):
            self._write_intervals(1)

    def _emit(self, values: np.ndarray) -> None:
        """Writes one piece as single bases or, where that takes fewer bytes, as intervals of one value."""
        intervals = _intervals(self._start, values)
        blocks = -(-len(values) // _VALUES_PER_BLOCK)
        with writing(self._path):
            if intervals.nbytes < values.nbytes + blocks * _BLOCK_COST:
                self._waiting.append(intervals)
                self._write_intervals(_INTERVALS_PER_BLOCK)
            else:
                self._write_intervals(1)
                self._write_bases(values)
            self._count(values)
            self._zoom(summarise(self._ranks[self._chrom], self._start, values), self._zooms)

    def _write_bases(self, values: np.ndarray) -> None:
        chrom = self._ranks[self._chrom]
        for at in range(0, len(values), _VALUES_PER_BLOCK):
            block, start = values[at : at + _VALUES_PER_BLOCK], self._start + at
            self._append(start, start + len(block), fixed_step_block(chrom, start, block))

    def _write_intervals(self, at_least: int) -> None:
        """Writes the intervals that wait, in blocks that have at least so many of them.

        Intervals wait for each other, across gaps, so that single bases do not become a block each.
        """
        waiting = np.concatenate([np.zeros(0, _INTERVAL), *self._waiting])
        while len(waiting) >= at_least:
            part, waiting = waiting[:_INTERVALS_PER_BLOCK], waiting[_INTERVALS_PER_BLOCK:]
            block = interval_block(self._ranks[self._chrom], part)
            self._append(int(part["start"][0]), int(part["end"][-1]), block)
        self._waiting = [waiting]

    def _append(self, start: int, end: int, block: bytes) -> None:
        chrom = self._ranks[self._chrom]
        self._blocks.append(chrom, start, end, self._file.tell(), len(block))
        self._file.write(block)

    def _count(self, values: np.ndarray) -> None:
        """Adds values to the totals of the file."""
        low, high = float(values.min()), float(values.max())
        self._min = min(self._min, low) if self.n_bases else low
        self._max = max(self._max, high) if self.n_bases else high
        exact = values.astype(np.float64)
        self._sum += float(exact.sum())
        self._squares += float((exact * exact).sum())
        self.n_bases += len(values)

    def _zoom(self, records: np.ndarray, levels: list[ZoomLevel]) -> None:
        """Hands summaries up from level to level, as far as they finish coarser ones."""
        for zoom in levels:
            if not len(records):
                break
            records = zoom.add(records)

    def _finish(self) -> None:
        """Everything after the data: index, zoom levels, end mark; then the parts that were left open."""
        index_at = self._file.tell()
        self._file.write(r_tree(self._blocks.table(), index_at, _VALUES_PER_BLOCK))
        zooms = [self._finish_zoom(level) for level in range(len(self._zooms))]
        self._file.write(struct.pack("<I", BIGWIG_MAGIC))
        self._file.seek(self._data_at)
        self._file.write(struct.pack("<Q", len(self._blocks)))
        self._file.seek(self._totals_at)
        self._file.write(struct.pack("<Qdddd", self.n_bases, self._min, self._max, self._sum, self._squares))
        self._file.seek(0)
        self._file.write(header(self._chroms_at, self._data_at, index_at, self._totals_at, zooms))

    def _finish_zoom(self, level: int) -> tuple[int, int, int]:
        """Writes one zoom level; returns its bases a bin and the offsets of data and index."""
        zoom = self._zooms[level]
        self._zoom(zoom.finish(), self._zooms[level + 1 :])
        data_at = self._file.tell()
        self._file.write(struct.pack("<I", zoom.n_records & 0xFFFFFFFF))
        for piece in zoom.pieces():
            self._file.write(piece)
        index_at = self._file.tell()
        self._file.write(r_tree(zoom.blocks(data_at + 4), index_at, RECORDS_PER_BLOCK))
        return zoom.reduction, data_at, index_at


def _intervals(start: int, values: np.ndarray) -> np.ndarray:
    """Runs of one and the same value."""
    first = np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]]))
    runs = np.zeros(len(first), _INTERVAL)
    runs["start"] = start + first
    runs["end"] = start + np.append(first[1:], len(values))
    runs["value"] = values[first]
    return runs
