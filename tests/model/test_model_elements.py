"""From evidence to mask, on numbers that a hand can check."""

import math

import pytest
import torch

from seq2exp_tracks.model.config import HARD, SOFT, BetaConfig
from seq2exp_tracks.model.elements import (
    Beta,
    clamp_mask,
    combine,
    hard_mask,
    pick_mask,
    promoter_start,
    sequence_evidence,
    signal_evidence,
    top_mask,
)
from seq2exp_tracks.model.mask_rules import HardMask, SoftMask, TopMask

LOG2 = math.log(2)


def row(*values: float) -> torch.Tensor:
    return torch.tensor([values], dtype=torch.float64)


def test_the_second_logit_speaks_for_a_base_and_the_first_against() -> None:
    logits = torch.tensor([[[0.0, 100.0]]], dtype=torch.float64)
    found = sequence_evidence(logits, SOFT.beta)
    torch.testing.assert_close(found.alpha, row(101 + 1e-8))
    torch.testing.assert_close(found.beta, row(LOG2 + 1 + 1e-8))


def test_hard_evidence_has_no_floor_but_a_tiny_one() -> None:
    logits = torch.tensor([[[-100.0, -100.0]]], dtype=torch.float64)
    found = sequence_evidence(logits, HARD.beta)
    torch.testing.assert_close(found.alpha, row(1e-8))


def test_a_signal_speaks_for_a_base_in_proportion_and_a_constant_against() -> None:
    found = signal_evidence(row(0.0, 2.0), torch.tensor(0.2, dtype=torch.float64), SOFT.beta)
    torch.testing.assert_close(found.alpha, row(10.0 + 1e-8, 30.0 + 1e-8))
    assert found.beta.item() == pytest.approx(12.0)


def test_evidence_is_added_with_the_first_weights_and_scaled() -> None:
    sequence = Beta(row(1.0), row(2.0))
    signals = [Beta(row(10.0), row(20.0)), Beta(row(100.0), row(200.0))]
    weights = torch.tensor([0.5, 0.25, 0.25], dtype=torch.float64)
    found = combine(sequence, signals, weights, BetaConfig(total_scale=2.0))
    torch.testing.assert_close(found.alpha, row(2 * (1 + 5 + 25)))
    torch.testing.assert_close(found.beta, row(2 * (2 + 10 + 50)))
    alone = combine(sequence, signals, weights, BetaConfig(signals_only=True))
    torch.testing.assert_close(alone.alpha, row(5 + 25))
    torch.testing.assert_close(alone.beta, row(10 + 50))


def test_each_rule_picks_its_mask_from_the_means() -> None:
    distribution = Beta(row(1.0, 2.0, 3.0, 2.0), row(3.0, 2.0, 1.0, 2.0))  # means 1/4, 1/2, 3/4, 1/2
    assert torch.equal(pick_mask(distribution, SoftMask()), row(0.25, 0.5, 0.75, 0.5))
    assert torch.equal(pick_mask(distribution, HardMask(0.5)), row(0.0, 1.0, 1.0, 1.0))
    assert torch.equal(pick_mask(distribution, TopMask(0.5)), row(0.0, 1.0, 1.0, 0.0))
    assert torch.equal(pick_mask(distribution, TopMask(0.5, soft=True)), row(0.0, 0.5, 0.75, 0.0))


def test_a_mean_at_the_threshold_is_kept() -> None:
    assert torch.equal(hard_mask(row(0.3, 0.2999, 0.3001), 0.3), row(1.0, 0.0, 1.0))


def test_the_top_share_is_rounded_down_and_equal_means_are_taken_from_the_left() -> None:
    assert torch.equal(top_mask(row(1.0, 1.0, 1.0, 1.0, 1.0), 0.5), row(1.0, 1.0, 0.0, 0.0, 0.0))
    assert torch.equal(top_mask(row(0.1, 0.2), 0.4), row(0.0, 0.0))
    assert torch.equal(top_mask(row(0.1, 0.2), 1.0), row(1.0, 1.0))


def test_the_include_list_overrides_the_blacklist_and_the_promoter_overrides_both() -> None:
    mask = torch.full((1, 8), 0.5)
    blacklist = torch.tensor([[1, 1, 0, 1, 0, 0, 0, 0]])
    include = torch.tensor([[0, 1, 1, 0, 0, 0, 0, 0]])
    found = clamp_mask(mask, blacklist, include, promoter=2)
    assert torch.equal(found, torch.tensor([[0.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 0.5]]))
    assert torch.equal(mask, torch.full((1, 8), 0.5))


def test_without_lists_only_the_promoter_is_clamped() -> None:
    found = clamp_mask(torch.zeros(1, 5), None, None, promoter=1)
    assert torch.equal(found, torch.tensor([[0.0, 0.0, 1.0, 0.0, 0.0]]))
    assert torch.equal(clamp_mask(torch.zeros(1, 5), None, None, promoter=0), torch.zeros(1, 5))


@pytest.mark.parametrize(
    ("length", "promoter", "start"), [(200_000, 2000, 99_000), (1025, 199, 413), (6, 6, 0)]
)
def test_the_promoter_starts_half_the_rest_from_the_left(length: int, promoter: int, start: int) -> None:
    assert promoter_start(length, promoter) == start
