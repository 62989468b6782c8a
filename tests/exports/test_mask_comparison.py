import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2exp_tracks.exports.mask_comparison import MaskComparison

scores = st.integers(0, 1000).map(lambda thousandths: thousandths / 1000)
pieces = st.lists(st.lists(st.tuples(scores, scores), max_size=30), max_size=6)


@given(pieces=pieces)
def test_counting_up_pieces_gives_what_all_values_at_once_give(
    pieces: list[list[tuple[float, float]]],
) -> None:
    comparison = MaskComparison()
    for piece in pieces:
        a, b = np.array(piece, np.float64).reshape(-1, 2).T
        comparison.add(a, b)
    a, b = np.array([pair for piece in pieces for pair in piece], np.float64).reshape(-1, 2).T
    assert comparison.bases == len(a)
    if len(a) == 0:
        assert comparison.mean_absolute_difference is None
        assert comparison.pearson is None
        return
    assert comparison.mean_absolute_difference == pytest.approx(abs(a - b).mean())
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        assert comparison.pearson is None
    else:
        assert comparison.pearson == pytest.approx(np.corrcoef(a, b)[0, 1], abs=1e-9)


def test_masks_far_from_0_lose_no_digits() -> None:
    draw = np.random.default_rng(0)
    a, b = draw.normal(1e6, 1e-3, (2, 10_000))
    comparison = MaskComparison()
    for start in range(0, 10_000, 77):
        comparison.add(a[start : start + 77], b[start : start + 77])
    assert comparison.pearson == pytest.approx(np.corrcoef(a, b)[0, 1], abs=1e-6)
