"""Training on the CPU computes the published gradients, through the kernels alone."""

from pathlib import Path

import pytest
import torch
from golden_training import TrainingCase
from torch import Tensor

from seq2exp_tracks.model.scan import reference


@pytest.fixture
def _kernels_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> tuple[Tensor, Tensor]:
        raise AssertionError("the definition of the scan ran")

    monkeypatch.delenv("SEQ2EXP_KERNELS", raising=False)
    monkeypatch.setattr(reference, "selective_scan", refuse)


@pytest.mark.usefixtures("_kernels_only")
@pytest.mark.parametrize("name", ["train_soft", "train_hard", "train_hard_nopos", "train_learned_prior"])
def test_gradients_are_the_published_ones_to_1e_4_of_the_largest_of_each_tensor(
    golden: Path, name: str
) -> None:
    case = TrainingCase(golden, name)
    loss = case.loss()
    loss.backward()
    assert loss.item() == pytest.approx(case.meta["log_f64"][0]["total_loss"], rel=1e-5)
    expected = case.published_gradients()
    trained = {name: p.grad for name, p in case.model.named_parameters() if p.requires_grad}
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
