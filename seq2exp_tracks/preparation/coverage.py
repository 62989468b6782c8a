"""Coverage of one signal, a chromosome at a time: counted first, written when the whole file is counted.

How high a read stands depends on how many there are in all, so the intervals of a chromosome wait on the disk
(8 bytes each) until all chromosomes are counted. Memory is bounded by the reads of a chromosome.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Int64

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.io.alignments import Alignments
from seq2exp_tracks.io.bed import IntervalArray
from seq2exp_tracks.io.bigwig_file import BigWigPart
from seq2exp_tracks.io.bigwig_part import BigWigPartWriter
from seq2exp_tracks.io.writing import writing
from seq2exp_tracks.preparation.counting import Counted, Counting, Scale, counted

MILLION = 1_000_000

# Of a read per million of 1,000 million, and exact for counts.
DECIMALS = 6


@dataclass(frozen=True, slots=True, eq=False)
class CountTask:
    """Count one chromosome of one file.

    Attributes:
        alignments: The file.
        chrom: The chromosome.
        length: Its length in bp.
        counting: How reads count.
        excluded: Regions whose reads do not count, or None.
        promoters: Starts and ends of the promoters of its genes.
        scratch: File for the intervals.
    """

    alignments: Alignments
    chrom: str
    length: int
    counting: Counting
    excluded: IntervalArray | None
    promoters: Int64[np.ndarray, "genes 2"]
    scratch: Path


@dataclass(frozen=True, slots=True, eq=False)
class ChromCount:
    """What was counted on one chromosome.

    It comes back from another process without the file that was read, which would be opened here again for
    each of hundreds of chromosomes.

    Attributes:
        chrom: The chromosome.
        length: Its length in bp.
        scratch: File of the intervals.
        intervals: Intervals that count.
        bases: Sum of the coverage.
        reads: Reads, of which promoters are counted: both of a pair.
        in_promoters: Reads that touch each promoter.
        left_out: Number of reads that do not count, by reason.
    """

    chrom: str
    length: int
    scratch: Path
    intervals: int
    bases: int
    reads: int
    in_promoters: Int64[np.ndarray, " genes"]
    left_out: Counter[str]


def count_chromosome(task: CountTask) -> ChromCount:
    """Counts the reads of a chromosome and keeps the intervals in a file."""
    found = task.alignments.read(task.chrom, task.counting.min_mapq)
    intervals = counted(found, task.counting, task.length, task.excluded)
    reads = counted(found, Counting(count="read"), task.length, task.excluded)
    starts, ends = task.promoters[:, 0], task.promoters[:, 1]
    with writing(task.scratch):
        np.save(task.scratch, np.stack([intervals.starts, intervals.ends]))
    return ChromCount(
        task.chrom,
        task.length,
        task.scratch,
        len(intervals),
        intervals.bases,
        len(reads),
        reads.overlapping(starts, ends),
        intervals.left_out,
    )


@dataclass(frozen=True, slots=True, eq=False)
class WriteTask:
    """Write the coverage of one chromosome.

    Attributes:
        counted: What was counted on it.
        sizes: Chromosomes of the genome.
        factor: Value of a base that one interval covers.
        target: The bigWig file that it will be part of.
    """

    counted: ChromCount
    sizes: ChromSizes
    factor: float
    target: Path


def write_chromosome(task: WriteTask) -> BigWigPart:
    """Writes a chromosome's part of a bigWig file; bases without a read are 0."""
    source = task.counted
    starts, ends = np.load(source.scratch)
    source.scratch.unlink()
    # By number: names of contigs have what names of files may not.
    part = task.target.with_name(f".part-{task.sizes.rank(source.chrom)}-{task.target.name}")
    writer = BigWigPartWriter(part, task.target, task.sizes, DECIMALS)
    try:
        for at, depth in Counted(starts, ends, Counter()).coverage(source.length):
            writer.write(source.chrom, at, depth * task.factor)
        return writer.finish()
    except BaseException:
        writer.abort()
        raise


@dataclass(frozen=True, slots=True, eq=False)
class SignalCount:
    """What was counted of a whole file, by chromosome in the order of the genome."""

    path: Path
    counting: Counting
    chroms: tuple[ChromCount, ...]

    @property
    def intervals(self) -> int:
        """What counts, in all."""
        return sum(chrom.intervals for chrom in self.chroms)

    @property
    def reads(self) -> int:
        """Reads that pass the filters, in all."""
        return sum(chrom.reads for chrom in self.chroms)

    def check(self) -> None:
        """Refuses a file of which nothing counts.

        Raises:
            InputError: Says what became of the reads.
        """
        if self.intervals and self.reads:
            return
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in self._left_out().most_common())
        raise InputError(f"{self.path}: no read in it counts ({reasons or 'it has none on the genome'})")

    def factor(self, known_bases: int) -> float:
        """Value of a base that one interval covers.

        Args:
            known_bases: Bases of the file's chromosomes that are not N.
        """
        return self.factors(known_bases)[self.counting.scale]

    def factors(self, known_bases: int) -> dict[Scale, float]:
        """The same by each scale that might have been asked for."""
        return {
            "rpm": MILLION / self.intervals,
            "fold": known_bases / sum(chrom.bases for chrom in self.chroms),
            "raw": 1.0,
        }

    def summary(self, factor: float) -> str:
        """What counts, what does not and why, and what one is worth; in one line for people.

        Args:
            factor: Value of a base that one interval covers.
        """
        left_out = self._left_out()
        if self.counting.count == "fragment":  # of two reads, so that these have another total
            line = f"{self.intervals:,} fragments count"
        else:
            line = f"{self.intervals:,} of {self.intervals + left_out.total():,} reads count"
        reasons = [f"{count:,} {reason}" for reason, count in left_out.most_common()]
        unit = "" if self.counting.scale == "raw" else f" {self.counting.scale}"
        worth = f"in the bigWig one is {factor:.3g}{unit}"
        return "; ".join([line, *([f"left out: {', '.join(reasons)}"] if reasons else []), worth])

    def told(self, known_bases: int) -> dict[str, Any]:
        """What was counted, as JSON.

        Args:
            known_bases: Bases of the file's chromosomes that are not N.
        """
        return {
            "file": str(self.path.resolve()),
            "counting": self.counting.told(),
            "counted": self.intervals,
            "reads": self.reads,
            "left_out": dict(self._left_out().most_common()),
            "factor": self.factor(known_bases),
            "factors": self.factors(known_bases),
        }

    def _left_out(self) -> Counter[str]:
        return sum((chrom.left_out for chrom in self.chroms), Counter[str]())
