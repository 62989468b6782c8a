"""Agreement of expression: the published metrics under names that say what they are."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from seq2exp_tracks.evaluation.expression import agreement


def test_the_measures_are_those_of_the_published_code(golden: Path) -> None:
    for case in json.loads((golden / "misc" / "misc.json").read_text())["eval_metrics"]:
        found = agreement(np.array(case["preds"]), np.array(case["labels"]))
        published = {name.removeprefix("test/"): value for name, value in case["out"].items()}
        assert found["mse"].value == pytest.approx(published["mse"], rel=1e-6)
        assert found["mae"].value == pytest.approx(published["mae"], rel=1e-6)
        assert found["pearson"].value == pytest.approx(published["peasonr"], rel=1e-6)
        assert found["squared_pearson"].value == pytest.approx(published["r_square"], rel=1e-6)


def test_explained_variance_is_below_zero_where_the_mean_predicts_better() -> None:
    measured = np.array([0.0, 1.0, 2.0])
    assert agreement(measured + 5, measured)["explained_variance"].value == pytest.approx(1 - 75 / 2)
    assert agreement(measured + 5, measured)["pearson"].value == pytest.approx(1.0)


def test_intervals_hold_what_scipys_bootstrap_finds() -> None:
    rng = np.random.default_rng(5)
    measured = rng.normal(size=200)
    predicted = measured + rng.normal(size=200)
    theirs = stats.bootstrap(
        (predicted, measured),
        lambda x, y: stats.pearsonr(x, y).statistic,
        paired=True,
        vectorized=False,
        method="percentile",
        n_resamples=1000,
        rng=3,
    ).confidence_interval
    ours = agreement(predicted, measured)["pearson"]
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.02)


def test_a_constant_prediction_has_no_correlation() -> None:
    found = agreement(np.ones(5), np.arange(5.0))
    assert np.isnan(found["pearson"].value)
    assert found["mae"].value == pytest.approx(1.4)


@pytest.mark.parametrize("constant", [0.1, 1.3])
@pytest.mark.parametrize("genes", [52, 100])
def test_constants_whose_mean_is_rounded_are_constants(constant: float, genes: int) -> None:
    same, rising = np.full(genes, constant), np.arange(genes) * 1.0
    for predicted, measured in ((same, rising), (rising, same), (same, same)):
        found = agreement(predicted, measured)
        assert np.isnan([found["pearson"].value, found["pearson"].low, found["squared_pearson"].value]).all()
        is_defined = measured is rising
        assert np.isfinite(found["explained_variance"].value) == is_defined
        assert np.isfinite(found["explained_variance"].low) == is_defined


def test_one_gene_is_refused() -> None:
    with pytest.raises(ValueError, match="1"):
        agreement(np.ones(1), np.ones(1))
