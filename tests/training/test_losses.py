"""The losses are the published ones: numbers of the official code (`misc/misc.json` of the goldens)."""

import json
from pathlib import Path

import pytest
import torch

from seq2exp_tracks.model.batch import Seq2ExpOutput
from seq2exp_tracks.model.config import BetaConfig
from seq2exp_tracks.training.losses import LossWeights, losses


def output(
    expression: torch.Tensor, mask: torch.Tensor, alpha: torch.Tensor | None, beta: torch.Tensor | None
) -> Seq2ExpOutput:
    return Seq2ExpOutput(expression, mask, alpha, beta)


def test_the_error_of_the_expression_is_smooth_l1(golden: Path) -> None:
    case = json.loads((golden / "misc" / "misc.json").read_text())["loss"]
    predicted, labels = (torch.tensor(case[name])[:, 0] for name in ("pred", "target"))
    found = losses(
        output(predicted, torch.zeros(len(labels), 4), None, None), labels, BetaConfig(), LossWeights()
    )
    assert found.expression.item() == pytest.approx(case["out"]["pred_loss"], rel=1e-6)
    assert found.total.item() == found.expression.item()


def test_the_divergence_is_that_of_every_base_from_the_marginal(golden: Path) -> None:
    case = json.loads((golden / "misc" / "misc.json").read_text())["beta_kl"]
    alpha, beta = (torch.tensor(case[name], dtype=torch.float64)[None] for name in ("alpha", "beta"))
    config = BetaConfig(marginal_scale=10.0, marginal_mean=0.1)
    assert case["marginal"] == [10.0, 90.0]
    nothing = torch.zeros(1, dtype=torch.float64)
    found = losses(output(nothing, alpha * 0, alpha, beta), nothing, config, LossWeights(divergence=0.5))
    assert found.divergence.item() == pytest.approx(sum(case["kl"]) / len(case["kl"]), rel=1e-9)
    assert found.total.item() == pytest.approx(0.5 * found.divergence.item())


def test_changes_of_the_mask_count_over_its_length_and_one() -> None:
    mask = torch.tensor([[0.0, 1.0, 1.0, 0.5], [1.0, 1.0, 1.0, 1.0]])
    nothing = torch.zeros(2)
    found = losses(output(nothing, mask, None, None), nothing, BetaConfig(), LossWeights(continuity=0.2))
    assert found.continuity.item() == pytest.approx((1.5 + 0) / 2 / 5)
    assert found.total.item() == pytest.approx(0.2 * 0.15)
