"""The whole model computes by the GPU's kernels, interpreted, what the published code computes.

Interpreted kernels take milliseconds a base, so only the smallest goldens are run.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from golden_case import GoldenCase
from torch import Tensor

from seq2exp_tracks.model import HARD, SOFT, Seq2Exp
from seq2exp_tracks.model.caduceus import Layer
from seq2exp_tracks.model.config import MambaConfig, ModelConfig

LENGTH = 48
SMALL: dict[str, Any] = {
    "window": LENGTH,
    "d_model": 8,
    "generator_layers": 1,
    "encoder_layers": 1,
    "promoter": 10,
    "mamba": MambaConfig(d_state=2),
}
SMALL_SOFT, SMALL_HARD = replace(SOFT, **SMALL), replace(HARD, **SMALL)


@pytest.fixture(autouse=True)
def _kernels_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEQ2EXP_KERNELS", "triton")
    monkeypatch.setattr(Layer, "forward", lambda *_: pytest.fail("the definition was asked"))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["real_lightning_soft", "real_lightning_hard"])
def test_a_window_is_the_published_one(golden: Path, name: str) -> None:
    case = GoldenCase.read(golden, name, torch.float32)
    longest = int(case.expected["mask"].sum(1).argmax())  # the published code pads no window to that one
    output = case.model(*case.alone(longest))
    expected = {key: case.expected[key][longest] for key in ("expression", "mask", "z_alpha", "z_beta")}
    np.testing.assert_allclose(output.expression.numpy(), expected["expression"], rtol=1e-5, atol=2e-5)
    np.testing.assert_allclose(output.mask[0].numpy(), expected["mask"], rtol=0, atol=5e-6)
    np.testing.assert_allclose(output.alpha[0].numpy(), expected["z_alpha"], rtol=3e-6, atol=5e-5)
    np.testing.assert_allclose(output.beta[0].numpy(), expected["z_beta"], rtol=3e-6, atol=5e-5)
    if case.model.config.is_hard:
        assert np.array_equal(output.mask[0].numpy(), expected["mask"])


def inputs(batch: int) -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    bases = torch.randint(0, 4, (batch, LENGTH), generator=generator)
    signals = 3 * torch.rand(batch, LENGTH, 3, generator=generator)
    return torch.eye(4)[bases], signals, torch.randn(batch, 9, generator=generator)


@pytest.mark.parametrize("config", [SMALL_SOFT, SMALL_HARD], ids=["soft", "hard"])
def test_a_window_of_a_batch_is_to_the_last_bit_what_it_is_alone(config: ModelConfig) -> None:
    model, given = Seq2Exp.initialised(config, 5), inputs(3)
    together = model(*given)
    if config.is_hard:
        assert len(set(together.mask.sum(1).tolist())) > 1  # windows of unlike lengths for the encoder
    for index in range(3):
        alone = model(*(x[index : index + 1] for x in given))
        for found, expected in zip(together, alone, strict=True):
            assert torch.equal(found[index : index + 1], expected)


@pytest.mark.parametrize("config", [SMALL_SOFT, SMALL_HARD], ids=["soft", "hard"])
def test_a_batch_is_what_the_definition_makes_of_it(
    config: ModelConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, given = Seq2Exp.initialised(config, 5), inputs(2)
    found = model(*given)
    monkeypatch.undo()
    monkeypatch.setenv("SEQ2EXP_KERNELS", "reference")
    for of_kernels, expected in zip(found, model(*given), strict=True):
        torch.testing.assert_close(of_kernels, expected, rtol=1e-5, atol=1e-5)
