"""Rankings by counts against scikit-learn, and against the definition written out."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score

from seq2exp_tracks.evaluation.ranking import (
    MOST_LEVELS,
    Ranking,
    auprc,
    auroc,
    precision_at,
    recall_at,
)


def drawn(seed: int, items: int, decimals: int | None = 2) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores that tell something, with ties where they are rounded; labels; units."""
    rng = np.random.default_rng(seed)
    truth = rng.random(items) < 0.2
    scores = rng.normal(size=items) + truth
    units = rng.integers(7, size=items)
    return (scores if decimals is None else scores.round(decimals)), truth, units


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("decimals", [0, 1, None])
def test_areas_are_scikit_learns(seed: int, decimals: int | None) -> None:
    scores, truth, units = drawn(seed, 400, decimals)
    ranking = Ranking.of(scores, truth, units)
    assert ranking.estimates(auprc)[0].value == pytest.approx(average_precision_score(truth, scores))
    assert ranking.estimates(auroc)[0].value == pytest.approx(roc_auc_score(truth, scores))


def test_many_distinct_scores_are_cut_into_levels_and_areas_hardly_change() -> None:
    scores, truth, units = drawn(1, 60_000, None)
    ranking = Ranking.of(scores, truth, units)
    assert ranking.positive.shape == (7, MOST_LEVELS)
    assert ranking.estimates(auprc)[0].value == pytest.approx(
        average_precision_score(truth, scores), abs=1e-3
    )
    assert ranking.estimates(auroc)[0].value == pytest.approx(roc_auc_score(truth, scores), abs=1e-4)


def test_a_heap_of_bases_without_signal_leaves_all_levels_to_the_others() -> None:
    rng = np.random.default_rng(9)
    truth = rng.random(200_000) < 0.02
    scores = np.where(rng.random(200_000) < 0.95, 0, rng.gamma(2, size=200_000) * (1 + 4 * truth))
    ranking = Ranking.of(scores, truth, np.zeros(200_000, np.int64))
    together = (ranking.positive + ranking.negative)[0]
    assert len(together) == MOST_LEVELS
    assert together[-1] == (scores == 0).sum()
    assert together[:-1].max() <= 2 * (scores > 0).sum() / MOST_LEVELS
    assert ranking.estimates(auprc)[0].value == pytest.approx(
        average_precision_score(truth, scores), abs=1e-4
    )
    assert ranking.estimates(auroc)[0].value == pytest.approx(roc_auc_score(truth, scores), abs=1e-6)


def test_the_curve_is_scikit_learns() -> None:
    scores, truth, units = drawn(2, 300, 1)
    recall, precision = Ranking.of(scores, truth, units).curve()
    their_precision, their_recall, _ = precision_recall_curve(truth, scores)
    np.testing.assert_allclose(recall, their_recall[-2::-1])
    np.testing.assert_allclose(precision, their_precision[-2::-1])


def test_a_coverage_that_cuts_ties_has_the_expected_value_of_their_random_order() -> None:
    # 2 above, then 4 that tie (one of them positive), then 4 below; half of 10 cuts 3 of the 4.
    scores = np.array([9, 8, 5, 5, 5, 5, 1, 1, 1, 1.0])
    truth = np.array([1, 0, 1, 0, 0, 0, 1, 0, 0, 0], bool)
    ranking = Ranking.of(scores, truth, np.zeros(10, np.int64))
    assert ranking.estimates(precision_at(0.5))[0].value == pytest.approx((1 + 3 / 4) / 5)
    assert ranking.estimates(recall_at(0.5))[0].value == pytest.approx((1 + 3 / 4) / 3)
    assert ranking.estimates(recall_at(1.0))[0].value == 1.0


def test_the_interval_is_that_of_drawing_whole_units() -> None:
    scores, truth, units = drawn(3, 350, 1)
    rng = np.random.default_rng(8)
    areas = []
    for _ in range(1000):
        rows = np.concatenate([np.flatnonzero(units == unit) for unit in rng.integers(7, size=7)])
        areas.append(average_precision_score(truth[rows], scores[rows]))
    found = Ranking.of(scores, truth, units).estimates(auprc)[0]
    assert (found.low, found.high) == pytest.approx(tuple(np.percentile(areas, (2.5, 97.5))), abs=0.02)


def test_one_unit_has_a_value_and_no_interval() -> None:
    scores, truth, _ = drawn(4, 50)
    found = Ranking.of(scores, truth, np.zeros(50, np.int64)).estimates(auroc)[0]
    assert found.value == pytest.approx(roc_auc_score(truth, scores))
    assert np.isnan([found.low, found.high]).all()


@pytest.mark.parametrize("items", [0, 5])
def test_nothing_is_measured_without_items_of_both_kinds(items: int) -> None:
    nothing = Ranking.of(np.arange(items) * 1.0, np.zeros(items, bool), np.arange(items))
    assert not nothing.decided
    assert np.isnan(nothing.estimates(auprc)[0].value)
