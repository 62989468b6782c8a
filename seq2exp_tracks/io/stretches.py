"""Stretches of one chromosome: the bases that any of some intervals touches, joined where those overlap."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from jaxtyping import Int64

from seq2exp_tracks.genome import Interval
from seq2exp_tracks.io.bed import join_overlapping


@dataclass(frozen=True, slots=True, eq=False)
class Stretches:
    """Stretches of one chromosome, ascending and without overlap.

    Attributes:
        chrom: The chromosome.
        bounds: Start and end of each stretch (0-based, half-open).
    """

    chrom: str
    bounds: Int64[np.ndarray, "stretches 2"]

    @classmethod
    def covering(cls, intervals: Iterable[Interval]) -> Self:
        """The bases of intervals of one chromosome.

        Raises:
            ValueError: If there is no interval, or they lie on several chromosomes.
        """
        intervals = list(intervals)
        chroms = {interval.chrom for interval in intervals}
        if len(chroms) != 1:
            raise ValueError(f"stretches lie on one chromosome, not on {sorted(chroms)}")
        bounds = np.array([(interval.start, interval.end) for interval in intervals], np.int64)
        return cls(chroms.pop(), join_overlapping(bounds))

    @property
    def end(self) -> int:
        """One past the last base."""
        return int(self.bounds[-1, 1])

    def contain(self, interval: Interval) -> bool:
        """Tells whether all bases of an interval lie in one of the stretches."""
        before = int(np.searchsorted(self.bounds[:, 0], interval.start, side="right")) - 1
        return interval.chrom == self.chrom and before >= 0 and interval.end <= self.bounds[before, 1]

    def pieces(self, longest: int) -> Iterator[Interval]:
        """The stretches in ascending order, cut where they are longer than `longest` bp."""
        for start, end in self.bounds.tolist():
            for cut in range(start, end, longest):
                yield Interval(self.chrom, cut, min(cut + longest, end))
