"""Bins summarise the bases that have a value, and never turn a missing value into 0."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from seq2exp_tracks.exports.binning import bin_values, runs_without_value

values = arrays(
    np.float64,
    st.integers(1, 60),
    elements=st.one_of(st.just(float("nan")), st.floats(-100, 100, allow_subnormal=False)),
)


@given(values, st.integers(-50, 50), st.integers(1, 80))
def test_each_bin_holds_mean_and_greatest_of_its_bases_that_have_a_value(
    values: np.ndarray, start: int, bins: int
) -> None:
    binned = bin_values(values, start, bins)
    assert binned.edges[0] == start
    assert binned.edges[-1] == start + len(values)
    assert len(binned.mean) == len(binned.highest) == len(binned.edges) - 1 == min(bins, len(values))
    for number, (first, last) in enumerate(zip(binned.edges[:-1], binned.edges[1:], strict=True)):
        inside = values[first - start : last - start]
        known = inside[np.isfinite(inside)]
        np.testing.assert_allclose(binned.mean[number], known.mean() if len(known) else np.nan, atol=1e-9)
        np.testing.assert_equal(binned.highest[number], known.max() if len(known) else np.nan)


@given(values, st.integers(-50, 50))
def test_runs_without_value_cover_exactly_the_bases_that_have_none(values: np.ndarray, start: int) -> None:
    covered = {base for first, last in runs_without_value(values, start) for base in range(first, last)}
    assert covered == {int(base) + start for base in np.flatnonzero(np.isnan(values))}


def test_runs_without_value_are_as_long_as_they_can_be() -> None:
    values = np.array([np.nan, np.nan, 1.0, np.nan])
    assert runs_without_value(values, 10) == [(10, 12), (13, 14)]
