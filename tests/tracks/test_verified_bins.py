"""What `verify` expects of a track is what merging and binning make of the windows."""

import numpy as np
import pytest
from drawn_windows import SIZES, Drawn, drawn_windows, in_order, scores_of
from hypothesis import given, settings
from hypothesis import strategies as st

from seq2exp_tracks.genome import Gene, Strand
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.tracks.bins import Binner, BinRule, Bins
from seq2exp_tracks.tracks.merge import MergeRule, StreamingMerge
from seq2exp_tracks.tracks.track import TRACKS
from seq2exp_tracks.verification.deciding import decides
from seq2exp_tracks.verification.expected import Grid


def written(
    rule: MergeRule, bins: Bins, windows: list[WindowScores]
) -> dict[str, dict[tuple[str, int], float]]:
    """Value of every bin that a run writes, by track, chromosome and first base."""
    merge, binner = StreamingMerge(rule, SIZES, TRACKS), Binner(bins)
    stretches = [stretch for scores in windows for stretch in merge.add(scores)] + merge.finish()
    binned = [part for stretch in stretches for part in binner.add(stretch)] + binner.finish()
    values: dict[str, dict[tuple[str, int], float]] = {spec.name: {} for spec in TRACKS}
    for part in binned:
        for name, own in part.values.items():
            starts = [(part.chrom, part.start + index * bins.size) for index in range(len(own))]
            values[name] |= dict(zip(starts, own.tolist(), strict=True))
    return values


@settings(max_examples=50)
@given(drawn_windows, st.sampled_from(MergeRule), st.sampled_from(BinRule), st.integers(1, 7))
def test_what_is_expected_of_bins_is_what_they_hold(
    drawn: list[Drawn], rule: MergeRule, by: BinRule, size: int
) -> None:
    windows = in_order(drawn)
    values, grid = written(rule, Bins(size, by), windows), Grid(size, by)
    for scores in windows:
        alone = decides(rule, scores.window, [other.window for other in windows])
        nowhere = np.zeros_like(alone)
        for spec in TRACKS:
            found = grid.expected(spec, scores, alone, highest=rule is MergeRule.MAX, unsure=nowhere)
            for index, value in enumerate(found.values):
                held = values[spec.name][scores.window.inside.chrom, found.start + index * size]
                if found.equal[index]:
                    assert held == pytest.approx(value, abs=1e-6)
                if found.at_least[index]:
                    assert held >= value - 1e-6


LEFT = scores_of(Gene("left", "left", "chr2", 12, Strand.PLUS), 8, 0.5)
RIGHT = scores_of(Gene("right", "right", "chr2", 16, Strand.PLUS), 8, 0.25)


@pytest.mark.parametrize(
    ("rule", "bases"),
    [
        (MergeRule.MAX, [8, 9, 10, 11]),
        (MergeRule.MEAN, [8, 9, 10, 11]),
        (MergeRule.NEAREST, [8, 9, 10, 11, 12, 13]),  # 14 is as near to the other TSS
    ],
)
def test_a_window_decides_where_it_is_alone_or_its_tss_the_nearest(rule: MergeRule, bases: list[int]) -> None:
    decided = decides(rule, LEFT.window, [LEFT.window, RIGHT.window])
    assert (LEFT.window.inside.start + np.flatnonzero(decided)).tolist() == bases


def test_bins_are_expected_that_lie_wholly_in_a_window_and_hold_no_unsure_base() -> None:
    everywhere = np.ones(8, np.bool_)
    unsure = np.arange(8) == 1  # base 9
    found = Grid(3, BinRule.MEAN).expected(TRACKS[0], LEFT, everywhere, highest=False, unsure=unsure)
    assert (found.start, found.values.tolist()) == (9, [0.5, 0.5])
    assert found.equal.tolist() == [False, True]
    assert not found.at_least.any()
