import numpy as np
import pytest
from drawn_windows import SIZES, Drawn, drawn_windows, in_order, scores_of
from hypothesis import given
from hypothesis import strategies as st

from seq2exp_tracks.genome import Gene, Strand
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.tracks.merge import MergeRule, StreamingMerge, Stretch, merge_definition, merge_order
from seq2exp_tracks.tracks.track import TRACKS

LEFT = scores_of(
    Gene("left", "left", "chr2", 12, Strand.PLUS), 4, [0.5, 0.25, 0.75, 0.5], sd=0.3, applied=[0, 0, 1, 1]
)
RIGHT = scores_of(Gene("right", "right", "chr2", 14, Strand.MINUS), 4, [0.5, 0.75, 0.25, 0.5], sd=0.4)


def merged(rule: MergeRule, windows: list[WindowScores]) -> list[Stretch]:
    stream = StreamingMerge(rule, SIZES, TRACKS)
    return [stretch for scores in windows for stretch in stream.add(scores)] + stream.finish()


def whole(rule: MergeRule, windows: list[WindowScores]) -> dict[str, dict[tuple[str, int], np.float32]]:
    """Value by base for each track, out of the stretches."""
    tracks: dict[str, dict[tuple[str, int], np.float32]] = {spec.name: {} for spec in TRACKS}
    for stretch in merged(rule, windows):
        for name, values in stretch.values.items():
            for offset, value in enumerate(values):
                base = (stretch.chrom, stretch.start + offset)
                assert base not in tracks[name], "a base is written once"
                tracks[name][base] = value
    return tracks


def row(rule: MergeRule, track: str) -> list[float]:
    """Merged values of the two windows, bases 10 to 15."""
    return [round(float(value), 4) for value in whole(rule, [LEFT, RIGHT])[track].values()]


def test_max_takes_the_largest_value_and_the_spread_of_the_winning_window() -> None:
    assert row(MergeRule.MAX, "mask") == [0.5, 0.25, 0.75, 0.75, 0.25, 0.5]
    assert row(MergeRule.MAX, "mask.sd") == [0.3, 0.3, 0.3, 0.4, 0.4, 0.4]
    assert row(MergeRule.MAX, "mask.applied") == [0, 0, 1, 1, 0, 0]


def test_mean_takes_the_mean_and_the_root_mean_square_of_the_spread() -> None:
    assert row(MergeRule.MEAN, "mask") == [0.5, 0.25, 0.625, 0.625, 0.25, 0.5]
    assert row(MergeRule.MEAN, "mask.sd") == [0.3, 0.3, 0.3536, 0.3536, 0.4, 0.4]
    assert row(MergeRule.MEAN, "mask.applied") == [0, 0, 0.5, 0.5, 0, 0]


def test_nearest_takes_everything_from_the_window_of_the_nearest_tss_the_first_if_tied() -> None:
    assert row(MergeRule.NEAREST, "mask") == [0.5, 0.25, 0.75, 0.5, 0.25, 0.5]
    assert row(MergeRule.NEAREST, "mask.sd") == [0.3, 0.3, 0.3, 0.3, 0.4, 0.4]
    assert row(MergeRule.NEAREST, "mask.applied") == [0, 0, 1, 1, 0, 0]


@given(rule=st.sampled_from(list(MergeRule)), drawn=drawn_windows)
def test_the_stream_gives_what_the_definition_says_base_by_base(rule: MergeRule, drawn: list[Drawn]) -> None:
    windows = in_order(drawn)
    stream = whole(rule, windows)
    for spec in TRACKS:
        expected = merge_definition(rule, spec, windows)
        assert stream[spec.name].keys() == expected.keys()
        np.testing.assert_allclose(
            [stream[spec.name][base] for base in expected], list(expected.values()), rtol=1e-6
        )


@given(drawn=drawn_windows)
def test_stretches_come_in_the_order_of_the_genome(drawn: list[Drawn]) -> None:
    stretches = merged(MergeRule.MAX, in_order(drawn))
    places = [(SIZES.rank(stretch.chrom), stretch.start) for stretch in stretches]
    assert places == sorted(places)


def test_bases_without_a_window_are_not_there_and_blacklisted_bases_are() -> None:
    one = scores_of(Gene("a", "a", "chr2", 5, Strand.PLUS), 2, 0.5, excluded=[0])
    two = scores_of(Gene("b", "b", "chr2", 15, Strand.PLUS), 2, 0.5)
    assert list(whole(MergeRule.MAX, [one, two])["mask"]) == [
        *(("chr2", base) for base in (4, 5)),
        *(("chr2", base) for base in (14, 15)),
    ]


def test_what_no_later_window_can_reach_leaves_at_once() -> None:
    stream = StreamingMerge(MergeRule.MAX, SIZES, TRACKS)
    assert stream.add(LEFT) == []
    (stretch,) = stream.add(RIGHT)
    assert (stretch.chrom, stretch.start, len(stretch.values["mask"])) == ("chr2", 10, 2)
    (rest,) = stream.finish()
    assert (rest.start, len(rest.values["mask"])) == (12, 4)


@pytest.mark.parametrize("windows", [[RIGHT, LEFT], [LEFT, LEFT]])
def test_windows_out_of_order_are_refused(windows: list[WindowScores]) -> None:
    with pytest.raises(ValueError, match="in the order of the genome"):
        merged(MergeRule.MAX, windows)


def test_order_is_chromosome_of_the_genome_start_tss_gene() -> None:
    window = scores_of(Gene("g", "g", "chr10", 3, Strand.PLUS), 10, 0.5).window
    assert merge_order(window, SIZES) == (1, 0, 3, "g")
