"""A part of a bigWig file: whole chromosomes, compressed as their values stream past, in a file of its own.

`bigwig_file` joins parts by copying their bytes. The bytes of a part depend on its positions and values
alone, not on how the calls of `write` cut them up, nor on the other chromosomes: parts that several
processes write give the same file as a single one.
"""

import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

import numpy as np
from jaxtyping import Float, Float32

from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.io.bigwig_file import VALUES_PER_BLOCK, BigWigPart, PartSection
from seq2exp_tracks.io.bigwig_format import BLOCK, BlockFile, chrom_tree, fixed_step_block, interval_block
from seq2exp_tracks.io.bigwig_zoom import ZoomLevel, reductions, summarise, to_bases, totals
from seq2exp_tracks.io.writing import writing

# Values are compressed in pieces that end at multiples of it, so calls leave no trace. A piece is made of
# whole bins of the finer zoom levels, and fits into a core's cache.
_PIECE = 1 << 18
_INTERVALS_PER_BLOCK = 2048
_BLOCK_COST = 24 + BLOCK.itemsize
_INTERVAL = np.dtype([("start", "<u4"), ("end", "<u4"), ("value", "<f4")])
_IN_MEMORY = 1 << 20


class BigWigPartWriter:
    """Writes a part; `finish` or `abort` has to be called.

    Args:
        path: The part's file.
        target: The bigWig file that it will belong to, for messages.
        sizes: Chromosomes of the genome.
        decimals: Values are rounded to so many decimals: the file holds the float32 nearest to the decimal.
        span: Bases that a value stands for. Values then stand for the bins of so many bases that begin at
            multiples of it; the last of a chromosome is cut at its end.

    Raises:
        OutputError: If the file cannot be written, also later, when the disk is full.
    """

    def __init__(self, path: Path, target: Path, sizes: ChromSizes, decimals: int, span: int = 1) -> None:
        self._path = path
        self._target = target
        self._sizes = sizes
        self._decimals = decimals
        self._span = span
        self._levels = reductions(max(sizes.values()), span)
        self._run: list[np.ndarray] = []
        self._waiting: list[np.ndarray] = []
        self._totals: list[np.ndarray] = []
        self._n_summaries = np.zeros(len(self._levels), np.int64)
        self._chrom = ""
        # The run of consecutive values that is not compressed yet, counted in values.
        self._first = self._next = 0
        # Refuses a genome that the format cannot hold before there is anything to lose.
        chrom_tree(sizes)
        with writing(target):
            self._data = BlockFile(path.open("wb", buffering=1 << 20))
        self._spools = [BlockFile(_spool(path.parent)) for _ in self._levels]
        self._zooms: list[ZoomLevel] = []

    def write(self, chrom: str, start: int, values: Float[np.ndarray, " length"]) -> None:
        """Writes the values of consecutive bases, or bins.

        Args:
            chrom: Name of the chromosome; chromosomes come in the genome's order.
            start: First base of the first value, 0-based, not before the end of what is written.
            values: One finite value a base, or bin.

        Raises:
            ValueError: If a value is not finite, or the bases are off the chromosome or out of order.
            OutputError: If the disk is full or the file cannot be written.
        """
        if len(values) == 0:
            return
        self._check(chrom, start, values)
        first = start // self._span
        if chrom != self._chrom or first != self._next:
            self._flush()
            if chrom != self._chrom:
                self._end_chromosome()
                self._begin_chromosome(chrom)
            self._first = first
        self._run.append(_rounded(values, self._decimals))
        self._next = first + len(values)
        if self._next // _PIECE > self._first // _PIECE:
            self._flush_whole_pieces()

    def finish(self) -> BigWigPart:
        """Writes what is left and tells what the part holds."""
        try:
            self._flush()
            self._end_chromosome()
            with writing(self._target):
                for spool in self._spools:
                    for piece in _pieces(spool.file):
                        self._data.file.write(piece)
                self._data.file.close()
        except BaseException:
            self.abort()
            raise
        self._close_spools()
        zooms = tuple(
            PartSection(int(count), spool.n_bytes, spool.blocks.table())
            for count, spool in zip(self._n_summaries, self._spools, strict=True)
        )
        data = PartSection(0, self._data.n_bytes, self._data.blocks.table())
        return BigWigPart(self._path, data, zooms, np.array(self._totals).reshape(-1, 5))

    def abort(self) -> None:
        """Removes the unfinished part."""
        self._close_spools()
        # Closing writes what is buffered, which fails once more on a full disk.
        with suppress(OSError):
            self._data.file.close()
        self._path.unlink(missing_ok=True)

    def _close_spools(self) -> None:
        for spool in self._spools:
            spool.file.close()

    def _check(self, chrom: str, start: int, values: np.ndarray) -> None:
        name, span = self._target.name, self._span
        end = start + len(values) * span
        if chrom not in self._sizes or start < 0 or start % span or end - span >= self._sizes[chrom]:
            raise ValueError(f"{name}: {chrom}:{start}-{end} is not on the genome")
        rank = self._sizes.rank(chrom)
        if self._chrom and (rank, start) < (self._sizes.rank(self._chrom), self._next * span):
            raise ValueError(
                f"{name}: {chrom}:{start} is out of order, after {self._chrom}:{self._next * span}"
            )
        if not np.isfinite(values).all():
            where = start + span * int(np.flatnonzero(~np.isfinite(values))[0])
            raise ValueError(f"{name}: the value at {chrom}:{where} is not a finite number")

    def _begin_chromosome(self, chrom: str) -> None:
        self._chrom = chrom
        self._zooms = [ZoomLevel(*pair) for pair in zip(self._levels, self._spools, strict=True)]

    def _end_chromosome(self) -> None:
        with writing(self._target):
            self._write_intervals(1)
            for level, zoom in enumerate(self._zooms):
                self._hand_up(zoom.finish(), level + 1)
                self._n_summaries[level] += zoom.n_records
        self._zooms = []

    def _flush_whole_pieces(self) -> None:
        """Compresses the pieces that are complete."""
        values = np.concatenate(self._run)
        while self._next // _PIECE > self._first // _PIECE:
            length = _PIECE - self._first % _PIECE
            self._emit(values[:length])
            values, self._first = values[length:], self._first + length
        self._run = [values]

    def _flush(self) -> None:
        """Compresses the run of consecutive values that ends here."""
        values = np.concatenate(self._run) if self._run else np.zeros(0, np.float32)
        self._run = []
        if len(values):
            self._emit(values)

    def _emit(self, values: Float32[np.ndarray, " values"]) -> None:
        """Writes one piece as single values or, where that takes fewer bytes, as intervals of one value."""
        with writing(self._target):
            blocks = -(-len(values) // VALUES_PER_BLOCK)
            n_intervals = 1 + np.count_nonzero(values[1:] != values[:-1])
            if n_intervals * _INTERVAL.itemsize < values.nbytes + blocks * _BLOCK_COST:
                self._waiting.append(self._intervals(self._first, values))
                self._write_intervals(_INTERVALS_PER_BLOCK)
            else:
                self._write_values(values)
            records = summarise(self._sizes.rank(self._chrom), self._first, values)
            records = to_bases(records, self._span, self._sizes[self._chrom], float(values[-1]))
            self._totals.append(totals(records))
            self._hand_up(records, 0)

    def _hand_up(self, records: np.ndarray, level: int) -> None:
        """Hands summaries up from level to level, as far as they finish coarser ones."""
        for zoom in self._zooms[level:]:
            if not len(records):
                break
            records = zoom.add(records)

    def _write_values(self, values: np.ndarray) -> None:
        """Writes blocks of one value a base or bin; a bin that the chromosome's end cuts is an interval."""
        self._write_intervals(1)
        rank, span, length = self._sizes.rank(self._chrom), self._span, self._sizes[self._chrom]
        whole = len(values) - ((self._first + len(values)) * span > length)
        for at in range(0, whole, VALUES_PER_BLOCK):
            block = values[at : min(at + VALUES_PER_BLOCK, whole)]
            start = (self._first + at) * span
            end = start + len(block) * span
            self._data.append(rank, start, end, fixed_step_block(rank, start, end, span, block))
        if whole < len(values):
            self._waiting.append(self._intervals(self._first + whole, values[whole:]))

    def _intervals(self, first: int, values: np.ndarray) -> np.ndarray:
        """Runs of one and the same value, in bases."""
        starts = np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]]))
        runs = np.zeros(len(starts), _INTERVAL)
        runs["start"] = (first + starts) * self._span
        runs["end"] = (first + np.append(starts[1:], len(values))) * self._span
        runs["end"] = np.minimum(runs["end"], self._sizes[self._chrom])
        runs["value"] = values[starts]
        return runs

    def _write_intervals(self, at_least: int) -> None:
        """Writes the intervals that wait, in blocks that have at least so many of them.

        Intervals wait for each other, across gaps, so that single bases do not become a block each.
        """
        if not self._waiting:
            return
        waiting = np.concatenate(self._waiting)
        while len(waiting) >= at_least:
            part, waiting = waiting[:_INTERVALS_PER_BLOCK], waiting[_INTERVALS_PER_BLOCK:]
            rank = self._sizes.rank(self._chrom)
            start, end = int(part["start"][0]), int(part["end"][-1])
            self._data.append(rank, start, end, interval_block(rank, part))
        self._waiting = [waiting] if len(waiting) else []


def _rounded(values: np.ndarray, decimals: int) -> Float32[np.ndarray, " length"]:
    """The float32 nearest to each rounded decimal, as `np.round` gives it, and no negative zero."""
    exact = values.astype(np.float64)
    exact *= 10.0**decimals
    np.rint(exact, out=exact)
    exact /= 10.0**decimals
    exact += 0.0
    return exact.astype(np.float32)


def _spool(beside: Path) -> IO[bytes]:
    """A temporary file without a name, in memory as long as it is small."""
    return tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY, dir=str(beside))


def _pieces(spool: IO[bytes]) -> Iterator[bytes]:
    spool.seek(0)
    while piece := spool.read(_IN_MEMORY):
        yield piece
