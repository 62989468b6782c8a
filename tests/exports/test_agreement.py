"""Predicted against measured expression: the coefficients by their definitions."""

from dataclasses import replace

import numpy as np
import pytest
from example_run import ExampleRun
from hypothesis import given
from hypothesis import strategies as st

from seq2exp_tracks.exports.agreement import agreement, pearson, ranks
from seq2exp_tracks.run_reader import Run

numbers = st.lists(st.integers(-5, 5), min_size=1, max_size=30)


@given(numbers)
def test_a_rank_counts_the_smaller_values_and_half_of_the_equal_ones(values: list[int]) -> None:
    expected = [
        sum(other < value for other in values) + (sum(other == value for other in values) + 1) / 2
        for value in values
    ]
    assert ranks(np.array(values, float)).tolist() == expected


def test_pearson_is_covariance_over_standard_deviations_and_not_defined_for_constants() -> None:
    first, second = np.array([1.0, 2.0, 4.0]), np.array([1.0, 5.0, 3.0])
    covariance = np.mean((first - first.mean()) * (second - second.mean()))
    assert pearson(first, second) == pytest.approx(covariance / first.std() / second.std())
    assert np.isnan(pearson(first, np.ones(3)))
    assert np.isnan(pearson(first[:2], second[:2]))


def test_genes_without_a_label_are_left_out_and_a_run_without_labels_has_no_agreement(
    example: ExampleRun,
) -> None:
    run = Run.open(example.folder)
    unlabelled = {key: replace(scored, measured=None) for key, scored in run.genes.items()}
    assert agreement(replace(run, genes=unlabelled)) is None
    some = {}
    for place, (key, scored) in enumerate(run.genes.items()):
        label = (0.0, 9.0, 99.0, 999.0, None)[place % 5]
        some[key] = replace(scored, expression=float(place % 5), measured=label)
    found = agreement(replace(run, genes=some))
    assert found is not None
    assert found.label == "expression"
    assert len(found.predicted) == sum(scored.measured is not None for scored in some.values())
    assert found.spearman == pytest.approx(1)
    assert found.pearson_log == pytest.approx(1)
    assert found.pearson < 0.9
    assert found.drawn_by_logarithm
