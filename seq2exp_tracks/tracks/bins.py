"""One value for several bases: bins of a fixed number of bp, each a mean or a maximum of its bases.

Bins lie on the grid of their chromosome: bin i covers bases i * size to (i + 1) * size. A bin takes the bases
that have a value, of which it needs one, wherever they come from: neither the windows nor the stretches they
are merged in make a difference.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from jaxtyping import Float32, Int64

from seq2exp_tracks.tracks.merge import Stretch
from seq2exp_tracks.tracks.track import LEARNED, TRACKS, Quantity


class BinRule(StrEnum):
    """What a bin holds of its bases.

    Attributes:
        MEAN: The mean of the values; the root mean square of the spreads.
        MAX: The largest value. The spread is that of the base whose learned score is the largest.
    """

    MEAN = "mean"
    MAX = "max"


@dataclass(frozen=True, slots=True)
class Bins:
    """How bases become bins.

    Attributes:
        size: Bases a bin; 1 leaves values as they are.
        rule: What a bin holds.
    """

    size: int = 1
    rule: BinRule = BinRule.MEAN

    def __post_init__(self) -> None:
        if self.size < 1:
            raise ValueError(f"bins of {self.size} bp: at least 1 bp is needed")


ONE_BASE = Bins()
"""Bins of one base, which leave values as they are."""


class Binner:
    """Puts stretches of bases into bins, as they come in the order of the genome.

    Args:
        bins: How bases become bins.
    """

    def __init__(self, bins: Bins) -> None:
        self._bins = bins
        # The bases of the last bin, which the next stretch may add to.
        self._chrom = ""
        self._index = -1
        self._open: dict[str, np.ndarray] = {}

    def add(self, stretch: Stretch) -> list[Stretch]:
        """Takes a stretch; returns the bins that no later one can add to, one value a bin."""
        if self._bins.size == 1:
            return [stretch]
        size, start = self._bins.size, stretch.start
        done = [] if (stretch.chrom, start // size) == (self._chrom, self._index) else self.finish()
        values = {
            name: np.concatenate([self._open.get(name, own[:0]), own]) for name, own in stretch.values.items()
        }
        end = start + len(stretch)
        edges = np.arange(start // size + 1, (end - 1) // size + 1) * size
        # Bases of earlier stretches come before those of this one.
        kept = len(next(iter(values.values()))) - (end - start)
        cuts = np.concatenate([[0], edges - start + kept])
        self._chrom, self._index = stretch.chrom, (end - 1) // size
        self._open = {name: own[cuts[-1] :].copy() for name, own in values.items()}
        if len(cuts) > 1:
            whole = {name: own[: cuts[-1]] for name, own in values.items()}
            done.append(Stretch(stretch.chrom, start // size * size, self._binned(whole, cuts[:-1])))
        return done

    def finish(self) -> list[Stretch]:
        """Returns the bin that is still open, if there is one."""
        values, self._open = self._open, {}
        if not values:
            return []
        return [
            Stretch(self._chrom, self._index * self._bins.size, self._binned(values, np.zeros(1, np.int64)))
        ]

    def _binned(
        self, values: dict[str, np.ndarray], cuts: Int64[np.ndarray, " bins"]
    ) -> dict[str, Float32[np.ndarray, " bins"]]:
        """Values of all tracks in bins that begin at the given indices."""
        spreads = {spec.name for spec in TRACKS if spec.quantity is Quantity.SPREAD}
        if self._bins.rule is BinRule.MAX:
            best = _first_largest(values[LEARNED], cuts)
            return {
                name: own[best] if name in spreads else np.maximum.reduceat(own, cuts)
                for name, own in values.items()
            }
        counts = np.diff(cuts, append=len(values[LEARNED]))
        means = {}
        for name, own in values.items():
            exact = own.astype(np.float64)
            exact = np.square(exact, out=exact) if name in spreads else exact
            mean = np.add.reduceat(exact, cuts) / counts
            means[name] = (np.sqrt(mean) if name in spreads else mean).astype(np.float32)
        return means


def _first_largest(values: np.ndarray, cuts: Int64[np.ndarray, " bins"]) -> Int64[np.ndarray, " bins"]:
    """Where the largest value of each bin is, the first of several."""
    counts = np.diff(cuts, append=len(values))
    largest = np.repeat(np.maximum.reduceat(values, cuts), counts)
    places = np.flatnonzero(values == largest)
    bins = np.repeat(np.arange(len(cuts)), counts)[places]
    first: Int64[np.ndarray, " bins"] = places[np.flatnonzero(np.diff(bins, prepend=-1))]
    return first
