"""What of a read counts, and how much: the settings of a signal, and the definition of its coverage."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from jaxtyping import Bool, Int32, Int64

from seq2exp_tracks.io.alignments import FIRST, PAIRED, PROPER, REVERSE, AlignedReads
from seq2exp_tracks.io.bed import IntervalArray

Count = Literal["fragment", "read", "cut"]
Scale = Literal["rpm", "fold", "raw"]

# What MACS extends single reads to unless it is told otherwise.
SINGLE_READ_FRAGMENT = 200
# Window around each cut in which the density of DNase-seq is usually counted.
CUT_WINDOW = 150
# Tn5 binds 9 bp and cuts at both of their ends: bp that a cut is shifted by, on the plus and minus strand.
TN5_SHIFT = (4, -5)
NO_SHIFT = (0, 0)

# Bases that are piled up at a time.
_PIECE = 1 << 22


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """How the reads of a signal are counted.

    Attributes:
        count: `fragment`: the bases between the outer ends of a proper pair, and each read of single-end data
            extended to `extend` bp from its 5' end. `read`: from the first to the last aligned base of each
            read. `cut`: the `extend` bases around the 5' end of each read.
        extend: Bases, see `count`; for `read` it has no meaning.
        scale: `rpm`: per million of what is counted. `fold`: in multiples of the mean over the genome's known
            bases. `raw`: counts.
        min_mapq: Least mapping quality.
        shift: Bases that 5' ends on the plus and on the minus strand are shifted by before they are cuts.
    """

    count: Count = "fragment"
    extend: int = SINGLE_READ_FRAGMENT
    scale: Scale = "rpm"
    min_mapq: int = 30
    shift: tuple[int, int] = NO_SHIFT

    def told(self) -> dict[str, Any]:
        """The settings as JSON."""
        return asdict(self) | {"shift": list(self.shift)}


def counting_for(signal: str, *, atac: bool, min_mapq: int = 30) -> Counting:
    """What a signal is usually counted by: cuts of DNase-seq and ATAC-seq, fragments of ChIP-seq."""
    if atac or signal == "DNase":
        shift = TN5_SHIFT if atac else NO_SHIFT
        return Counting(count="cut", extend=CUT_WINDOW, scale="rpm", min_mapq=min_mapq, shift=shift)
    scale: Scale = "fold" if signal == "H3K27ac" else "rpm"
    return Counting(count="fragment", extend=SINGLE_READ_FRAGMENT, scale=scale, min_mapq=min_mapq)


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """Intervals of one chromosome that count as 1 each.

    Attributes:
        starts: First bases, ascending.
        ends: One past the last bases, ascending by themselves: the n-th is not that of the n-th start.
        left_out: Number of reads that do not count, by reason.
    """

    starts: Int32[np.ndarray, " intervals"]
    ends: Int32[np.ndarray, " intervals"]
    left_out: Counter[str]

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def bases(self) -> int:
        """Sum of the coverage over the chromosome."""
        return int(self.ends.sum(dtype=np.int64) - self.starts.sum(dtype=np.int64))

    def overlapping(
        self, starts: Int64[np.ndarray, " places"], ends: Int64[np.ndarray, " places"]
    ) -> Int64[np.ndarray, " places"]:
        """How many of them share a base with each of some places."""
        begun = np.searchsorted(self.starts, ends, side="left")
        over = np.searchsorted(self.ends, starts, side="right")
        return (begun - over).astype(np.int64)

    def coverage(self, length: int) -> Iterator[tuple[int, Int64[np.ndarray, " piece"]]]:
        """Pieces of the chromosome in their order: first base, and how many intervals cover each base."""
        depth = 0
        for at in range(0, length, _PIECE):
            size = min(_PIECE, length - at)
            first, last = np.searchsorted(self.starts, (at, at + size))
            change = np.bincount(self.starts[first:last] - at, minlength=size)
            first, last = np.searchsorted(self.ends, (at, at + size))
            change -= np.bincount(self.ends[first:last] - at, minlength=size)
            change[0] += depth
            piece = np.cumsum(change)
            depth = int(piece[-1])
            yield at, piece


def counted(
    reads: AlignedReads, counting: Counting, length: int, excluded: IntervalArray | None = None
) -> Counted:
    """The intervals that count.

    Args:
        reads: Reads of one chromosome.
        counting: How they count.
        length: Bases of the chromosome; intervals are cut at its ends.
        excluded: Starts and ends of regions, ascending and without overlap: what touches one does not count.
    """
    starts, ends, lost = _INTERVALS[counting.count](reads, counting)
    left_out = reads.left_out + Counter(lost)
    starts, ends = np.clip(starts, 0, length), np.clip(ends, 0, length)
    kept = starts < ends
    left_out += Counter({"off the chromosome": int((~kept).sum())})
    if excluded is not None and len(excluded):
        before = np.searchsorted(excluded[:, 1], starts, side="right")
        touched = before < np.searchsorted(excluded[:, 0], ends, side="left")
        left_out += Counter({"in excluded regions": int((kept & touched).sum())})
        kept &= ~touched
    return Counted(np.sort(starts[kept]).astype(np.int32), np.sort(ends[kept]).astype(np.int32), +left_out)


_Intervals = tuple[np.ndarray, np.ndarray, dict[str, int]]


def _fragments(reads: AlignedReads, counting: Counting) -> _Intervals:
    """Each proper pair once, told by its first read, and single reads extended from their 5' ends."""
    paired, reverse = _has(reads, PAIRED), _has(reads, REVERSE)
    first = paired & _has(reads, FIRST)
    whole = first & _has(reads, PROPER) & (reads.lengths > 0)
    kept = whole | ~paired
    length = np.where(paired, reads.lengths, counting.extend)
    starts = np.where(reverse, reads.ends - length, reads.starts)[kept]
    lost = {"not in a proper pair": int((first & ~whole).sum())}
    return starts, starts + length[kept], lost


def _whole_reads(reads: AlignedReads, _: Counting) -> _Intervals:
    return reads.starts, reads.ends, {}


def _cuts(reads: AlignedReads, counting: Counting) -> _Intervals:
    """The bases around each read's 5' end."""
    plus, minus = counting.shift
    ends = np.where(_has(reads, REVERSE), reads.ends - 1 + minus, reads.starts + plus)
    starts = ends - counting.extend // 2
    return starts, starts + counting.extend, {}


def _has(reads: AlignedReads, flag: int) -> Bool[np.ndarray, " reads"]:
    has: Bool[np.ndarray, " reads"] = np.not_equal(reads.flags & flag, 0)
    return has


_INTERVALS = {"fragment": _fragments, "read": _whole_reads, "cut": _cuts}
