"""Sets of intervals from BED files: the blacklist. Strands, names and scores are not read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from jaxtyping import Bool, Int64

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes, Interval
from seq2exp_tracks.io.text import bad_line, is_position, numbered_lines

IntervalArray = Int64[np.ndarray, "_ 2"]


def is_bed_comment(line: str) -> bool:
    """Tells whether a line of a BED file holds no interval: empty, `#`, `track` or `browser`."""
    return not line.strip() or line.startswith("#") or line.split(maxsplit=1)[0] in ("track", "browser")


def parse_bed_interval(path: Path, number: int, fields: list[str]) -> tuple[str, int, int]:
    """The first three columns of a line of BED: chromosome, start and end (0-based, half-open).

    Raises:
        InputError: If there are fewer, or they are no interval; names file and line.
    """
    if len(fields) < 3:
        raise bad_line(path, number, f"{len(fields)} columns, BED needs at least 3, separated by tabs")
    chrom, start, end = fields[0], fields[1], fields[2]
    if not (is_position(start) and is_position(end) and int(start) < int(end)):
        raise bad_line(path, number, f"not an interval: {chrom} {start} {end} (0-based, half-open)")
    return chrom, int(start), int(end)


def read_intervals(path: str | Path, sizes: ChromSizes) -> tuple[dict[str, IntervalArray], int]:
    """Reads the intervals of a BED file, merged where they overlap or touch.

    An interval that reaches over its chromosome's end is cut there, as the published dataset does.

    Args:
        path: BED file of three or more columns, plain or gzipped.
        sizes: Chromosomes of the genome.

    Returns:
        Starts and ends (0-based, half-open) in ascending order for each chromosome that has any, and
        the number of rows left out because the genome lacks their chromosome.

    Raises:
        InputError: If a line is no interval, lies past its chromosome's end, or none is left.
    """
    path = Path(path)
    found: dict[str, list[tuple[int, int]]] = {}
    dropped = 0
    for number, line in numbered_lines(path):
        if is_bed_comment(line):
            continue
        name, start, end = parse_bed_interval(path, number, line.split("\t"))
        chrom = sizes.resolve(name)
        if chrom is None:
            dropped += 1
            continue
        if start >= sizes[chrom]:
            raise bad_line(
                path,
                number,
                f"{name}:{start:,}-{end:,} lies past the end of {chrom} ({sizes[chrom]:,} bp): "
                "the file belongs to another assembly",
            )
        found.setdefault(chrom, []).append((start, min(end, sizes[chrom])))
    if dropped and not found:
        raise InputError(f"{path}: none of its {dropped:,} intervals lies on a chromosome of the genome")
    merged = {chrom: join_overlapping(np.array(found[chrom], np.int64)) for chrom in sizes if chrom in found}
    return merged, dropped


@dataclass(frozen=True, slots=True, eq=False)
class IntervalSet:
    """Intervals of a genome, to be asked which bases they cover.

    Attributes:
        intervals: Starts and ends by chromosome, as `read_intervals` gives them: ascending, and
            without overlap.
        dropped: Rows of the file on chromosomes that the genome lacks.
    """

    intervals: Mapping[str, IntervalArray]
    dropped: int = 0

    @classmethod
    def from_bed(cls, path: str | Path, sizes: ChromSizes) -> Self:
        """Reads a BED file; see `read_intervals`."""
        return cls(*read_intervals(path, sizes))

    @classmethod
    def covering(cls, places: Iterable[Interval]) -> Self:
        """The bases of some intervals, in any order; they may overlap."""
        by_chrom: dict[str, list[tuple[int, int]]] = {}
        for place in places:
            by_chrom.setdefault(place.chrom, []).append((place.start, place.end))
        return cls({chrom: join_overlapping(np.array(rows, np.int64)) for chrom, rows in by_chrom.items()})

    def mask(self, interval: Interval) -> Bool[np.ndarray, " length"]:
        """Tells for every base of an interval whether the set covers it."""
        covered = np.zeros(len(interval), bool)
        ranges = self.intervals.get(interval.chrom)
        if ranges is None:
            return covered
        first = int(np.searchsorted(ranges[:, 1], interval.start, side="right"))
        last = int(np.searchsorted(ranges[:, 0], interval.end, side="left"))
        for start, end in ranges[first:last] - interval.start:
            covered[max(start, 0) : end] = True
        return covered


def join_overlapping(intervals: IntervalArray) -> IntervalArray:
    """Joins intervals of one chromosome, starts and ends, that overlap or touch; the result ascends."""
    intervals = intervals[np.argsort(intervals[:, 0], kind="stable")]
    reach = np.maximum.accumulate(intervals[:, 1])
    starts_new = np.concatenate(([True], intervals[1:, 0] > reach[:-1]))
    ends_old = np.concatenate((starts_new[1:], [True]))
    return np.stack((intervals[starts_new, 0], reach[ends_old]), axis=1)
