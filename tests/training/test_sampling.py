"""The mask of training is one draw a base from its Beta distribution, with the gradient of the draw."""

from dataclasses import replace

import pytest
import torch
from small_training import CONFIGS, LENGTH, examples, new_model

from seq2exp_tracks.model import Seq2Exp
from seq2exp_tracks.model.elements import Beta, sample_mask
from seq2exp_tracks.training.examples import as_batch


def parameters() -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [(5 * torch.rand(3, 50, generator=generator) + 0.05).requires_grad_() for _ in range(2)]


def test_a_sample_and_its_gradient_are_those_of_torch() -> None:
    weight = torch.rand(3, 50, generator=torch.Generator().manual_seed(1))
    found = []
    for draw in (lambda a, b: torch.distributions.Beta(a, b).rsample(), lambda a, b: sample_mask(Beta(a, b))):
        alpha, beta = parameters()
        torch.manual_seed(5)
        sample = draw(alpha, beta)
        (sample * weight).sum().backward()
        found.append((sample.detach(), alpha.grad, beta.grad))
    assert all(torch.equal(*pair) for pair in zip(*found, strict=True))


def test_straight_through_is_0_or_1_with_the_gradient_of_the_sample() -> None:
    grads = []
    for threshold in (None, 0.3):
        alpha, beta = parameters()
        sample = sample_mask(Beta(alpha, beta), threshold, torch.Generator().manual_seed(2))
        if threshold is None:
            expected = (sample.detach() >= 0.3).float()
        else:
            assert torch.equal(sample.detach(), expected)
        sample.sum().backward()
        grads.append((alpha.grad, beta.grad))
    assert all(torch.equal(*pair) for pair in zip(*grads, strict=True))


@pytest.mark.parametrize("setting", CONFIGS)
def test_a_model_samples_in_training_only(setting: str) -> None:
    model, windows = new_model(CONFIGS[setting]), as_batch(examples(2))
    arguments = (windows.sequence, windows.signals, windows.features, windows.excluded)

    def mask(seed: int) -> torch.Tensor:
        output = model(*arguments, generator=torch.Generator().manual_seed(seed))
        return output.mask.detach()

    assert torch.equal(mask(1), mask(2))
    model.train()
    assert torch.equal(mask(1), mask(1))
    assert not torch.equal(mask(1), mask(2))
    middle = slice(LENGTH // 2 - 4, LENGTH // 2 + 4)
    assert (mask(1)[:, middle] == 1).all()
    outside = torch.ones(LENGTH, dtype=torch.bool)
    outside[middle] = False
    assert (mask(1)[windows.excluded & outside] == 0).all()
    assert ((mask(1) == 0) | (mask(1) == 1)).all() == (setting != "soft")


def test_only_the_mended_hard_mask_learns_from_the_expression() -> None:
    windows = as_batch(examples(3))
    learns = {}
    for setting, config in CONFIGS.items():
        model = new_model(config).train()
        output = model(
            windows.sequence, windows.signals, windows.features, generator=torch.Generator().manual_seed(0)
        )
        output.expression.sum().backward()
        gradient = model.mask_output.weight.grad
        learns[setting] = gradient is not None and bool(gradient.any())
    assert learns == {"soft": True, "hard": False, "hard-straight": True}


def test_the_mended_hard_model_scores_as_the_published_one() -> None:
    published, windows = new_model(CONFIGS["hard"]), as_batch(examples(2))
    mended = Seq2Exp(CONFIGS["hard-straight"]).eval()
    mended.load_state_dict(published.state_dict())
    arguments = (windows.sequence, windows.signals, windows.features)
    assert torch.equal(mended(*arguments).expression, published(*arguments).expression)


def test_kept_rows_are_weighed_only_where_they_are_moved_together() -> None:
    with pytest.raises(ValueError, match="weighing kept rows needs a position embedding"):
        replace(CONFIGS["soft"], weighs_kept_rows=True)
