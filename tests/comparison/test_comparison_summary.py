"""Means, spreads and paired differences over seeds."""

import math

import pytest

from seq2exp_tracks.comparison.summary import Paired, Spread


def test_a_spread_is_the_mean_and_the_standard_deviation_over_seeds() -> None:
    spread = Spread.over([1.0, 2.0, 6.0])
    assert spread == Spread(3.0, pytest.approx(math.sqrt(7)), 3, 3)
    assert spread.told() == "3.0000 ± 2.6458"
    assert spread.told(".1f") == "3.0 ± 2.6"


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ([0.5], "0.5000"),
        ([0.5, None], "0.5000 (1 of 2)"),
        ([0.5, None, 1.0], "0.7500 ± 0.3536 (2 of 3)"),
        ([None, None], "-"),
        ([], "-"),
    ],
)
def test_seeds_without_a_value_are_left_out_and_counted(values: list[float | None], told: str) -> None:
    assert Spread.over(values).told() == told


def test_a_paired_difference_is_taken_seed_by_seed() -> None:
    paired = Paired.of({1: 0.5, 2: 0.5, 3: 0.25, 4: None, 5: 9.0}, {1: 0.25, 2: 0.5, 3: 0.5, 4: 1.0})
    assert paired == Paired(Spread(0.0, 0.25, 3, 3), better=1, seeds=3)
    assert paired.told() == ("+0.0000 ± 0.2500", "1 of 3")


def test_of_an_error_the_lower_is_better() -> None:
    values, reference = {1: 0.125, 2: 0.5}, {1: 0.25, 2: 0.75}
    assert Paired.of(values, reference, lower_is_better=True).told() == ("-0.1875 ± 0.0884", "2 of 2")
    assert Paired.of(values, reference).told()[1] == "0 of 2"


def test_what_shares_no_seed_is_not_compared() -> None:
    assert Paired.of({1: 0.5}, {2: 0.5}).told() == ("-", "-")
