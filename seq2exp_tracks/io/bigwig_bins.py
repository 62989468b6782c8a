"""Values of a bigWig in bins of any size, fast enough to be asked for while somebody waits.

Small bins are made of the single bases. Large ones are made of the file's zoom levels, through pybigtools,
and are as right as a zoom level can make them: `BigWigBins` says how right that is.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pybigtools
from jaxtyping import Float64

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.io.bigwig_check import check_header
from seq2exp_tracks.io.idle_readers import IdleReaders

LARGEST_EXACT = 128
"""Bins of up to so many bases are made of the single bases, of which pybigtools reads 80 million a second."""

# Large bins are asked for in so many parts, where the zoom levels are fine enough, so that a summary that
# lies across an edge blurs a part and not a bin.
_PARTS = (2, 1)

# A first read takes 0.2 ms more than the next ones of the same reader. Each holds a file handle.
_READERS = IdleReaders(most=32)

Bins = Float64[np.ndarray, " bins"]


@dataclass(frozen=True, slots=True)
class _Query:
    """Bins of one chromosome: `count` bins of `size` bases, the first of which begins at `start`.

    The first bin may begin before the chromosome, and the last end after it.
    """

    chrom: str
    start: int
    size: int
    count: int
    length: int

    @property
    def low(self) -> int:
        return max(self.start, 0)

    @property
    def high(self) -> int:
        return min(self.start + self.size * self.count, self.length)


class BigWigBins:
    """The values of a bigWig in bins, for several threads at once.

    What is guaranteed of a bin:

    - Up to `LARGEST_EXACT` bases: it is made of the value of every base.
    - Larger: it is made of summaries of the finest zoom level needed, each of which counts for the part that
      lies in the bin as if its values were spread evenly. The *maximum* is never less than the true one, and
      never more than that of the bin and its `blur` bases on either side. The *mean*, weighted by the bases
      that have a value, lies between the extremes of the same bases. A bin without a value has none within
      it, and one with a value has one within the blur. The blur is 0 where bins are cut where the summaries
      are, as on the first chromosome of a genome in files of ours, and at most `blur(size)`: a quarter of a
      bin in files of ours.

    A file that changed since it was checked is refused.

    Args:
        path: bigWig file.
        sizes: Chromosomes of the genome; `chr1` and `1` are the same chromosome.

    Attributes:
        path: The file.

    Raises:
        InputError: If the file is no bigWig, is damaged, or belongs to another assembly.
    """

    def __init__(self, path: str | Path, sizes: ChromSizes) -> None:
        self.path = Path(path)
        self._sizes = sizes
        check_header(self.path)
        self._seen = _state(self.path)
        with self._reader() as file:
            self._names = sizes.reconcile(file.chroms(), self.path)
            self._zooms = sorted(file.zooms())

    def has(self, chrom: str) -> bool:
        """Tells whether the file has a chromosome of the genome."""
        return chrom in self._names

    def blur(self, size: int) -> int:
        """Bases on either side of a bin of `size` bases that may have a part in its value."""
        if size <= LARGEST_EXACT:
            return 0
        return size // self._parts(size) // 2

    def maxima(self, chrom: str, start: int, size: int, count: int) -> Bins:
        """Largest value of each bin, NaN where no base has one.

        Args:
            chrom: Chromosome of the genome.
            start: First base of the first bin; may lie before the chromosome.
            size: Bases a bin.
            count: Number of bins; they may reach over the chromosome's end.

        Raises:
            InputError: If the file changed or is damaged.
        """
        (parts,) = self._read(chrom, start, size, count, ("max",))
        largest: Bins = np.fmax.reduce(parts, axis=1)
        return largest

    def sums(self, chrom: str, start: int, size: int, count: int) -> tuple[Bins, Bins]:
        """Sum of the values of each bin, and the number of its bases that have one; as `maxima`."""
        total, covered = self._read(chrom, start, size, count, ("sum", "bases_covered"))
        return np.nansum(total, axis=1), np.nansum(covered, axis=1)

    def _read(
        self, chrom: str, start: int, size: int, count: int, summaries: tuple[str, ...]
    ) -> list[Float64[np.ndarray, "bins parts"]]:
        """Summaries of the parts of each bin."""
        parts = size if size <= LARGEST_EXACT else self._parts(size)
        query = _Query(self._names[chrom], start, size // parts, count * parts, self._sizes[chrom])
        with self._reader() as file:
            if size > LARGEST_EXACT:
                found = [_summaries(file, query, summary) for summary in summaries]
            else:
                bases = _bases(file, query)
                by_name = {"max": bases, "sum": bases, "bases_covered": np.isfinite(bases).astype(np.float64)}
                found = [by_name[summary] for summary in summaries]
        return [values.reshape(count, parts) for values in found]

    def _parts(self, size: int) -> int:
        """Parts of a bin: as many as have a zoom level of at most half a part, which pybigtools takes."""
        finest = self._zooms[0] if self._zooms else size
        return next((parts for parts in _PARTS if size % parts == 0 and finest * 2 * parts <= size), 1)

    @contextmanager
    def _reader(self) -> Iterator[Any]:
        if _state(self.path) != self._seen:
            raise InputError(f"{self.path}: changed since it was opened; start again")
        file = self.path, self._seen
        with _readable(self.path), _READERS.reader(file, lambda: pybigtools.open(str(self.path))) as reader:
            yield reader


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Turns what pybigtools says of damaged data into one line of ours."""
    try:
        yield
    except InputError:
        raise
    except BaseException as error:
        # A panic of its Rust code is no Exception to Python, and has no class that could be imported.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        problem = " ".join(str(error).split())[:200]
        raise InputError(f"{path}: the values cannot be read ({problem}); get the file again") from error


def _bases(file: Any, query: _Query) -> Bins:
    """The value of every base, NaN where there is none or no chromosome."""
    values = np.full(query.count, np.nan)
    if query.low < query.high:
        found = file.values(query.chrom, query.low, query.high, fillna=None)
        values[query.low - query.start : query.high - query.start] = found
    return values


def _summaries(file: Any, query: _Query, summary: str) -> Bins:
    """One summary of each bin by the zoom levels, NaN where there is none.

    Bins at the ends of the chromosome are asked for one by one, as they are shorter.
    """
    values = np.full(query.count, np.nan)
    first = -((query.start - query.low) // query.size)
    last = (query.high - query.start) // query.size
    pieces = [(query.low, query.start + first * query.size, first - 1, first)]
    pieces.append((query.start + first * query.size, query.start + last * query.size, first, last))
    pieces.append((query.start + last * query.size, query.high, last, last + 1))
    if last < first:  # all of the chromosome that is asked for lies in one bin
        pieces = [(query.low, query.high, last, last + 1)]
    for start, end, bin_start, bin_end in pieces:
        if start < end:
            values[bin_start:bin_end] = file.values(
                query.chrom,
                start,
                end,
                bins=bin_end - bin_start,
                summary=summary,
                exact=False,
                fillna=None,
            )
    return values


def _state(path: Path) -> tuple[int, int, int]:
    """What tells whether a file is still the same.

    Raises:
        InputError: If the file is gone.
    """
    try:
        found = path.stat()
    except OSError as error:
        raise InputError(f"{path}: the signal cannot be read: {error.strerror}; was it moved?") from error
    return found.st_ino, found.st_size, found.st_mtime_ns
