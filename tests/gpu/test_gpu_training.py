"""Training through the Triton scan, in the interpreter: a whole model, mixed precision, a published step."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from golden_training import TrainingCase
from torch import Tensor

from seq2exp_tracks.model import SOFT, Seq2Exp, mamba
from seq2exp_tracks.model.config import MambaConfig
from seq2exp_tracks.model.mamba import Mamba
from seq2exp_tracks.model.scan import cpu, gpu, reference, selective_scan

SMALL = replace(
    SOFT,
    window=14,
    d_model=6,
    generator_layers=1,
    encoder_layers=1,
    promoter=4,
    mamba=MambaConfig(d_state=3, d_conv=3),
)


@pytest.fixture(autouse=True)
def few_steps_are_many_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpu, "CHUNK", 8)


@pytest.fixture
def _triton_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> tuple[Tensor, Tensor]:
        raise AssertionError("another scan ran")

    monkeypatch.setenv("SEQ2EXP_KERNELS", "triton")
    for module in (cpu, reference):
        monkeypatch.setattr(module, "selective_scan", refuse)


def small_step() -> dict[str, Tensor]:
    """Gradients of all weights of a small model that learns its mask, after one step."""
    model = Seq2Exp.initialised(SMALL, seed=5).requires_grad_(True)
    generator = torch.Generator().manual_seed(0)
    sequence = torch.eye(4)[torch.randint(0, 4, (2, SMALL.window), generator=generator)]
    signals = 3 * torch.rand(2, SMALL.window, 3, generator=generator)
    output = model(sequence, signals, torch.randn(2, 9, generator=generator))
    (output.expression.sum() + output.mask.square().sum()).backward()
    return {name: weight.grad for name, weight in model.named_parameters() if weight.grad is not None}


@pytest.fixture
def definition(monkeypatch: pytest.MonkeyPatch) -> dict[str, Tensor]:
    monkeypatch.setenv("SEQ2EXP_KERNELS", "reference")
    return small_step()


def test_gradients_of_a_whole_model_are_those_of_the_definition_to_1e_5_of_the_largest(
    definition: dict[str, Tensor], request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("_triton_only")
    found = small_step()
    assert found.keys() == definition.keys()
    assert {"generator.layers.0.forwards.A_log", "encoder.layers.0.backwards.dt_proj.weight"} <= found.keys()
    for name, gradient in found.items():
        largest = definition[name].abs().max().item()
        torch.testing.assert_close(gradient, definition[name], rtol=0, atol=1e-5 * largest, msg=name)


def reader_step(dtype: torch.dtype) -> dict[str, Tensor]:
    """Gradients of the weights of one reader, whose products are of a type."""
    reader = Mamba(SMALL, reverse=True)
    generator = torch.Generator().manual_seed(1)
    for weight in reader.parameters():
        weight.data = 0.5 * torch.randn(weight.shape, generator=generator)
    x = torch.randn(2, 9, SMALL.d_inner, generator=generator)
    with torch.autocast("cpu", torch.bfloat16, enabled=dtype == torch.bfloat16):
        y = reader(x)
    (y.float() * torch.randn(y.shape, generator=generator)).sum().backward()
    return {name: weight.grad for name, weight in reader.named_parameters() if weight.grad is not None}


@pytest.mark.usefixtures("_triton_only")
def test_automatic_mixed_precision_changes_gradients_by_no_more_than_its_rounding() -> None:
    exact, mixed = reader_step(torch.float32), reader_step(torch.bfloat16)
    assert mixed.keys() == exact.keys() == dict(Mamba(SMALL, reverse=True).named_parameters()).keys()
    differences = {
        name: (gradient - exact[name]).abs().max().item() / exact[name].abs().max().item()
        for name, gradient in mixed.items()
    }
    assert all(gradient.dtype == torch.float32 for gradient in mixed.values())
    assert 0 < max(differences.values()) < 0.03  # bfloat16 has 8 bits: 0.004 a rounding


@pytest.mark.slow
def test_a_published_training_step_with_a_stretch_of_every_scan_by_triton(
    golden: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # 20 of 512 rows, begun in the state that the definition left and ended in the one that it goes on from.
    monkeypatch.setenv("SEQ2EXP_KERNELS", "reference")
    scans = []

    def stretched(
        x: Tensor, delta: Tensor, A: Tensor, B: Tensor, C: Tensor, D: Tensor, reverse: bool
    ) -> tuple[Tensor, None]:
        pieces, state, found = (slice(0, 200), slice(200, 220), slice(220, 512)), None, []
        for rows in reversed(pieces) if reverse else pieces:
            given = (x[:, rows], delta[:, rows], A, B[:, rows], C[:, rows], D)
            if rows == pieces[1]:
                assert state is not None
                scans.append(given[0].shape)
                y, state = gpu.selective_scan(*given, state, reverse)
            else:
                y, state = selective_scan(*given, state, reverse)
            found.append(y)
        return torch.cat(found[::-1] if reverse else found, 1), None

    monkeypatch.setattr(mamba, "selective_scan", stretched)
    case = TrainingCase(golden, "train_soft")
    loss = case.losses().total
    loss.backward()
    assert scans == [(2, 20, 16)] * 4
    assert loss.item() == pytest.approx(case.meta["log_f64"][0]["total_loss"], rel=1e-5)
    expected = case.published("grad64")
    for name, weight in case.trained().items():
        assert weight.grad is not None, name
        difference = (weight.grad.double() - expected[name]).abs().max()
        assert difference <= 1e-4 * expected[name].abs().max(), name
