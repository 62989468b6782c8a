from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from drawn_windows import Drawn, drawn_window, scores_of
from hypothesis import given
from hypothesis import strategies as st

from seq2exp_tracks.genome import ChromSizes, Gene, Interval, Strand
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.tracks.elements import Element, ElementSettings, call_elements

GENE = Gene("g", "g", "chr2", 10, Strand.PLUS)


def places(scores: WindowScores, settings: ElementSettings) -> list[tuple[int, int]]:
    return [(element.interval.start, element.interval.end) for element in call_elements(scores, settings)]


def row(text: str) -> WindowScores:
    """A window of 20 bp from base 0 on: learned scores in tenths, `x` a blacklisted base of score 0.9."""
    learned = [0.9 if sign == "x" else int(sign) / 10 for sign in text]
    return scores_of(GENE, 20, learned, excluded=[index for index, sign in enumerate(text) if sign == "x"])


def by_plain_loops(scores: WindowScores, settings: ElementSettings) -> list[tuple[int, int]]:
    """The definition of `call_elements`, one base at a time."""
    learned = [float(value) for value in scores.learned]
    scored = [not flag for flag in scores.excluded]
    if settings.threshold is not None:
        selected = [ok and value >= settings.threshold for ok, value in zip(scored, learned, strict=True)]
    else:
        ranked = sorted((value for ok, value in zip(scored, learned, strict=True) if ok), reverse=True)
        count = int(Fraction(str(settings.top_share)) * len(ranked))
        allowed = {value for value in ranked if sum(other >= value for other in ranked) <= count}
        selected = [ok and value in allowed for ok, value in zip(scored, learned, strict=True)]
    elements: list[list[int]] = []
    for index in np.flatnonzero(selected).tolist():
        between = range(elements[-1][1], index) if elements else range(0)
        if elements and len(between) <= settings.gap and all(scored[base] for base in between):
            elements[-1][1] = index + 1
        else:
            elements.append([index, index + 1])
    start = scores.window.inside.start
    return [(start + a, start + b) for a, b in elements if b - a >= settings.min_length]


@given(
    drawn=drawn_window(),
    share=st.one_of(st.none(), st.integers(1, 100).map(lambda percent: percent / 100)),
    threshold=st.integers(0, 8).map(lambda eighths: eighths / 8),
    gap=st.integers(0, 4),
    min_length=st.integers(1, 5),
)
def test_elements_are_those_of_the_plain_loops(
    drawn: Drawn, share: float | None, threshold: float, gap: int, min_length: int
) -> None:
    scores = drawn.built()
    settings = ElementSettings(share, threshold if share is None else None, gap, min_length)
    assert places(scores, settings) == by_plain_loops(scores, settings)


def test_the_highest_tenth_of_the_scored_bases_is_selected() -> None:
    settings = ElementSettings(gap=0, min_length=1)
    assert places(row("00900000000000000500"), settings) == [(2, 3), (17, 18)]


def test_bases_tied_at_the_cut_off_are_left_out_where_they_do_not_all_fit() -> None:
    settings = ElementSettings(gap=0, min_length=1)
    assert places(row("00900000000005500000"), settings) == [(2, 3)]


def test_a_flat_mask_has_no_elements() -> None:
    assert places(row("5" * 20), ElementSettings(min_length=1)) == []


def test_a_threshold_selects_scores_that_reach_it() -> None:
    settings = ElementSettings(top_share=None, threshold=0.5, gap=0, min_length=1)
    assert places(row("00560040000000000000"), settings) == [(2, 4)]


def test_bases_within_the_gap_are_joined_but_not_across_the_blacklist() -> None:
    settings = ElementSettings(top_share=None, threshold=0.5, gap=2, min_length=1)
    assert places(row("99009900099000000000"), settings) == [(0, 6), (9, 11)]
    assert places(row("990x9900000000000000"), settings) == [(0, 2), (4, 6)]


def test_short_elements_are_dropped_after_joining() -> None:
    settings = ElementSettings(top_share=None, threshold=0.5, gap=1, min_length=3)
    assert places(row("90900099000000000000"), settings) == [(0, 3)]


def test_score_is_the_mean_and_sd_the_root_mean_square_over_all_bases_of_the_element() -> None:
    scores = replace(row("90600000000000000000"), sd=np.array([0.3, 0.4, 0.5] + [0] * 17, np.float32))
    settings = ElementSettings(top_share=None, threshold=0.5, gap=1, min_length=3)
    (element,) = call_elements(scores, settings)
    assert element.interval == Interval("chr2", 0, 3)
    assert element.gene == GENE
    assert element.score == pytest.approx(0.5)
    assert element.sd == pytest.approx((0.5 / 3) ** 0.5)


def test_contact_is_the_mean_over_all_bases_of_the_element_and_none_without_contacts() -> None:
    settings = ElementSettings(top_share=None, threshold=0.5, gap=1, min_length=3)
    scores = replace(row("90600000000000000000"), contact=np.array([0.5, 1.0, 1.5] + [9] * 17, np.float32))
    assert [element.contact for element in call_elements(scores, settings)] == [1.0]
    assert [element.contact for element in call_elements(replace(scores, contact=None), settings)] == [None]


@pytest.mark.parametrize(
    ("strand", "start", "end", "distance"),
    [
        (Strand.PLUS, 5000, 5001, 0),
        (Strand.PLUS, 5001, 5100, 1),
        (Strand.PLUS, 4900, 5000, -1),
        (Strand.MINUS, 5001, 5100, -1),
        (Strand.MINUS, 4900, 5000, 1),
        (Strand.MINUS, 4000, 6000, 0),
    ],
)
def test_distance_is_negative_upstream_of_the_gene(
    strand: Strand, start: int, end: int, distance: int
) -> None:
    gene = Gene("g", "g", "chr2", 5000, strand)
    assert Element(Interval("chr2", start, end), gene, 0.5, 0.1, None).distance == distance


@pytest.mark.parametrize(
    ("start", "end", "promoter"),
    [(3900, 4000, False), (3900, 4001, True), (5999, 6050, True), (6000, 6050, False)],
)
def test_promoter_elements_overlap_the_two_kilobases_that_the_model_clamps(
    start: int, end: int, promoter: bool
) -> None:
    gene = Gene("g", "g", "chr2", 5000, Strand.PLUS)
    assert Element(Interval("chr2", start, end), gene, 0.5, 0.1, None).is_promoter is promoter


def test_padding_is_no_part_of_the_share() -> None:
    gene = Gene("g", "g", "chr2", 0, Strand.PLUS)
    scores = scores_of(gene, 40, [0.9, 0.8, *[0.1] * 18], sizes=ChromSizes({"chr2": 60}))
    assert len(scores.learned) == 20
    assert places(scores, ElementSettings(gap=0, min_length=1)) == [(0, 2)]


@pytest.mark.parametrize(
    "settings",
    [
        {"top_share": 0.1, "threshold": 0.5},
        {"top_share": None, "threshold": None},
        {"top_share": 0.0},
        {"top_share": 1.5},
        {"top_share": None, "threshold": -0.1},
        {"gap": -1},
        {"min_length": 0},
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, float | None]) -> None:
    with pytest.raises(ValueError, match=r"top share|threshold|gap"):
        ElementSettings(**settings)  # type: ignore[arg-type]  # the mistakes are what is tested


def test_soft_models_select_a_share_and_hard_ones_a_threshold() -> None:
    assert ElementSettings.default(hard=False) == ElementSettings(0.10, None, 100, 50)
    assert ElementSettings.default(hard=True) == ElementSettings(None, 0.5, 100, 50)
