"""The selective scan: the definition by hand, the compiled kernel against the definition, and the door."""

import subprocess
import sys
from itertools import pairwise

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import given, settings
from torch import Tensor

from seq2exp_tracks.model import scan
from seq2exp_tracks.model.scan import cpu, reference, selective_scan

Inputs = tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]


def draw(seed: int, batch: int, length: int, channels: int, states: int, step: float = 1e-2) -> Inputs:
    """x, delta, A, B, C, D and a state in float64, with steps around `step`."""
    generator = torch.Generator().manual_seed(seed)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    delta = step * torch.exp(normal(batch, length, channels))
    rates = -torch.arange(1, states + 1) * torch.exp(0.3 * normal(channels, states))
    return (
        normal(batch, length, channels),
        delta,
        rates,
        normal(batch, length, states),
        normal(batch, length, states),
        normal(channels),
        normal(batch, channels, states),
    )


def test_the_definition_computes_what_a_hand_computes() -> None:
    # One channel, one state, decay 1/2 a step: h = 1·1·3 = 3, then 3/2 + 2·1·1 = 3.5; y = C h + D x.
    column = torch.tensor([[[1.0], [2.0]]])
    half = -torch.log(torch.tensor([[2.0]]))
    y, state = reference.selective_scan(
        x=column,
        delta=torch.ones(1, 2, 1),
        A=half,
        B=torch.tensor([[[3.0], [1.0]]]),
        C=torch.tensor([[[1.0], [10.0]]]),
        D=torch.tensor([100.0]),
        state=torch.zeros(1, 1, 1),
        reverse=False,
    )
    torch.testing.assert_close(y, torch.tensor([[[103.0], [235.0]]]))
    torch.testing.assert_close(state, torch.tensor([[[3.5]]]))


def test_reading_in_reverse_is_reading_the_flipped_sequence() -> None:
    x, delta, A, B, C, D, state = draw(0, 2, 9, 3, 4)
    y, last = reference.selective_scan(x, delta, A, B, C, D, state, reverse=True)
    flipped = [tensor.flip(1) for tensor in (x, delta, B, C)]
    y_flipped, last_flipped = reference.selective_scan(*flipped[:2], A, *flipped[2:], D, state, reverse=False)
    torch.testing.assert_close(y, y_flipped.flip(1))
    torch.testing.assert_close(last, last_flipped)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 1000),
    batch=st.integers(0, 3),
    length=st.integers(0, 40),
    channels=st.integers(1, 40),
    states=st.integers(1, 20),
    step=st.sampled_from([1e-6, 1e-3, 1e-1, 10.0, 1e4]),
    reverse=st.booleans(),
)
def test_the_kernel_computes_the_definition(
    seed: int, batch: int, length: int, channels: int, states: int, step: float, reverse: bool
) -> None:
    inputs = draw(seed, batch, length, channels, states, step)
    y, state = reference.selective_scan(*inputs, reverse)
    fast_y, fast_state = cpu.selective_scan(*inputs, reverse)
    torch.testing.assert_close(fast_y, y, rtol=1e-12, atol=1e-12 * max(1.0, step))
    torch.testing.assert_close(fast_state, state, rtol=1e-12, atol=1e-12 * max(1.0, step))

    single = tuple(tensor.float() for tensor in inputs)
    y32, state32 = cpu.selective_scan(*single, reverse)
    torch.testing.assert_close(y32.double(), y, rtol=1e-4, atol=1e-4 * max(1.0, step))
    torch.testing.assert_close(state32.double(), state, rtol=1e-4, atol=1e-4 * max(1.0, step))


@settings(max_examples=30, deadline=None)
@given(
    cuts=st.lists(st.integers(0, 30), max_size=4),
    reverse=st.booleans(),
    fast=st.booleans(),
)
def test_pieces_with_the_state_handed_on_are_the_whole(cuts: list[int], reverse: bool, fast: bool) -> None:
    way = cpu.selective_scan if fast else reference.selective_scan
    x, delta, A, B, C, D, state = draw(1, 2, 30, 5, 3)
    whole, last = way(x, delta, A, B, C, D, state, reverse)
    edges = sorted({0, 30, *cuts})
    pieces = [slice(start, end) for start, end in pairwise(edges)]
    found = torch.empty_like(x)
    for rows in reversed(pieces) if reverse else pieces:
        found[:, rows], state = way(x[:, rows], delta[:, rows], A, B[:, rows], C[:, rows], D, state, reverse)
    assert torch.equal(found, whole)
    assert torch.equal(state, last)


def test_a_slow_state_decays_at_its_rate_over_a_hundred_thousand_steps() -> None:
    # exp(-1e-5) a step, 1e5 steps: a fixed relative error of the exponential would grow 1e5-fold.
    length = 100_000
    zeros = torch.zeros(1, length, 1)
    _, state = cpu.selective_scan(
        zeros,
        torch.full((1, length, 1), 1e-5),
        -torch.ones(1, 1),
        zeros,
        zeros,
        torch.zeros(1),
        torch.ones(1, 1, 1),
        reverse=False,
    )
    exact = torch.exp(torch.tensor(-1e-5)).double() ** length  # the step itself rounded to float32
    assert state.double().item() == pytest.approx(exact.item(), rel=5e-3)


def test_a_nan_reaches_the_output_of_its_channel_only() -> None:
    inputs = draw(2, 1, 10, 20, 4)
    inputs[0][0, 3, 7] = torch.nan
    y, _ = cpu.selective_scan(*inputs, False)
    assert torch.equal(y.isnan()[0].any(0), torch.arange(20) == 7)
    assert not y[0, :3].isnan().any()


def test_inputs_are_left_as_they_were() -> None:
    inputs = draw(3, 1, 10, 16, 4)
    before = [tensor.clone() for tensor in inputs]
    cpu.selective_scan(*inputs, False)
    assert all(torch.equal(tensor, copy) for tensor, copy in zip(inputs, before, strict=True))


def test_gradients_of_the_definition_are_right() -> None:
    inputs = tuple(tensor.requires_grad_() for tensor in draw(4, 1, 4, 2, 3, step=0.3))
    for reverse in (False, True):
        assert torch.autograd.gradcheck(
            lambda *tensors, reverse=reverse: selective_scan(*tensors, reverse=reverse), inputs
        )


class TestDoor:
    """Which way the door takes."""

    @pytest.fixture
    def taken(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        ways: list[str] = []
        for module, name in ((cpu, "cpu"), (reference, "reference")):

            def spy(*inputs: Tensor, name: str = name) -> tuple[Tensor, Tensor]:
                ways.append(name)
                return inputs[0], inputs[6]

            monkeypatch.setattr(module, "selective_scan", spy)
        monkeypatch.delenv("SEQ2EXP_SCAN", raising=False)
        return ways

    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
    def test_inference_on_the_cpu_takes_the_kernel(self, taken: list[str], dtype: torch.dtype) -> None:
        selective_scan(*(tensor.to(dtype) for tensor in draw(0, 1, 3, 2, 2)))
        assert taken == ["cpu"]

    def test_gradients_take_the_definition(self, taken: list[str]) -> None:
        x, *others = draw(0, 1, 3, 2, 2)
        selective_scan(x.requires_grad_(), *others)
        assert taken == ["reference"]

    def test_weights_without_a_graph_take_the_kernel(self, taken: list[str]) -> None:
        x, *others = draw(0, 1, 3, 2, 2)
        with torch.no_grad():
            selective_scan(x.requires_grad_(), *others)
        assert taken == ["cpu"]

    def test_other_number_types_take_the_definition(self, taken: list[str]) -> None:
        selective_scan(*(tensor.bfloat16() for tensor in draw(0, 1, 3, 2, 2)))
        assert taken == ["reference"]

    def test_other_devices_take_the_definition(self, taken: list[str]) -> None:
        selective_scan(*(tensor.to("meta") for tensor in draw(0, 1, 3, 2, 2)))
        assert taken == ["reference"]

    def test_the_environment_can_ask_for_the_definition(
        self, taken: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SEQ2EXP_SCAN", "reference")
        selective_scan(*draw(0, 1, 3, 2, 2))
        assert taken == ["reference"]


def test_the_door_starts_from_a_state_of_zeros() -> None:
    x, delta, A, B, C, D, state = draw(5, 2, 6, 3, 4)
    y, _ = scan.selective_scan(x, delta, A, B, C, D)
    expected, _ = reference.selective_scan(x, delta, A, B, C, D, torch.zeros_like(state), False)
    torch.testing.assert_close(y, expected)


MEASURE = """
import torch
from seq2exp_tracks.model.scan import selective_scan
torch.set_num_threads(1)
def scan(length):
    wide, narrow = torch.ones(1, length, 256), torch.ones(1, length, 16)
    selective_scan(wide, wide, -torch.ones(256, 16), narrow, narrow, torch.ones(256))
def peak():  # getrusage would count the parent's peak too
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
scan(16)
before = peak()
scan(65536)
print(peak() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_no_array_of_length_channels_and_states_is_ever_made() -> None:
    run = subprocess.run([sys.executable, "-c", MEASURE], capture_output=True, text=True, check=True)
    grown, cube = int(run.stdout) * 1024, 65536 * 256 * 16 * 4
    assert grown < cube / 4  # x, y and the two narrow inputs are an eighth of it
