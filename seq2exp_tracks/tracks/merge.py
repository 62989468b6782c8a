"""One value a base from windows that overlap: the largest, the mean, or that of the nearest TSS.

Windows arrive in the order of the genome and finished stretches leave as soon as no later window can reach
them, so memory is bounded by the overlap of windows, not by the chromosome. `merge_definition` says base by
base what the stream has to give.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

import numpy as np
from jaxtyping import Float, Float32, Int32

from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.tracks.track import Quantity, TrackSpec
from seq2exp_tracks.windows import Window


class MergeRule(StrEnum):
    """What stands at a base that several windows scored.

    Attributes:
        MAX: The largest value. The spread is that of the window whose learned score is the largest.
        MEAN: The mean of the values; the root mean square of the spreads.
        NEAREST: Everything from the window whose TSS is nearest to the base.

    Where windows are equal, the first in the order of `merge_order` wins.
    """

    MAX = "max"
    MEAN = "mean"
    NEAREST = "nearest"


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """Merged values of consecutive bases, or of the bins that `bins` makes of them, by name of the track."""

    chrom: str
    start: int
    values: dict[str, Float32[np.ndarray, " length"]]

    def __len__(self) -> int:
        return len(next(iter(self.values.values())))


def merge_order(window: Window, sizes: ChromSizes) -> tuple[int, int, int, str]:
    """The key that windows are sorted by before they are merged.

    Chromosome in the genome's order, first base on the chromosome, TSS, gene id.
    """
    return sizes.rank(window.inside.chrom), window.inside.start, window.gene.tss, window.gene.id


def merge_definition(
    rule: MergeRule, spec: TrackSpec, windows: Sequence[WindowScores]
) -> dict[tuple[str, int], np.float32]:
    """What a merged track holds, base by base; bases that no window covers are absent.

    Args:
        rule: The merge rule.
        spec: The track.
        windows: Scores in the order of `merge_order`.
    """
    at_base: dict[tuple[str, int], list[tuple[float, float, int]]] = {}
    for scores in windows:
        inside, tss = scores.window.inside, scores.window.gene.tss
        values = spec.take(scores)
        for index in range(len(inside)):
            position = inside.start + index
            told = (float(values[index]), float(scores.learned[index]), abs(position - tss))
            at_base.setdefault((inside.chrom, position), []).append(told)
    return {base: np.float32(_merge_base(rule, spec.quantity, told)) for base, told in at_base.items()}


def _merge_base(rule: MergeRule, quantity: Quantity, told: list[tuple[float, float, int]]) -> float:
    """Merges what windows tell of one base: value, learned score, distance to the window's TSS."""
    values = [value for value, _, _ in told]
    match rule, quantity:
        case MergeRule.MAX, Quantity.VALUE:
            return max(values)
        case MergeRule.MAX, Quantity.SPREAD:
            return max(told, key=lambda window: window[1])[0]
        case MergeRule.MEAN, Quantity.VALUE:
            return sum(values) / len(values)
        case MergeRule.MEAN, Quantity.SPREAD:
            return sqrt(sum(value * value for value in values) / len(values))
        case _:
            return min(told, key=lambda window: window[2])[0]


class StreamingMerge:
    """Merges windows as they come and hands finished stretches on.

    Args:
        rule: The merge rule.
        sizes: Chromosomes of the genome, for the order.
        tracks: The tracks to merge.
    """

    def __init__(self, rule: MergeRule, sizes: ChromSizes, tracks: Iterable[TrackSpec]) -> None:
        self._rule = rule
        self._sizes = sizes
        self._tracks = tuple(tracks)
        self._last: tuple[int, int, int, str] | None = None
        self._open: _Open | None = None

    def add(self, scores: WindowScores) -> list[Stretch]:
        """Merges one window; returns the stretch, if any, that no later window can reach.

        Raises:
            ValueError: If the window does not come after the one before in the order of `merge_order`.
        """
        inside = scores.window.inside
        key = merge_order(scores.window, self._sizes)
        if self._last is not None and key <= self._last:
            raise ValueError(f"windows are to be merged in the order of the genome: {key} after {self._last}")
        self._last = key
        finished: list[Stretch] = []
        if self._open is not None and (inside.chrom, inside.start) != (self._open.chrom, self._open.start):
            same = self._open.chrom == inside.chrom
            finished = [self._close_to(min(inside.start, self._open.end) if same else self._open.end)]
        if self._open is None:
            self._open = _Open(self._rule, inside.chrom, inside.start, self._tracks)
        self._open.extend_to(inside.end)
        self._open.add(scores)
        return finished

    def finish(self) -> list[Stretch]:
        """Returns what is left after the last window."""
        return [] if self._open is None else [self._close_to(self._open.end)]

    def _close_to(self, end: int) -> Stretch:
        """Takes the bases before `end` out of what is open."""
        assert self._open is not None
        stretch = self._open.take(end)
        if self._open.end == end:
            self._open = None
        return stretch


class _Open:
    """Consecutive bases, each covered by a window or more, that later windows may still change."""

    def __init__(self, rule: MergeRule, chrom: str, start: int, tracks: tuple[TrackSpec, ...]) -> None:
        self.chrom = chrom
        self.start = self.end = start
        self._rule = rule
        self._tracks = tracks
        # Sums need more digits than the values themselves; a largest value is one of them.
        kind = np.float64 if rule is MergeRule.MEAN else np.float32
        self._values: dict[str, Float[np.ndarray, " length"]] = {
            spec.name: np.zeros(0, kind) for spec in tracks
        }
        # The learned score or the nearness to the TSS of the window that wins so far.
        self._best: Float[np.ndarray, " length"] = np.zeros(
            0, np.float32 if rule is MergeRule.MAX else np.float64
        )
        self._windows: Int32[np.ndarray, " length"] = np.zeros(0, np.int32)

    def extend_to(self, end: int) -> None:
        """Makes room for bases up to `end`, if it lies further than what is open."""
        more = max(0, end - self.end)
        self.end += more
        nothing = 0 if self._rule is MergeRule.MEAN else -np.inf
        self._values = {name: _longer(values, more, nothing) for name, values in self._values.items()}
        if self._rule is MergeRule.MEAN:
            self._windows = _longer(self._windows, more, 0)
        else:
            self._best = _longer(self._best, more, -np.inf)

    def add(self, scores: WindowScores) -> None:
        """Merges a window that lies within what is open."""
        inside = scores.window.inside
        here = slice(inside.start - self.start, inside.end - self.start)
        if self._rule is MergeRule.MEAN:
            self._windows[here] += 1
            for spec in self._tracks:
                values = spec.take(scores).astype(np.float64)
                self._values[spec.name][here] += values if spec.quantity is Quantity.VALUE else values**2
            return
        claim = _claim(self._rule, scores)
        won = claim > self._best[here]
        np.copyto(self._best[here], claim, where=won)
        for spec in self._tracks:
            values, kept = spec.take(scores), self._values[spec.name][here]
            if self._rule is MergeRule.MAX and spec.quantity is Quantity.VALUE:
                np.maximum(kept, values, out=kept)
            else:
                np.copyto(kept, values, where=won)

    def take(self, end: int) -> Stretch:
        """Removes the bases before `end` and returns what is merged there."""
        count = end - self.start
        stretch = Stretch(
            self.chrom, self.start, {spec.name: self._merged(spec, count) for spec in self._tracks}
        )
        self._values = {name: values[count:] for name, values in self._values.items()}
        self._windows, self._best = self._windows[count:], self._best[count:]
        self.start = end
        return stretch

    def _merged(self, spec: TrackSpec, count: int) -> Float32[np.ndarray, " length"]:
        """The merged values of the first bases that are open."""
        values = self._values[spec.name][:count]
        if self._rule is MergeRule.MEAN:
            values = values / self._windows[:count]
            values = np.sqrt(values) if spec.quantity is Quantity.SPREAD else values
        return values.astype(np.float32, copy=False)


def _longer(values: np.ndarray, more: int, fill: float) -> np.ndarray:
    return np.concatenate([values, np.full(more, fill, values.dtype)])


def _claim(rule: MergeRule, scores: WindowScores) -> Float[np.ndarray, " inside"]:
    """How strongly a window claims each of its bases: the largest claim wins."""
    if rule is MergeRule.MAX:
        return scores.learned
    inside = scores.window.inside
    return -np.abs(np.arange(inside.start, inside.end, dtype=np.float64) - scores.window.gene.tss)
