"""Layers that are read by the kernels of training have the gradients of the definition."""

import re
from copy import deepcopy

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import given, settings
from layer_inputs import SIZES, random_rows, random_stack
from llvmlite import ir
from torch import Tensor

from seq2exp_tracks.errors import TracksError
from seq2exp_tracks.model.caduceus import Layer, Stack
from seq2exp_tracks.model.compiled.layout import Sizes
from seq2exp_tracks.model.compiled.machine import MACHINES, assembly, runnable
from seq2exp_tracks.model.compiled.stack import CompiledStack
from seq2exp_tracks.model.compiled.training import read_in_training
from seq2exp_tracks.model.compiled.training_layout import CHUNK, TrainingPlan
from seq2exp_tracks.model.compiled.training_sweep import sweeps_back, sweeps_there
from seq2exp_tracks.model.config import MambaConfig
from seq2exp_tracks.model.reading import read

# All sizes on this machine's own vectors, those that fill no vector on all others.
CASES = [(runnable()[0], size) for size in range(len(SIZES))]
CASES += [(machine, size) for machine in runnable()[1:] for size in (1, 3)]
# One of each kind of vectors, and two of this machine's own; the others are proofs.
QUICK = {(runnable()[0], 1), (runnable()[0], 3), *((machine, 1) for machine in runnable()[1:])}
VARIANTS = [pytest.param(*case, marks=() if case in QUICK else pytest.mark.slow) for case in CASES]
OWN = MACHINES[runnable()[0]]


def trained(size: int, layers: int = 2) -> Stack:
    return random_stack(*SIZES[size], layers).requires_grad_(True)


def gradients(stack: Stack, x: Tensor, y: Tensor) -> dict[str, Tensor]:
    """Gradients of the rows and of all weights, of a sum of the outputs with random weights."""
    weights = random_rows(*y.shape, seed=9).to(y.dtype)
    named = {"rows": x, **dict(stack.named_parameters())}
    found = torch.autograd.grad((y * weights).sum(), list(named.values()))
    return dict(zip(named, found, strict=True))


def differences(found: dict[str, Tensor], exact: dict[str, Tensor]) -> dict[str, float]:
    """How far each tensor is off, in shares of its largest number."""
    assert {name: x.shape for name, x in found.items()} == {name: x.shape for name, x in exact.items()}
    return {name: float((found[name] - x).abs().max() / (x.abs().max() + 1e-30)) for name, x in exact.items()}


@pytest.mark.parametrize(("machine", "size"), VARIANTS)
@settings(max_examples=8, deadline=None)
@given(batch=st.integers(1, 2), length=st.integers(1, 3 * CHUNK + 5), layers=st.integers(1, 3))
def test_gradients_are_those_of_the_definition(
    machine: str, size: int, batch: int, length: int, layers: int
) -> None:
    stack, x = trained(size, layers), random_rows(batch, length, SIZES[size][0]).requires_grad_()
    exact, wide = deepcopy(stack).double(), x.detach().double().requires_grad_()
    y = read_in_training(stack, x, MACHINES[machine])
    inference = CompiledStack(random_stack(*SIZES[size], layers), MACHINES[machine])
    assert torch.equal(y, torch.stack([inference.read(window) for window in x.detach()]))

    expected = gradients(exact, wide, exact(wide))
    # Some of these stacks amplify rounding: kernels may be off by a few times what the definition in float32
    # is, or what it is exactly of rows that were rounded once more.
    rounded = (wide.detach() * (1 + 1e-7 * random_rows(*x.shape, seed=5).double())).requires_grad_()
    others = gradients(stack, x, stack(x)), gradients(exact, rounded, exact(rounded))
    off = max(max(differences(other, expected).values()) for other in others)
    for name, difference in differences(gradients(stack, x, y), expected).items():
        assert difference <= 1e-5 + 5 * off, name


def test_gradients_of_long_windows_of_the_usual_sizes_are_those_of_the_definition() -> None:
    stack, x = random_stack(32, MambaConfig(), 1).requires_grad_(True), random_rows(1, 600, 32)
    exact, wide = deepcopy(stack).double(), x.double().requires_grad_()
    x.requires_grad_()
    found = gradients(stack, x, read_in_training(stack, x, OWN))
    assert max(differences(found, gradients(exact, wide, exact(wide))).values()) < 1e-5


def test_a_batch_has_the_rows_of_its_windows_and_the_sum_of_their_gradients() -> None:
    stack, x = trained(1), random_rows(3, 70, 20)
    whole = read_in_training(stack, x, OWN)
    alone = [read_in_training(stack, x[i : i + 1], OWN) for i in range(3)]
    assert torch.equal(whole, torch.cat(alone))
    found = torch.autograd.grad(whole.square().sum(), list(stack.parameters()))
    parts = [torch.autograd.grad(y.square().sum(), list(stack.parameters())) for y in alone]
    for gradient, expected in zip(found, map(sum, zip(*parts, strict=True)), strict=True):
        torch.testing.assert_close(gradient, expected, rtol=1e-5, atol=1e-5 * float(gradient.abs().max()))


@pytest.mark.parametrize("shape", [(0, 5, 20), (2, 0, 20)])
def test_nothing_to_read_has_gradients_of_nothing(shape: tuple[int, int, int]) -> None:
    stack, x = trained(1), torch.zeros(shape, requires_grad=True)
    y = read_in_training(stack, x, OWN)
    found = torch.autograd.grad(y.sum(), [x, *stack.parameters()])
    assert y.shape == x.shape
    assert found[0].shape == x.shape
    assert not any(gradient.any() for gradient in found[1:])


def test_only_what_needs_a_gradient_has_one() -> None:
    stack, x = random_stack(*SIZES[1]), random_rows(1, 60, 20).requires_grad_()
    y = read(stack, x)
    y.square().sum().backward()
    expected = deepcopy(stack)(x)
    torch.testing.assert_close(x.grad, torch.autograd.grad(expected.square().sum(), x)[0])
    assert all(weight.grad is None for weight in stack.parameters())


def test_going_back_leaves_everything_as_it_was_and_can_be_repeated() -> None:
    stack, x = trained(1), random_rows(2, 70, 20).requires_grad_()
    before = [tensor.detach().clone() for tensor in (x, *stack.parameters())]
    y = read_in_training(stack, x, OWN)
    given = torch.ones_like(y)
    inputs = [x, *stack.parameters()]
    first, second = (torch.autograd.grad(y, inputs, given, retain_graph=True) for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))
    assert all(torch.equal(a, b) for a, b in zip(inputs, before, strict=True))
    assert torch.equal(given, torch.ones_like(y))


def test_weights_that_changed_on_the_way_are_noticed() -> None:
    stack, x = trained(1), random_rows(1, 20, 20)
    y = read_in_training(stack, x, OWN)
    with torch.no_grad():
        stack.layers[0].forwards.D.add_(1.0)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()


def test_a_second_derivative_is_refused() -> None:
    x = random_rows(1, 20, 20).requires_grad_()
    y = read(trained(1), x)
    with pytest.raises(TracksError, match="no second derivatives: set SEQ2EXP_KERNELS=reference"):
        torch.autograd.grad(y.sum(), x, create_graph=True)


def test_kernels_are_what_reads_in_training(monkeypatch: pytest.MonkeyPatch) -> None:
    stack, x = trained(1), random_rows(1, 60, 20)
    expected = read_in_training(stack, x, OWN)[:, 10:20]
    monkeypatch.setattr(Layer, "forward", lambda *_: pytest.fail("the definition was asked"))
    torch.testing.assert_close(read(stack, x, range(10, 20)), expected)


def test_the_definition_reads_in_mixed_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    stack, x = trained(1), random_rows(1, 20, 20)
    with torch.autocast("cpu", torch.bfloat16):
        found, expected = read(stack, x), stack(x)
    assert torch.equal(found, expected)


@pytest.mark.parametrize(
    ("triple", "fused"),
    [("aarch64-unknown-linux-gnu", r"fmla\tv\d+\.4s"), ("arm64-apple-macosx14", r"fmla\.4s\s+v\d+")],
)
def test_the_kernels_compile_to_vectors_of_arm(triple: str, fused: str) -> None:
    module = ir.Module("test")
    plan = TrainingPlan(Sizes(64, 128, states=16, taps=4, rank=4, epsilon=1e-5), MACHINES["neon"])
    sweeps_there(module, plan)
    sweeps_back(module, plan)
    text = assembly(module, MACHINES["neon"], triple)
    assert len(re.findall(fused, text)) > 1000
    of_the_c_library = {"fmaf", "exp2f", "sqrtf", "memcpy", "memset", "memmove"}
    assert not of_the_c_library & set(re.findall(r"\w+", text))
