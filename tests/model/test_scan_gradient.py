"""Gradients of the selective scan: those of the kernels are autograd's through the definition."""

import re
from itertools import pairwise

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import given, settings
from llvmlite import ir
from scan_inputs import Inputs, draw, single
from torch import Tensor

from seq2exp_tracks.errors import TracksError
from seq2exp_tracks.model.compiled.machine import MACHINES, assembly, chosen_machine, runnable
from seq2exp_tracks.model.compiled.whole_scan import whole_scans
from seq2exp_tracks.model.scan import cpu, reference, selective_scan

NAMES = ("x", "delta", "A", "B", "C", "D", "state")


def gradients(inputs: Inputs, outputs: tuple[Tensor, Tensor], seed: int) -> tuple[Tensor, ...]:
    """Gradients of all inputs, of a sum with random weights of both outputs."""
    generator = torch.Generator().manual_seed(seed)
    weights = [torch.randn(out.shape, generator=generator).to(out.dtype) for out in outputs]
    loss = sum((out * weight).sum() for out, weight in zip(outputs, weights, strict=True))
    assert isinstance(loss, Tensor)
    return torch.autograd.grad(loss, inputs, allow_unused=True, materialize_grads=True)


def terms(inputs: Inputs, reverse: bool) -> list[float]:
    """The largest gradient of each input if no term of its sums cancelled another."""
    x, delta, A, B, C, D, state = inputs
    positive = tuple(tensor.abs().requires_grad_() for tensor in (x, delta, B, C, D, state))
    sizes = (positive[0], positive[1], A.detach().requires_grad_(), *positive[2:])
    y, last = reference.selective_scan(*sizes, reverse)
    found = torch.autograd.grad(y.sum() + last.sum(), sizes, allow_unused=True, materialize_grads=True)
    return [1e-30 + (gradient.abs().max().item() if gradient.numel() else 0.0) for gradient in found]


def test_gradients_of_the_definition_are_those_of_finite_differences() -> None:
    inputs = tuple(tensor.requires_grad_() for tensor in draw(4, 1, 4, 2, 3, step=0.3))
    for reverse in (False, True):
        assert torch.autograd.gradcheck(
            lambda *tensors, reverse=reverse: selective_scan(*tensors, reverse=reverse), inputs
        )


@settings(max_examples=50)
@given(
    seed=st.integers(0, 1000),
    batch=st.integers(0, 2),
    length=st.integers(0, 140),
    channels=st.integers(1, 20),
    states=st.sampled_from([1, 2, 5, 8, 9]),
    step=st.sampled_from([1e-4, 1e-2, 1.0, 100.0]),
    reverse=st.booleans(),
    machine=st.sampled_from(runnable()),
)
def test_gradients_of_the_kernels_are_those_of_the_definition(
    seed: int,
    batch: int,
    length: int,
    channels: int,
    states: int,
    step: float,
    reverse: bool,
    machine: str,
) -> None:
    exact: Inputs = tuple(t.requires_grad_() for t in draw(seed, batch, length, channels, states, step))
    rounded: Inputs = tuple(t.detach().requires_grad_() for t in single(exact))
    expected = gradients(exact, reference.selective_scan(*exact, reverse), seed)
    found = gradients(rounded, cpu.selective_scan(*rounded, reverse, MACHINES[machine]), seed)
    for name, a, b, largest in zip(NAMES, found, expected, terms(exact, reverse), strict=True):
        assert a.shape == b.shape
        difference = (a.double() - b).abs().max().item() if a.numel() else 0.0
        # To a hundred-thousandth of the largest that there could have been (weights of the loss: about 3).
        assert difference <= 3e-5 * largest, name


@settings(max_examples=10)
@given(cuts=st.lists(st.integers(0, 150), max_size=3), reverse=st.booleans())
def test_gradients_run_through_pieces_with_the_state_handed_on(cuts: list[int], reverse: bool) -> None:
    inputs: Inputs = tuple(tensor.requires_grad_() for tensor in single(draw(1, 2, 150, 5, 3)))
    x, delta, A, B, C, D, state = inputs
    expected = gradients(inputs, selective_scan(*inputs, reverse=reverse), seed=0)
    pieces = [slice(start, end) for start, end in pairwise(sorted({0, 150, *cuts}))]
    found: list[Tensor] = []
    for rows in reversed(pieces) if reverse else pieces:
        y, state = selective_scan(
            x[:, rows], delta[:, rows], A, B[:, rows], C[:, rows], D, state, reverse=reverse
        )
        found.append(y)
    whole = torch.cat(found[::-1] if reverse else found, 1)
    for name, a, b in zip(NAMES, gradients(inputs, (whole, state), seed=0), expected, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-5 * b.abs().max().item(), msg=name)


def test_sixteen_states_of_many_channels_over_many_chunks_have_the_gradients_of_the_definition() -> None:
    exact: Inputs = tuple(tensor.requires_grad_() for tensor in draw(6, 1, 500, 48, 16, step=0.05))
    rounded: Inputs = tuple(tensor.detach().requires_grad_() for tensor in single(exact))
    expected = gradients(exact, reference.selective_scan(*exact, True), 0)
    found = gradients(rounded, selective_scan(*rounded, reverse=True), 0)
    for name, a, b in zip(NAMES, found, expected, strict=True):
        assert (a.double() - b).abs().max() < 1e-5 * b.abs().max(), name


def test_no_gradient_is_made_where_none_is_asked_for() -> None:
    x, *others = single(draw(0, 1, 3, 2, 2))
    y, state = selective_scan(x, *others)
    assert not y.requires_grad
    assert not state.requires_grad
    with torch.no_grad():
        y, state = selective_scan(x.requires_grad_(), *others)
    assert not y.requires_grad
    assert not state.requires_grad


def test_a_second_derivative_is_refused() -> None:
    inputs = tuple(tensor.requires_grad_() for tensor in single(draw(0, 1, 3, 2, 2)))
    y, _ = selective_scan(*inputs)
    with pytest.raises(TracksError, match="no second derivatives: set SEQ2EXP_KERNELS=reference"):
        torch.autograd.grad(y.sum(), inputs[0], create_graph=True)


def test_going_back_leaves_everything_as_it_was_and_can_be_repeated() -> None:
    machine = chosen_machine()
    assert machine is not None
    inputs = tuple(tensor.requires_grad_() for tensor in single(draw(3, 2, 100, 16, 4)))
    before = [tensor.detach().clone() for tensor in inputs]
    y, state = cpu.selective_scan(*inputs, False, machine)
    weights = (torch.ones_like(y), torch.ones_like(state))
    first, second = (torch.autograd.grad((y, state), inputs, weights, retain_graph=True) for _ in range(2))
    assert all(torch.equal(tensor, copy) for tensor, copy in zip(inputs, before, strict=True))
    assert all(torch.equal(weight, torch.ones_like(weight)) for weight in weights)
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


@pytest.mark.parametrize(
    ("triple", "fused"),
    [("aarch64-unknown-linux-gnu", r"fmla\tv\d+\.4s"), ("arm64-apple-macosx14", r"fmla\.4s\s+v\d+")],
)
def test_the_kernels_compile_to_vectors_of_arm(triple: str, fused: str) -> None:
    module = ir.Module("test")
    whole_scans(module, MACHINES["neon"], states=16, reverse=True)
    text = assembly(module, MACHINES["neon"], triple)
    assert len(re.findall(fused, text)) > 300
    assert not {"fmaf", "exp2f"} & set(re.findall(r"\w+", text))
