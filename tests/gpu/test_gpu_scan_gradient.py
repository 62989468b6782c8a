"""Gradients of the Triton scan, in the interpreter: they are autograd's through the definition."""

from collections.abc import Iterator
from itertools import pairwise

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import given, settings
from scan_inputs import Inputs, draw, single
from torch import Tensor

from seq2exp_tracks.errors import TracksError
from seq2exp_tracks.model.gpu.scan import BLOCK
from seq2exp_tracks.model.gpu.scan_gradient import scan_gradient
from seq2exp_tracks.model.scan import gpu, reference

NAMES = ("x", "delta", "A", "B", "C", "D", "state")
ODD = {"batch": 2, "length": 7, "channels": BLOCK + 3, "states": 2}
"""Two blocks, one of them nearly empty, and a chunk that is not full."""


@pytest.fixture(autouse=True, scope="module")
def few_steps_are_many_chunks() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gpu, "CHUNK", 4)
        yield


def tracked(inputs: Inputs) -> Inputs:
    """Leaves whose gradients are asked for."""
    x, delta, A, B, C, D, state = (tensor.detach().requires_grad_() for tensor in inputs)
    return x, delta, A, B, C, D, state


def gradients(inputs: Inputs, outputs: tuple[Tensor, Tensor], seed: int = 0) -> tuple[Tensor, ...]:
    """Gradients of all inputs, of a sum of both outputs with weights from -1 to 1."""
    generator = torch.Generator().manual_seed(seed)
    weights = [2 * torch.rand(out.shape, generator=generator).to(out.dtype) - 1 for out in outputs]
    loss = (outputs[0] * weights[0]).sum() + (outputs[1] * weights[1]).sum()
    return torch.autograd.grad(loss, inputs, allow_unused=True, materialize_grads=True)


def terms(inputs: Inputs, reverse: bool) -> list[float]:
    """The largest gradient of each input if no term of its sums cancelled another."""
    x, delta, A, B, C, D, state = inputs
    sizes = tracked((x.abs(), delta, A, B.abs(), C.abs(), D.abs(), state.abs()))
    y, last = reference.selective_scan(*sizes, reverse)
    found = torch.autograd.grad(y.sum() + last.sum(), sizes, allow_unused=True, materialize_grads=True)
    return [gradient.abs().max().item() if gradient.numel() else 0.0 for gradient in found]


@settings(max_examples=12)
@given(
    seed=st.integers(0, 1000),
    batch=st.integers(0, 3),
    length=st.integers(0, 9),
    channels=st.sampled_from([1, 5, BLOCK, BLOCK + 1]),
    states=st.sampled_from([1, 3]),
    step=st.sampled_from([1e-4, 1e-2, 1.0, 100.0]),
    reverse=st.booleans(),
)
def test_gradients_are_those_of_the_definition_to_1e_5_of_the_largest_there_could_be(
    seed: int, batch: int, length: int, channels: int, states: int, step: float, reverse: bool
) -> None:
    exact = tracked(draw(seed, batch, length, channels, states, step))
    rounded = tracked(single(exact))
    expected = gradients(exact, reference.selective_scan(*exact, reverse), seed)
    found = gradients(rounded, gpu.selective_scan(*rounded, reverse), seed)
    for name, a, b, largest in zip(NAMES, found, expected, terms(exact, reverse), strict=True):
        assert a.shape == b.shape
        # As float32 holds it: after steps of 100 there are gradients of 1e-89, which are 0 there.
        held = b.float().double()
        difference = (a.double() - held).abs().max().item() if a.numel() else 0.0
        assert difference <= 1e-5 * largest, name


@pytest.mark.parametrize("reverse", [False, True])
def test_sixteen_states_as_published(reverse: bool) -> None:
    exact = tracked(draw(6, 1, 10, 6, 16, step=0.05))
    rounded = tracked(single(exact))
    expected = gradients(exact, reference.selective_scan(*exact, reverse))
    found = gradients(rounded, gpu.selective_scan(*rounded, reverse))
    for name, a, b in zip(NAMES, found, expected, strict=True):
        assert (a.double() - b).abs().max() <= 1e-5 * b.abs().max(), name


@settings(max_examples=4)
@given(cuts=st.lists(st.integers(0, 11), max_size=3), reverse=st.booleans())
def test_gradients_run_through_pieces_with_the_state_handed_on(cuts: list[int], reverse: bool) -> None:
    inputs = tracked(single(draw(1, 2, 11, 5, 2)))
    x, delta, A, B, C, D, state = inputs
    expected = gradients(inputs, gpu.selective_scan(*inputs, reverse))
    pieces = [slice(start, end) for start, end in pairwise(sorted({0, 11, *cuts}))]
    found: list[Tensor] = []
    for rows in reversed(pieces) if reverse else pieces:
        y, state = gpu.selective_scan(
            x[:, rows], delta[:, rows], A, B[:, rows], C[:, rows], D, state, reverse
        )
        found.append(y)
    whole = torch.cat(found[::-1] if reverse else found, 1)
    for name, a, b in zip(NAMES, gradients(inputs, (whole, state)), expected, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-5 * b.abs().max().item(), msg=name)


def test_what_is_of_one_window_does_not_depend_on_those_beside_it_and_the_rest_is_the_windows_sum() -> None:
    inputs = tracked(single(draw(2, **ODD)))
    x, delta, A, B, C, D, state = inputs
    y, last = gpu.selective_scan(*inputs, True)
    together = torch.autograd.grad(y.sum() + last.sum(), inputs)
    alone = []
    for index in range(2):
        one = slice(index, index + 1)
        y, last = gpu.selective_scan(x[one], delta[one], A, B[one], C[one], D, state[one], True)
        alone.append(torch.autograd.grad(y.sum() + last.sum(), inputs))
    for name, both, first, second in zip(NAMES, together, *alone, strict=True):
        assert torch.equal(both, first + second), name  # each is 0 where the other window is


@pytest.mark.parametrize("narrow", [NAMES, ("B", "C"), ("delta", "B", "C")])
def test_gradients_are_of_the_types_of_the_inputs(narrow: tuple[str, ...]) -> None:
    drawn = single(draw(5, **ODD))
    mixed = [t.bfloat16() if name in narrow else t for name, t in zip(NAMES, drawn, strict=True)]
    inputs = tracked(mixed)  # type: ignore[arg-type]
    wide = tracked([tensor.float() for tensor in mixed])  # type: ignore[arg-type]
    y, last = gpu.selective_scan(*inputs, False)
    wide_y, wide_last = gpu.selective_scan(*wide, False)
    found = torch.autograd.grad(y.float().sum() + last.sum(), inputs)
    expected = torch.autograd.grad(wide_y.sum() + wide_last.sum(), wide)
    for name, tensor, gradient, exact in zip(NAMES, inputs, found, expected, strict=True):
        assert gradient.dtype == tensor.dtype, name
        assert torch.equal(gradient, exact.to(tensor.dtype)), name  # computed in float32, then rounded


def test_going_back_twice_gives_the_same_bits_and_leaves_everything_as_it_was() -> None:
    inputs = tracked(single(draw(3, **ODD)))
    before = [tensor.detach().clone() for tensor in inputs]
    y, state = gpu.selective_scan(*inputs, False)
    weights = (torch.ones_like(y), torch.ones_like(state))
    first, second = (torch.autograd.grad((y, state), inputs, weights, retain_graph=True) for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))
    assert all(torch.equal(tensor, copy) for tensor, copy in zip(inputs, before, strict=True))
    assert all(torch.equal(weight, torch.ones_like(weight)) for weight in weights)


def test_every_program_has_scratch_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    # The interpreter runs one program after the other: they would not notice if they shared it.
    launch, scratches = gpu._launch, []

    def watched(kernel: object, tensors: tuple[Tensor, ...], *others: object) -> None:
        if kernel is scan_gradient:
            scratches.append(tensors[-1].fill_(torch.nan))
        launch(kernel, tensors, *others)

    monkeypatch.setattr(gpu, "_launch", watched)
    inputs = tracked(single(draw(3, **ODD)))
    gradients(inputs, gpu.selective_scan(*inputs, False))
    assert [scratch.shape for scratch in scratches] == [(2, 2, gpu.CHUNK, ODD["states"], BLOCK)]
    assert not scratches[0].isnan().any()  # each fills its own


def test_a_gradient_of_the_state_alone_and_one_that_is_spread_from_one_number() -> None:
    exact = tracked(draw(7, 1, 5, 3, 2, step=0.1))
    rounded = tracked(single(exact))
    for index in (0, 1):  # of the sum of y, whose gradient has no memory of its own; of the state's
        expected = torch.autograd.grad(
            reference.selective_scan(*exact, False)[index].sum(),
            exact,
            allow_unused=True,
            materialize_grads=True,
        )
        found = torch.autograd.grad(gpu.selective_scan(*rounded, False)[index].sum(), rounded)
        for name, a, b in zip(NAMES, found, expected, strict=True):
            torch.testing.assert_close(a.double(), b, rtol=1e-5, atol=1e-5 * b.abs().max().item(), msg=name)


def test_no_gradient_is_made_where_none_is_asked_for() -> None:
    inputs = tracked(single(draw(0, 1, 3, 2, 2)))
    with torch.no_grad():
        outputs = gpu.selective_scan(*inputs, False)
    assert not any(out.requires_grad for out in outputs)


def test_a_second_derivative_is_refused() -> None:
    inputs = tracked(single(draw(0, 1, 3, 2, 2)))
    y, _ = gpu.selective_scan(*inputs, False)
    with pytest.raises(TracksError, match="no second derivatives: set SEQ2EXP_KERNELS=reference"):
        torch.autograd.grad(y.sum(), inputs[0], create_graph=True)
