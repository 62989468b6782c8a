"""What a track is to hold of one window: its values in the bins of the run, and how exact they are."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64

from seq2exp_tracks.manifest import Json, Manifest
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.tracks.bins import BinRule
from seq2exp_tracks.tracks.track import Quantity, TrackSpec


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far a run may be from the reference, beside the rounding of its files.

    Attributes:
        mask: Learned and applied mask, and the spread.
        expression: Predicted log10(1 + CAGE).
    """

    mask: float
    expression: float

    @classmethod
    def of(cls, manifest: Manifest) -> "Tolerance":
        """That of the precision of a run; windows that shared passes of the generator have theirs on top."""
        exact = cls(2e-2, 2e-2) if manifest.settings.get("precision_compute") == "bf16" else cls(1e-5, 1e-4)
        shared: Json = manifest.settings.get("shared_generator")
        told = shared.get("tolerance") if isinstance(shared, dict) else None
        more = float(told) if isinstance(told, int | float) else 0.0
        return cls(exact.mask + more, exact.expression + more)


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """Values of a track over bins that lie wholly in a window.

    Attributes:
        start: First base of the first bin.
        size: Bases a bin.
        values: One value a bin.
        equal: Bins that hold this value, within the tolerance.
        at_least: Bins that hold no less than this value.
    """

    start: int
    size: int
    values: Float64[np.ndarray, " bins"]
    equal: Bool[np.ndarray, " bins"]
    at_least: Bool[np.ndarray, " bins"]


@dataclass(frozen=True, slots=True)
class Grid:
    """The bins of a run.

    Attributes:
        size: Bases a bin.
        rule: What a bin holds.
    """

    size: int
    rule: BinRule

    @classmethod
    def of(cls, manifest: Manifest) -> "Grid":
        """The bins that a manifest tells of; single bases where it does not."""
        settings = manifest.settings
        size = settings.get("resolution", 1)
        return cls(size if isinstance(size, int) else 1, BinRule(str(settings.get("bin_by", "mean"))))

    def expected(
        self,
        spec: TrackSpec,
        scores: WindowScores,
        decided: Bool[np.ndarray, " inside"],
        *,
        highest: bool,
        unsure: Bool[np.ndarray, " inside"],
    ) -> Expected:
        """What a track is to hold.

        Args:
            spec: The track.
            scores: Scores of the window by the reference.
            decided: Bases at which this window decides.
            highest: Whether elsewhere the highest value of several windows stands.
            unsure: Bases whose value may be another one by a rounding error.
        """
        inside, size = scores.window.inside, self.size
        first, last = -(-inside.start // size), inside.end // size
        bins = max(0, last - first)
        here = slice(first * size - inside.start, first * size - inside.start + bins * size)

        def binned(values: np.ndarray) -> np.ndarray:
            return values[here].reshape(bins, size)

        spread = spec.quantity is Quantity.SPREAD
        values = binned(spec.take(scores).astype(np.float64))
        sure: Bool[np.ndarray, " bins"] = ~np.asarray(binned(unsure).any(1))
        if self.rule is BinRule.MAX and size > 1:
            # Of two bases with nearly the same score either may be the one whose spread stands.
            sure &= not spread
            value = values.max(1, initial=0)
        else:
            value = np.sqrt((values**2).mean(1)) if spread else values.mean(1)
        alone: Bool[np.ndarray, " bins"] = np.asarray(binned(decided).all(1))
        return Expected(first * size, size, value, alone & sure, ~alone & sure & (highest and not spread))
