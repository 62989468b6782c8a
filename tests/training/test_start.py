"""Where a short training starts from."""

from dataclasses import replace

import pytest
import torch
from torch.nn.functional import softplus

from seq2exp_tracks.model.config import HARD, SOFT, BetaConfig, ModelConfig
from seq2exp_tracks.model.initialise import STEP_RANGE
from seq2exp_tracks.model.seq2exp import Seq2Exp
from seq2exp_tracks.training.start import Start, move_to

SMALL = replace(SOFT, window=64, d_model=8, generator_layers=1, encoder_layers=1, promoter=8)
STRONG = SMALL.beta
WEAK = BetaConfig(scale=1.0, minimum=0.1, marginal_scale=1.0)


def silent_mask(model: Seq2Exp) -> torch.Tensor:
    """The mean of the mask's distribution in a window without signals, by the last layer's bias alone."""
    logits = model.mask_output.bias.expand(1, 64, 2)
    return model.mask_distribution(logits, torch.zeros(1, 64, 3)).mean


def steps_of(model: Seq2Exp) -> torch.Tensor:
    biases = [weight for name, weight in model.named_parameters() if name.endswith("dt_proj.bias")]
    return softplus(torch.cat(biases))


@pytest.mark.parametrize("beta", [STRONG, WEAK])
def test_a_base_without_signal_starts_at_the_marginal_mean(beta: BetaConfig) -> None:
    model = Seq2Exp.initialised(replace(SMALL, beta=beta), seed=1)
    assert silent_mask(model).mean() > 0.3  # as published

    move_to(model, Start(at_marginal=True))

    torch.testing.assert_close(silent_mask(model), torch.full((1, 64), 0.1))


def test_step_sizes_are_spread_over_the_range_as_they_were_over_the_published_one() -> None:
    published, longer = (Seq2Exp.initialised(SMALL, seed=1) for _ in range(2))
    move_to(longer, Start(steps=(1e-4, 1e-2)))

    # Two decades in both: each step is a tenth of what it was.
    torch.testing.assert_close(steps_of(longer), steps_of(published) / 10, rtol=1e-4, atol=0)


@pytest.mark.parametrize("config", [SMALL, replace(HARD, window=64, d_model=8, promoter=8)])
def test_the_published_start_changes_no_weight(config: ModelConfig) -> None:
    published, moved = (Seq2Exp.initialised(config, seed=1) for _ in range(2))
    move_to(moved, Start(steps=STEP_RANGE))

    for before, after in zip(published.parameters(), moved.parameters(), strict=True):
        assert torch.equal(before, after)
