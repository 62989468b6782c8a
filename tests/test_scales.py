"""Distributions of signals, and the maps between them, against their definitions in plain Python."""

import json
import math
from bisect import bisect_left

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2exp_tracks.genome import Gene, Strand
from seq2exp_tracks.scales import (
    LEVELS,
    MOST_WINDOWS,
    Distribution,
    ScaleMap,
    by_factor,
    by_quantiles,
    measure,
    spread,
)
from seq2exp_tracks.windows import Window

VALUES = st.floats(2**-10, 2**10, width=32)
SIGNALS = st.lists(VALUES, min_size=1, max_size=60).map(lambda values: np.array(values, np.float32))
COUNTS = st.lists(st.integers(0, 5), min_size=1, max_size=60).map(lambda values: np.array(values, np.float32))


def distributions(signals=SIGNALS):
    return signals.map(Distribution.of).filter(lambda found: not found.is_empty)


def lowest_with_share(values, level):
    """The smallest value such that at least this share of all values lies at or below it."""
    for value in sorted(values):
        if sum(other <= value for other in values) >= level * len(values) * (1 - 1e-12):
            return value
    return max(values)


@given(st.one_of(SIGNALS, COUNTS))
def test_a_distribution_has_the_share_of_zeros_and_the_quantiles_of_the_rest(values):
    found = Distribution.of(values)
    above = [float(value) for value in values if value > 0]
    assert found.zeros == pytest.approx(1 - len(above) / len(values), abs=1e-6)
    if above:
        expected = [lowest_with_share(above, level) for level in LEVELS]
        assert found.quantiles == pytest.approx(expected, rel=1e-6)
        assert [found.quantile(level) for level in (0.5, 1.0)] == [found.quantiles[50], found.quantiles[-1]]
    else:
        assert found == Distribution(1.0, ())


def test_a_level_that_is_rounded_up_takes_no_value_more():
    values = np.repeat(np.array([1, 2], np.float32), [14, 11])
    assert 0.56 * 25 > 14
    assert Distribution.of(values).quantile(0.56) == 1.0


def mapped_by_definition(scale, value):
    """0 to 0, a straight line from knot to knot, beyond the last one its ratio."""
    knots, images = (0.0, *scale.knots), (0.0, *scale.images)
    if value >= knots[-1]:
        return value * images[-1] / knots[-1]
    right = max(bisect_left(knots, value), 1)
    left = right - 1
    share = (value - knots[left]) / (knots[right] - knots[left])
    return images[left] + share * (images[right] - images[left])


def maps():
    """Maps from some signals to others, of both kinds."""
    kinds = st.sampled_from([by_factor, by_quantiles])
    either = st.one_of(distributions(), distributions(COUNTS))
    return st.builds(lambda kind, one, other: kind(one, other), kinds, either, either)


@given(maps(), SIGNALS)
def test_a_map_is_its_definition(scale, values):
    expected = [mapped_by_definition(scale, float(value)) for value in values]
    assert scale(values).dtype == np.float32
    np.testing.assert_allclose(scale(values), expected, rtol=1e-6)


@given(maps(), SIGNALS)
def test_a_map_keeps_0_and_the_order_of_values(scale, values):
    ordered = np.sort(np.append(values, np.float32(0)))
    mapped = scale(ordered)
    assert mapped[0] == 0
    assert (np.diff(mapped) >= -1e-6 * mapped[1:]).all()
    assert np.isfinite(mapped).all()


@given(st.one_of(distributions(), distributions(COUNTS)), SIGNALS)
def test_where_distributions_agree_nothing_changes(found, values):
    for kind in (by_factor, by_quantiles):
        np.testing.assert_allclose(kind(found, found)(values), values, rtol=1e-6)


@given(distributions(), distributions())
def test_the_factor_is_that_of_the_medians(one, other):
    scale = by_factor(one, other)
    assert one.mapped(scale).quantile(0.5) == pytest.approx(other.quantile(0.5), rel=1e-5)
    ratio = other.quantile(0.5) / one.quantile(0.5)
    assert one.mapped(scale).quantiles == pytest.approx([ratio * value for value in one.quantiles], rel=1e-5)


ALL_DIFFERENT = st.sets(st.integers(1, 9_999), min_size=len(LEVELS), max_size=len(LEVELS)).map(
    lambda values: Distribution(0.5, tuple(value / 8 for value in sorted(values)))
)


@given(ALL_DIFFERENT, distributions())
def test_quantiles_become_those_of_the_training(one, other):
    assert one.mapped(by_quantiles(one, other)).quantiles == pytest.approx(other.quantiles, rel=1e-5)


def test_quantiles_of_one_value_go_to_the_middle_one_of_theirs():
    one = Distribution(0.5, (1.0,) * 50 + (2.0,) * (len(LEVELS) - 50))
    other = Distribution(0.5, tuple(float(place + 1) for place in range(len(LEVELS))))
    scale = by_quantiles(one, other)
    assert (scale.knots, scale.images) == ((1.0, 2.0), (26.0, 78.0))


def test_a_signal_that_is_0_everywhere_has_no_map():
    nothing, something = Distribution(1.0, ()), Distribution.of(np.ones(3, np.float32))
    for kind in (by_factor, by_quantiles):
        assert kind(nothing, something) is None
        assert kind(something, nothing) is None
    assert str(nothing) == "0 everywhere"


@given(maps(), distributions())
def test_both_come_back_from_json(scale, found):
    assert ScaleMap.from_json(json.loads(json.dumps(scale.to_json()))) == scale
    assert Distribution.from_json(json.loads(json.dumps(found.to_json()))) == found


@pytest.mark.parametrize(
    "bad",
    [
        None,
        {},
        {"zeros": 0.1},
        {"zeros": 2, "quantiles": []},
        {"zeros": 0, "quantiles": [1.0]},
        {"zeros": 0, "quantiles": [0.0] * len(LEVELS)},
        {"zeros": 0, "quantiles": [2.0, 1.0, *[3.0] * (len(LEVELS) - 2)]},
        {"zeros": 0, "quantiles": [math.inf] * len(LEVELS)},
        {"zeros": 0, "quantiles": [math.nan] * len(LEVELS)},
    ],
)
def test_what_is_no_distribution_is_refused(bad):
    with pytest.raises(ValueError, match=r"distribution|zeros|quantiles"):
        Distribution.from_json(bad)


@pytest.mark.parametrize(
    ("knots", "images"),
    [((), ()), ((1,), (1, 2)), ((0,), (1,)), ((2, 1), (1, 2)), ((1, 2), (2, 1)), ((1,), (0,)), ((1,), (-1,))],
)
def test_what_is_no_map_of_scales_is_refused(knots, images):
    with pytest.raises(ValueError, match="knots"):
        ScaleMap.from_json({"from": knots, "to": images})


@given(st.integers(1, 900), st.integers(1, 300))
def test_some_of_many_are_spread_from_the_first_to_the_last(count, most):
    some = spread(range(count), most)
    assert len(set(some)) == len(some) == min(count, most)
    if most > 1:
        assert (some[0], some[-1]) == (0, count - 1)
        steps = np.diff(some)
        assert len(steps) == 0 or steps.max() - steps.min() <= 1


def test_a_signal_is_measured_over_windows_without_their_padding():
    genes = [Gene(str(tss), "", "chr1", tss, Strand.PLUS) for tss in (0, 30, 99)]
    windows = [Window.around(gene, 20, 100) for gene in genes]
    values = np.arange(100, dtype=np.float32) % 7

    def read(window):
        return values[window.inside.start : window.inside.end]

    assert measure(read, windows) == Distribution.of(
        np.concatenate([values[:10], values[20:40], values[89:]])
    )
    assert measure(read, []) == Distribution(1.0, ())


def test_of_many_and_long_windows_some_bases_are_measured(monkeypatch):
    monkeypatch.setattr("seq2exp_tracks.scales.MOST_VALUES", 50)
    window = Window.around(Gene("a", "", "chr1", 50, Strand.PLUS), 100, 100)
    asked = []

    def read(window):
        asked.append(window)
        return np.arange(100, dtype=np.float32)

    assert measure(read, [window]) == Distribution.of(np.arange(0, 100, 2, dtype=np.float32))
    asked.clear()
    measure(read, [window] * 1_000)
    assert len(asked) == MOST_WINDOWS
