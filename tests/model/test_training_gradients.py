"""Training on the CPU is the published training, draw by draw, through the kernels alone."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from golden_training import TrainingCase
from torch import Tensor

from seq2exp_tracks.model import Seq2Exp
from seq2exp_tracks.model.caduceus import Layer

CASES = ["train_soft", "train_hard", "train_hard_nopos", "train_learned_prior"]


@pytest.fixture(autouse=True)
def _kernels_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> Tensor:
        raise AssertionError("the definition of a layer ran")

    monkeypatch.delenv("SEQ2EXP_KERNELS", raising=False)
    monkeypatch.setattr(Layer, "forward", refuse)


@pytest.mark.parametrize("name", CASES)
def test_gradients_are_the_published_ones_to_1e_4_of_the_largest_of_each_tensor(
    golden: Path, name: str
) -> None:
    case = TrainingCase(golden, name)
    case.losses().total.backward()
    expected = case.published("grad64")
    trained = {name: p.grad for name, p in case.trained().items()}
    assert trained.keys() == expected.keys()
    for parameter, gradient in trained.items():
        assert gradient is not None, parameter
        tolerance = 1e-4 * expected[parameter].abs().max().item()
        torch.testing.assert_close(
            gradient.double(),
            expected[parameter],
            rtol=0,
            atol=tolerance,
            msg=lambda m, p=parameter: f"{p}: {m}",
        )


@pytest.mark.parametrize("name", CASES)
def test_three_steps_have_the_published_losses_and_end_with_the_published_weights(
    golden: Path, name: str
) -> None:
    case = TrainingCase(golden, name)
    for step, recorded in enumerate(case.meta["log_f64"]):
        found = case.step(step)
        names = ("total_loss", "pred_loss", "kl_unweighted", "continuity_unweighted")
        values = {name: part.item() for name, part in zip(names, found, strict=True)}
        assert values == {name: pytest.approx(recorded[name], rel=1e-5, abs=1e-6) for name in names}
    expected = case.published("after64")
    weights = dict(case.model.named_parameters())
    assert weights.keys() == expected.keys()
    for parameter, weight in weights.items():
        torch.testing.assert_close(
            weight.detach().double(),
            expected[parameter],
            rtol=0,
            atol=1e-5,
            msg=lambda m, p=parameter: f"{p}: {m}",
        )


def test_the_expression_teaches_the_published_hard_mask_nothing(golden: Path) -> None:
    case = TrainingCase(golden, "train_hard")
    case.losses().expression.backward()
    assert case.model.mask_output.weight.grad is None


def test_the_mended_hard_mask_learns_from_the_expression_and_predicts_the_same(golden: Path) -> None:
    case = TrainingCase(golden, "train_hard")
    published = case.losses()
    mended = Seq2Exp(replace(case.model.config, weighs_kept_rows=True))
    mended.load_state_dict(case.model.state_dict())
    case.model = mended.train()
    found = case.losses()
    assert torch.equal(torch.stack(found), torch.stack(published))
    found.expression.backward()
    assert mended.mask_output.weight.grad.any()
