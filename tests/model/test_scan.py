"""The selective scan: the definition by hand, the kernels against the definition, and the door."""

import subprocess
import sys
from itertools import pairwise
from unittest import mock

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import given, settings
from scan_inputs import draw, single
from torch import Tensor

from seq2exp_tracks.errors import TracksError
from seq2exp_tracks.model import scan
from seq2exp_tracks.model.compiled.machine import MACHINES, Machine, chosen_machine, runnable
from seq2exp_tracks.model.scan import cpu, reference, selective_scan


def this_machine() -> Machine:
    machine = chosen_machine()
    assert machine is not None
    return machine


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


@settings(max_examples=60)
@given(
    seed=st.integers(0, 1000),
    batch=st.integers(0, 3),
    length=st.integers(0, 140),
    channels=st.integers(1, 40),
    states=st.integers(1, 9),
    step=st.sampled_from([1e-6, 1e-3, 1e-1, 10.0, 1e4]),
    reverse=st.booleans(),
    machine=st.sampled_from(runnable()),
)
def test_the_kernels_compute_the_definition(
    seed: int,
    batch: int,
    length: int,
    channels: int,
    states: int,
    step: float,
    reverse: bool,
    machine: str,
) -> None:
    inputs = draw(seed, batch, length, channels, states, step)
    y, state = reference.selective_scan(*inputs, reverse)
    fast_y, fast_state = cpu.selective_scan(*single(inputs), reverse, MACHINES[machine])
    tolerance = 1e-5 * max(1.0, step)  # inflow is in proportion to the step
    torch.testing.assert_close(fast_y.double(), y, rtol=1e-5, atol=tolerance)
    torch.testing.assert_close(fast_state.double(), state, rtol=1e-5, atol=tolerance)


@settings(max_examples=30)
@given(cuts=st.lists(st.integers(0, 150), max_size=4), reverse=st.booleans(), fast=st.booleans())
def test_pieces_with_the_state_handed_on_are_the_whole(cuts: list[int], reverse: bool, fast: bool) -> None:
    def way(*tensors: Tensor) -> tuple[Tensor, Tensor]:
        if fast:
            return cpu.selective_scan(*tensors, reverse, this_machine())
        return reference.selective_scan(*tensors, reverse)

    x, delta, A, B, C, D, state = single(draw(1, 2, 150, 5, 3))
    whole, last = way(x, delta, A, B, C, D, state)
    edges = sorted({0, 150, *cuts})
    pieces = [slice(start, end) for start, end in pairwise(edges)]
    found = torch.empty_like(x)
    for rows in reversed(pieces) if reverse else pieces:
        found[:, rows], state = way(x[:, rows], delta[:, rows], A, B[:, rows], C[:, rows], D, state)
    assert torch.equal(found, whole)
    assert torch.equal(state, last)


def test_a_slow_state_decays_at_its_rate_over_a_hundred_thousand_steps() -> None:
    # exp(-1e-5) a step, 1e5 steps: a fixed relative error of the exponential would grow 1e5-fold.
    length = 100_000
    zeros = torch.zeros(1, length, 1)
    _, state = selective_scan(
        zeros,
        torch.full((1, length, 1), 1e-5),
        -torch.ones(1, 1),
        zeros,
        zeros,
        torch.zeros(1),
        torch.ones(1, 1, 1),
    )
    exact = torch.exp(torch.tensor(-1e-5)).double() ** length  # the step itself rounded to float32
    assert state.double().item() == pytest.approx(exact.item(), rel=5e-3)


def test_a_nan_reaches_the_output_of_its_channel_only() -> None:
    inputs = single(draw(2, 1, 10, 20, 4))
    inputs[0][0, 3, 7] = torch.nan
    y, _ = selective_scan(*inputs)
    assert torch.equal(y.isnan()[0].any(0), torch.arange(20) == 7)
    assert not y[0, :3].isnan().any()


def test_inputs_are_left_as_they_were() -> None:
    inputs = single(draw(3, 1, 10, 16, 4))
    before = [tensor.clone() for tensor in inputs]
    _, state = selective_scan(*inputs)
    state.zero_()
    assert all(torch.equal(tensor, copy) for tensor, copy in zip(inputs, before, strict=True))


@pytest.mark.parametrize("wrong", range(1, 7))
def test_tensors_that_do_not_fit_together_are_refused(wrong: int) -> None:
    tensors = list(single(draw(0, 2, 9, 5, 4)))
    tensors[wrong] = tensors[wrong][..., :1]
    name = ("x", "delta", "A", "B", "C", "D", "state")[wrong]
    if name == "A":  # it says how many states there are: what has others is named
        name = "B"
    with pytest.raises(ValueError, match=rf"^{name} should have the shape \(.*\), not \("):
        cpu.selective_scan(*tensors, False, this_machine())


class TestDoor:
    """Which way the door takes."""

    @pytest.fixture
    def taken(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        ways: list[str] = []
        for module, name in ((cpu, "kernels"), (reference, "definition")):

            def spy(*inputs: Tensor, name: str = name) -> tuple[Tensor, Tensor]:
                ways.append(name)
                return inputs[0], inputs[6]

            monkeypatch.setattr(module, "selective_scan", spy)
        monkeypatch.delenv("SEQ2EXP_KERNELS", raising=False)
        return ways

    @pytest.mark.parametrize("gradients", [True, False])
    def test_float32_on_the_cpu_takes_the_kernels(self, taken: list[str], gradients: bool) -> None:
        selective_scan(*(tensor.requires_grad_(gradients) for tensor in single(draw(0, 1, 3, 2, 2))))
        assert taken == ["kernels"]

    @pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float64])
    def test_other_number_types_take_the_definition(self, taken: list[str], dtype: torch.dtype) -> None:
        x, *others = single(draw(0, 1, 3, 2, 2))
        selective_scan(x, *(tensor.to(dtype) for tensor in others))
        assert taken == ["definition"]

    def test_other_devices_take_the_definition(self, taken: list[str]) -> None:
        selective_scan(*(tensor.to("meta") for tensor in single(draw(0, 1, 3, 2, 2))))
        assert taken == ["definition"]

    def test_the_environment_can_ask_for_the_definition(
        self, taken: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SEQ2EXP_KERNELS", "reference")
        selective_scan(*single(draw(0, 1, 3, 2, 2)))
        assert taken == ["definition"]

    def test_the_environment_can_ask_for_an_older_machine(self, monkeypatch: pytest.MonkeyPatch) -> None:
        oldest = runnable()[-1]
        spy = mock.Mock(return_value=(torch.empty(0), torch.empty(0)))
        monkeypatch.setattr(cpu, "selective_scan", spy)
        monkeypatch.setenv("SEQ2EXP_KERNELS", oldest)
        selective_scan(*single(draw(0, 1, 3, 2, 2)))
        assert spy.call_args.args[-1] == MACHINES[oldest]

    def test_a_machine_that_nobody_knows_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SEQ2EXP_KERNELS", "abacus")
        with pytest.raises(TracksError, match="SEQ2EXP_KERNELS=abacus"):
            selective_scan(*single(draw(0, 1, 3, 2, 2)))


def test_the_door_starts_from_a_state_of_zeros() -> None:
    x, delta, A, B, C, D, state = draw(5, 2, 6, 3, 4)
    y, _ = scan.selective_scan(x, delta, A, B, C, D)
    expected, _ = reference.selective_scan(x, delta, A, B, C, D, torch.zeros_like(state), False)
    torch.testing.assert_close(y, expected)


MEASURE = """
import sys
import torch
from seq2exp_tracks.model.scan import selective_scan
torch.set_num_threads(1)
def scan(length):
    wide, narrow = torch.ones(1, length, 256), torch.ones(1, length, 32)
    wide.requires_grad_(sys.argv[1] == "gradients")
    y, _ = selective_scan(wide, wide, -torch.ones(256, 32), narrow, narrow, torch.ones(256))
    if y.requires_grad:
        y.sum().backward()
def peak():  # getrusage would count the parent's peak too
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
scan(16)
before = peak()
scan(65536)
print(peak() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("asked", ["nothing", "gradients"])
def test_no_array_of_length_channels_and_states_is_ever_made(asked: str) -> None:
    run = subprocess.run([sys.executable, "-c", MEASURE, asked], capture_output=True, text=True, check=True)
    grown, cube = int(run.stdout) * 1024, 65536 * 256 * 32 * 4
    wide = cube / 32
    arrays = 2 if asked == "nothing" else 6  # x and y; the gradients of y, x, delta and of both together
    assert grown < (arrays + 1) * wide  # kept states, B, C and their gradients are a small part of an array
