"""Which examples a step sees is decided by seed and step."""

from itertools import chain

import pytest
import torch

from seq2exp_tracks.training.order import batches, draws_of


@pytest.mark.parametrize("first", range(11))
def test_a_run_that_goes_on_sees_what_an_unbroken_one_sees(first: int) -> None:
    whole = list(batches(10, 3, seed=4, first=0, last=11))
    assert list(batches(10, 3, seed=4, first=first, last=11)) == whole[first:]


def test_an_epoch_sees_no_example_twice_and_epochs_differ_in_order() -> None:
    one, two = (list(batches(12, 4, 0, first, first + 3)) for first in (0, 3))
    assert sorted(chain(*one)) == sorted(chain(*two)) == list(range(12))
    assert one != two
    assert one != list(batches(12, 4, 1, 0, 3))


def test_of_few_examples_every_batch_has_all() -> None:
    assert [sorted(batch) for batch in batches(3, 8, 0, 0, 2)] == [[0, 1, 2]] * 2


def test_every_window_of_every_step_has_draws_of_its_own() -> None:
    drawn = {
        torch.rand(1, generator=draws_of(seed, step, window, torch.device("cpu"))).item()
        for seed in (0, 1)
        for step in range(5)
        for window in range(8)
    }
    assert len(drawn) == 2 * 5 * 8
