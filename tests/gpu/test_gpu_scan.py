"""The Triton kernel of the selective scan, in the interpreter, against the definition; who is sent to it."""

from collections.abc import Iterator
from itertools import pairwise

import hypothesis.strategies as st
import pytest
import torch
import triton.language as tl
from hypothesis import given, settings
from scan_inputs import draw, single
from torch import Tensor

from seq2exp_tracks.model import scan
from seq2exp_tracks.model.gpu.language import jit
from seq2exp_tracks.model.gpu.scan import BLOCK, row_of
from seq2exp_tracks.model.scan import cpu, gpu, reference

NAMES = ("x", "delta", "A", "B", "C", "D", "state")
ODD = {"batch": 2, "length": 7, "channels": BLOCK + 3, "states": 3}
"""Two blocks, one of them nearly empty, and a chunk that is not full."""


@pytest.fixture(autouse=True, scope="module")
def few_steps_are_many_chunks() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gpu, "CHUNK", 4)
        yield


@settings(max_examples=15)
@given(
    seed=st.integers(0, 1000),
    batch=st.integers(0, 3),
    length=st.integers(0, 9),
    channels=st.sampled_from([1, 5, BLOCK, BLOCK + 1]),
    states=st.integers(1, 4),
    step=st.sampled_from([1e-6, 1e-3, 1e-1, 10.0, 1e4]),
    reverse=st.booleans(),
)
def test_the_kernel_computes_the_definition_to_1e_5(
    seed: int, batch: int, length: int, channels: int, states: int, step: float, reverse: bool
) -> None:
    inputs = draw(seed, batch, length, channels, states, step)
    y, state = reference.selective_scan(*inputs, reverse)
    fast_y, fast_state = gpu.selective_scan(*single(inputs), reverse)
    tolerance = 1e-5 * max(1.0, step)  # inflow is in proportion to the step
    torch.testing.assert_close(fast_y.double(), y, rtol=1e-5, atol=tolerance)
    torch.testing.assert_close(fast_state.double(), state, rtol=1e-5, atol=tolerance)


@pytest.mark.parametrize("reverse", [False, True])
def test_sixteen_states_as_published(reverse: bool) -> None:
    inputs = draw(3, 1, 10, 6, 16, step=0.1)
    for found, exact in zip(
        gpu.selective_scan(*single(inputs), reverse), reference.selective_scan(*inputs, reverse), strict=True
    ):
        assert (found.double() - exact).abs().max() <= 1e-6 * exact.abs().max()


@settings(max_examples=5)
@given(cuts=st.lists(st.integers(0, 11), max_size=3), reverse=st.booleans())
def test_pieces_with_the_state_handed_on_are_the_whole(cuts: list[int], reverse: bool) -> None:
    x, delta, A, B, C, D, state = single(draw(1, 2, 11, 5, 2))
    whole, last = gpu.selective_scan(x, delta, A, B, C, D, state, reverse)
    pieces = [slice(start, end) for start, end in pairwise(sorted({0, 11, *cuts}))]
    found = torch.empty_like(x)
    for rows in reversed(pieces) if reverse else pieces:
        found[:, rows], state = gpu.selective_scan(
            x[:, rows], delta[:, rows], A, B[:, rows], C[:, rows], D, state, reverse
        )
    assert torch.equal(found, whole)
    assert torch.equal(state, last)


def test_a_window_alone_is_what_it_is_beside_others() -> None:
    x, delta, A, B, C, D, state = single(draw(2, **ODD))
    together = gpu.selective_scan(x, delta, A, B, C, D, state, False)
    for index in range(2):
        one = slice(index, index + 1)
        alone = gpu.selective_scan(x[one], delta[one], A, B[one], C[one], D, state[one], False)
        assert all(torch.equal(a[one], b) for a, b in zip(together, alone, strict=True))


def test_tensors_may_lie_in_memory_as_they_like() -> None:
    inputs = single(draw(4, **ODD))
    scattered = [tensor.transpose(0, -1).contiguous().transpose(0, -1) for tensor in inputs]
    assert not any(scattered[index].is_contiguous() for index in (0, 1, 2, 3, 4, 6))
    for found, expected in zip(
        gpu.selective_scan(*scattered, True), gpu.selective_scan(*inputs, True), strict=True
    ):
        assert torch.equal(found, expected)


@pytest.mark.parametrize("narrow", [NAMES, ("B", "C"), ("delta", "B", "C")])
def test_bfloat16_is_computed_in_float32_and_y_rounded_to_the_type_of_x(narrow: tuple[str, ...]) -> None:
    inputs = [
        tensor.bfloat16() if name in narrow else tensor
        for name, tensor in zip(NAMES, single(draw(5, **ODD)), strict=True)
    ]
    y, state = gpu.selective_scan(*inputs, False)
    wide_y, wide_state = gpu.selective_scan(*(tensor.float() for tensor in inputs), False)
    assert y.dtype == inputs[0].dtype
    assert torch.equal(state, wide_state)
    assert torch.equal(y, wide_y.to(y.dtype))


def test_a_nan_reaches_the_output_of_its_channel_only() -> None:
    inputs = single(draw(2, 1, 6, 9, 2))
    inputs[0][0, 3, 7] = torch.nan
    y, _ = gpu.selective_scan(*inputs, False)
    assert torch.equal(y.isnan()[0].any(0), torch.arange(9) == 7)
    assert not y[0, :3].isnan().any()


@pytest.mark.parametrize("wrong", range(1, 7))
def test_tensors_that_do_not_fit_together_are_refused(wrong: int) -> None:
    tensors = list(single(draw(0, **ODD)))
    tensors[wrong] = tensors[wrong][..., :1]
    name = "B" if NAMES[wrong] == "A" else NAMES[wrong]  # A says how many states there are
    with pytest.raises(ValueError, match=rf"^{name} should have the shape \(.*\), not \("):
        gpu.selective_scan(*tensors, False)


@jit
def write_place(out: tl.tensor, step: tl.tensor, longest: tl.tensor, WIDTH: tl.constexpr) -> None:
    """Where the numbers of the rows lie that are read at a step, in either direction."""
    tl.store(out, row_of(step, longest, False) * WIDTH)
    tl.store(out + 1, row_of(step, longest, True) * WIDTH)


def test_rows_are_found_behind_what_32_bits_can_count() -> None:
    places = torch.empty(2, dtype=torch.int64)
    write_place[(1,)](places, 10_000_000, 30_000_000, WIDTH=256)
    assert places.tolist() == [10_000_000 * 256, (30_000_000 - 1 - 10_000_000) * 256]


class TestDoor:
    """Which way `scan.selective_scan` takes."""

    @pytest.fixture
    def taken(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        ways: list[str] = []
        for module, name in ((cpu, "compiled"), (gpu, "triton"), (reference, "definition")):

            def spy(*inputs: Tensor, name: str = name) -> tuple[Tensor, Tensor]:
                ways.append(name)
                return inputs[0], inputs[6]

            monkeypatch.setattr(module, "selective_scan", spy)
        monkeypatch.delenv("SEQ2EXP_KERNELS", raising=False)
        return ways

    @pytest.mark.parametrize(
        ("dtype", "way"),
        [(torch.float32, "triton"), (torch.bfloat16, "triton"), (torch.float64, "definition")],
    )
    @pytest.mark.parametrize("gradients", [True, False])
    def test_the_environment_can_ask_for_triton(
        self,
        taken: list[str],
        monkeypatch: pytest.MonkeyPatch,
        dtype: torch.dtype,
        way: str,
        gradients: bool,
    ) -> None:
        monkeypatch.setenv("SEQ2EXP_KERNELS", "triton")
        x, *others = single(draw(0, 1, 3, 2, 2))
        scan.selective_scan(x.requires_grad_(gradients), *(tensor.to(dtype) for tensor in others))
        assert taken == [way]

    def test_a_cpu_is_not_sent_there_unasked(self, taken: list[str]) -> None:
        scan.selective_scan(*single(draw(0, 1, 3, 2, 2)))
        assert taken == ["compiled"]

    @pytest.mark.parametrize(("has_kernels", "way"), [(True, "triton"), (False, "definition")])
    def test_another_device_takes_what_the_door_of_the_kernels_says(
        self, taken: list[str], monkeypatch: pytest.MonkeyPatch, has_kernels: bool, way: str
    ) -> None:
        asked: list[torch.device] = []

        def kernels_for(device: torch.device) -> bool:
            asked.append(device)
            return has_kernels

        monkeypatch.setattr(scan, "kernels_for", kernels_for)
        scan.selective_scan(*(tensor.to("meta") for tensor in single(draw(0, 1, 3, 2, 2))))
        assert taken == [way]
        assert asked == [torch.device("meta")]

    def test_tensors_of_two_devices_take_the_definition(
        self, taken: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(scan, "kernels_for", lambda _: True)
        x, *others = single(draw(0, 1, 3, 2, 2))
        scan.selective_scan(x.to("meta"), *others)
        assert taken == ["definition"]
