"""How much of the genome a mask keeps, as in Table 2 of the paper."""

from dataclasses import dataclass

import numpy as np

from seq2exp_tracks.evaluation.run_inputs import stretches_of, windows_of
from seq2exp_tracks.genome import Interval
from seq2exp_tracks.io.bed import IntervalSet
from seq2exp_tracks.run_reader import Run

THRESHOLD = 0.5
"""The published hard model keeps bases whose mean reaches it."""

_PIECE = 1_000_000


@dataclass(frozen=True, slots=True)
class MaskStatistics:
    """What a run's mask keeps, over the bases of all windows, each base once.

    Attributes:
        bases: Bases with a learned score.
        mean: Mean learned score.
        threshold: From which score a base counts as kept.
        kept: Share of the bases whose learned score reaches it.
        called: Share of the bases that lie in a called element.
        applied: Mean of the mask that the predictor saw: for hard models the share that it read; None where
            the run has no such track.
    """

    bases: int
    mean: float
    threshold: float
    kept: float
    called: float
    applied: float | None


def mask_statistics(run: Run, threshold: float = THRESHOLD) -> MaskStatistics:
    """Goes once through the merged mask of a run.

    Raises:
        InputError: If a file of the run cannot be read.
    """
    learned, seen = run.track("mask"), run.track("mask.applied")
    called = called_elements(run)
    bases = kept = in_calls = 0
    total = applied = 0.0
    for of_chrom in stretches_of(windows_of(run), run.manifest.sizes):
        for interval in of_chrom.pieces(_PIECE):
            if learned is None:
                continue
            values = run.values(learned, interval)
            has_value = np.isfinite(values)
            bases += int(has_value.sum())
            total += float(values[has_value].sum())
            # The file holds float32: 0.5 itself is exact, other thresholds may lie a rounding below.
            kept += int((values[has_value] >= np.float32(threshold)).sum())
            in_calls += int((called.mask(interval) & has_value).sum())
            if seen is not None:
                applied += float(np.nansum(run.values(seen, interval)))
    count = max(bases, 1)
    mean_applied = None if seen is None else applied / count
    return MaskStatistics(bases, total / count, threshold, kept / count, in_calls / count, mean_applied)


def called_elements(run: Run) -> IntervalSet:
    """The bases that lie in a called element of any gene."""
    table = run.element_table().select(["chrom", "start", "end"])
    rows = zip(*(column.to_pylist() for column in table.columns), strict=True)
    return IntervalSet.covering(Interval(chrom, start, end) for chrom, start, end in rows)


def called_intervals(run: Run) -> list[Interval]:
    """The same as intervals."""
    return [
        Interval(chrom, start, end)
        for chrom, rows in called_elements(run).intervals.items()
        for start, end in rows.tolist()
    ]
