"""How values are distributed: of a bigWig read in pieces, however long the genome, or of an array."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64, Shaped

from seq2exp_tracks.genome import Interval
from seq2exp_tracks.manifest import FileEntry
from seq2exp_tracks.run_reader import Run

# Bases that are in memory at a time.
PIECE = 1_000_000


@dataclass(frozen=True, slots=True)
class Summary:
    """A distribution in a few numbers; all NaN but `count` where there is no value.

    Attributes:
        count: Number of values.
        mean: Their mean.
        quantiles: Least, 5 %, 25 %, median, 75 %, 95 %, greatest; between two values by their distance, as
            numpy does.
    """

    count: int
    mean: float
    quantiles: tuple[float, ...]


QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """Values from 0 to 1 of a track, counted at the precision that they are written with. Nothing is lost.

    Attributes:
        step: Distance of two neighbouring values, such as 0.001.
        counts: How many bases have value 0, `step`, 2 `step`, …, 1.
    """

    step: float
    counts: Int64[np.ndarray, " steps"]

    @property
    def values(self) -> Float64[np.ndarray, " steps"]:
        """The value that each count is of."""
        return np.arange(len(self.counts)) * self.step

    def summary(self) -> Summary:
        """The distribution in a few numbers."""
        count = int(self.counts.sum())
        if count == 0:
            return Summary(0, np.nan, (np.nan,) * len(QUANTILES))
        mean = float(self.counts @ self.values) / count
        ends = np.cumsum(self.counts)
        return Summary(count, mean, tuple(self._quantile(ends, share) for share in QUANTILES))

    def _quantile(self, ends: Int64[np.ndarray, " steps"], share: float) -> float:
        """The value at a share, linear between the values of the two neighbouring ranks."""
        rank = share * (int(ends[-1]) - 1)
        low = int(rank)
        below, above = np.searchsorted(ends, [low, min(low + 1, int(ends[-1]) - 1)], side="right")
        return float((below + (above - below) * (rank - low)) * self.step)


def summary_of(values: Shaped[np.ndarray, " values"]) -> Summary:
    """The distribution of an array without NaN."""
    if len(values) == 0:
        return Summary(0, np.nan, (np.nan,) * len(QUANTILES))
    quantiles = np.quantile(values, QUANTILES)
    return Summary(len(values), float(np.mean(values)), tuple(float(value) for value in quantiles))


def count_track(run: Run, entry: FileEntry) -> Counted:
    """Counts the values of a track of the run, which lie from 0 to 1, in pieces of a million bases.

    Raises:
        InputError: If the file cannot be read.
    """
    steps = 10 ** (entry.decimals or 3)
    counts = np.zeros(steps + 1, np.int64)
    for piece in pieces(scored_stretches(run)):
        values = run.values(entry, piece)
        values = np.rint(values[np.isfinite(values)] * steps).astype(np.int64)
        counts += np.bincount(np.clip(values, 0, steps), minlength=steps + 1)
    return Counted(1 / steps, counts)


def scored_stretches(run: Run) -> Iterator[Interval]:
    """The union of the windows of the run's genes; no base has a value elsewhere."""
    sizes, half = run.manifest.sizes, run.manifest.model.window // 2
    rest = run.manifest.model.window - half
    for chrom, length in sizes.items():
        places = sorted(scored.gene.tss for scored in run.genes.values() if scored.gene.chrom == chrom)
        end = 0
        for tss in places:
            start, stop = max(tss - half, end), min(tss + rest, length)
            if stop > start:
                yield Interval(chrom, start, stop)
                end = stop


def pieces(stretches: Iterator[Interval]) -> Iterator[Interval]:
    """Cuts stretches into pieces of at most `PIECE` bases."""
    for stretch in stretches:
        for start in range(stretch.start, stretch.end, PIECE):
            yield Interval(stretch.chrom, start, min(start + PIECE, stretch.end))
