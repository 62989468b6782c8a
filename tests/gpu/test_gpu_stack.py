"""The GPU's kernels, interpreted, give what the definition of the stack gives: each window as if alone."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
import torch
import triton
import triton.language as tl
from torch import Tensor

from seq2exp_tracks.model import SOFT
from seq2exp_tracks.model.caduceus import Stack
from seq2exp_tracks.model.config import MambaConfig
from seq2exp_tracks.model.gpu.mathematics import halves, silu, softplus
from seq2exp_tracks.model.gpu.stack import GpuStack, gpu_stack
from seq2exp_tracks.model.gpu.tuning import TILES
from seq2exp_tracks.model.initialise import initialise
from seq2exp_tracks.model.precision import Precision

FEW = MambaConfig(d_state=1, d_conv=3)

# Sizes that fill tiles and blocks, and sizes that do not.
SIZES = {
    "published states": (12, MambaConfig()),
    "odd": (20, MambaConfig(d_state=3, d_conv=2, expand=3, dt_rank=3)),
    "one of each": (32, MambaConfig(d_conv=1, d_state=1, expand=1, dt_rank=1)),
    "several blocks": (18, MambaConfig(d_state=2, d_conv=6, expand=8, dt_rank=17)),
}
LENGTHS = [1, 17, 2, 65, 3]


@pytest.fixture(autouse=True)
def _definition(monkeypatch: pytest.MonkeyPatch) -> None:
    """What kernels are compared with is the definition, not the CPU's kernels."""
    monkeypatch.setenv("SEQ2EXP_KERNELS", "reference")


def stack(width: int = 6, mamba: MambaConfig = FEW, layers: int = 2) -> Stack:
    config = replace(SOFT, d_model=width, mamba=mamba)
    made = Stack(config, layers)
    initialise(made, config, seed=1)
    generator = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for weight in made.parameters():  # no weight at the value that it is born with: norms, D, rates
            weight += 0.1 * torch.rand(weight.shape, generator=generator)
    return made.requires_grad_(False)


def windows(lengths: Sequence[int], width: int = 6, seed: int = 0) -> list[Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(length, width, generator=generator) for length in lengths]


def read(
    model: Stack, given: Sequence[Tensor], wanted: Sequence[range] | None = None, padding: float = 0.0
) -> list[Tensor]:
    """The wanted rows of each window by the kernels."""
    lengths = [len(window) for window in given]
    wanted = [range(length) for length in lengths] if wanted is None else wanted
    rows = torch.full((len(given), max(lengths), given[0].shape[1]), padding)
    for row, window in zip(rows, given, strict=True):
        row[: len(window)] = window
    GpuStack(model).read(rows, lengths, wanted)
    return [row[where.start : where.stop] for row, where in zip(rows, wanted, strict=True)]


def assert_near(found: Tensor, expected: Tensor, share: float) -> None:
    """Asserts that numbers differ by no more than a share of the largest."""
    torch.testing.assert_close(found, expected, rtol=0, atol=share * float(expected.abs().max()))


@pytest.mark.parametrize("size", SIZES)
def test_windows_of_unlike_lengths_are_read_as_the_definition_reads_each(size: str) -> None:
    width, mamba = SIZES[size]
    lengths = LENGTHS if size == "odd" else [5, 1, 3]
    model, given = stack(width, mamba), windows(lengths, width)
    for window, found in zip(given, read(model, given), strict=True):
        assert_near(found, model(window[None])[0], 1e-5)


def test_one_layer_and_four_are_read_like_two() -> None:
    for layers in (1, 4):
        model, (window,) = stack(layers=layers), windows([7])
        assert_near(read(model, [window])[0], model(window[None])[0], 1e-5)


def test_rows_that_are_asked_for_are_those_of_the_whole_window() -> None:
    tile = TILES[Precision.FP32].turn.rows
    length = tile + 6
    wanted = [range(1), range(length - 1, length), range(30, 41), range(tile - 2, tile + 3), range(9, 9)]
    model, (window,) = stack(), windows([length])
    expected = model(window[None])[0]
    for found, where in zip(read(model, [window] * len(wanted), wanted), wanted, strict=True):
        torch.testing.assert_close(found, expected[where.start : where.stop], rtol=0, atol=1e-5)


@pytest.mark.parametrize("precision", Precision)
def test_no_number_depends_on_the_windows_beside_it(precision: Precision) -> None:
    model, given = stack(), windows([5, 66, 17])
    model.precision = precision
    wanted = [range(5), range(60, 66), range(3, 12)]
    together = read(model, given, wanted)
    for window, where, found in zip(given, wanted, together, strict=True):
        (alone,) = read(model, [window], [where])
        assert torch.equal(found, alone)


def test_what_lies_behind_a_window_is_not_read() -> None:
    model, given = stack(), windows([4, 21])
    clean, dirty = read(model, given), read(model, given, padding=float("nan"))
    assert all(torch.equal(a, b) for a, b in zip(clean, dirty, strict=True))


def test_bfloat16_is_near_float32_and_not_the_same() -> None:
    width, mamba = SIZES["odd"]
    model, given = stack(width, mamba), windows([19, 6], width)
    exact = read(model, given)
    model.precision = Precision.BF16
    for found, expected in zip(read(model, given), exact, strict=True):
        assert_near(found, expected, 1e-2)
        assert float((found - expected).abs().max()) > 1e-5


def test_bfloat16_does_not_round_what_a_slow_state_keeps() -> None:
    # The same row again and again: a state of 8 bits, which should keep 0.997 of itself, soon stops growing.
    model = stack(mamba=MambaConfig(d_state=1), layers=1)
    (layer,) = model.layers
    with torch.no_grad():
        for reader in (layer.forwards, layer.backwards):
            reader.A_log.fill_(-5.8)
            reader.dt_proj.bias.fill_(0.5)
            reader.D.zero_()
        layer.projections.output.weight.mul_(100)
    window = windows([1])[0].expand(300, -1)
    model.precision = Precision.BF16
    found = read(model, [window], [range(290, 300)])[0]
    assert_near(found, model(window[None])[0, 290:], 1e-2)


def test_rows_in_pieces_are_refused_and_no_windows_are_none() -> None:
    kernels = GpuStack(stack())
    with pytest.raises(ValueError, match="contiguous"):
        kernels.read(torch.zeros(2, 6, 5).transpose(1, 2), [5, 5], [range(5)] * 2)
    kernels.read(torch.zeros(0, 5, 6), [], [])


class TestPackedWeights:
    """Weights are packed once for a stack, and anew after they have changed."""

    def test_a_stack_is_packed_once(self) -> None:
        model = stack()
        assert gpu_stack(model) is gpu_stack(model)

    def test_changed_weights_are_read(self) -> None:
        model, (window,) = stack(layers=1), windows([3])
        first = gpu_stack(model)
        with torch.no_grad():
            model.layers[0].projections.output.weight.mul_(-2)
        rows = window[None].clone()
        assert gpu_stack(model) is not first
        gpu_stack(model).read(rows, [3], [range(3)])
        assert_near(rows, model(window[None]), 1e-5)

    def test_another_precision_is_packed_anew(self) -> None:
        model = stack()
        assert gpu_stack(model).precision is Precision.FP32
        model.precision = Precision.BF16
        assert gpu_stack(model).precision is Precision.BF16


@triton.jit
def _mathematics(x: Any, silus: Any, softpluses: Any, COUNT: tl.constexpr) -> None:
    at = tl.arange(0, COUNT)
    numbers = tl.load(x + at)
    tl.store(silus + at, silu(numbers))
    tl.store(softpluses + at, softplus(numbers))


def test_silu_and_softplus_are_right_to_the_rounding_of_their_arguments() -> None:
    x = torch.linspace(-40, 40, 4096)
    silus, softpluses = torch.empty_like(x), torch.empty_like(x)
    _mathematics[1,](x, silus, softpluses, 4096)
    exact = x.double()
    expected = torch.nn.functional.silu(exact), exact.clamp(min=0) + (-exact.abs()).exp().log1p()
    for found, wanted in zip((silus, softpluses), expected, strict=True):
        relative = (found.double() / wanted - 1).abs()
        assert float(relative[x.abs() < 8].max()) < 1e-6
        assert float(relative.max()) < 5e-6


@triton.jit
def _split(pairs: Any, first: Any, second: Any, COUNT: tl.constexpr) -> None:
    at = tl.arange(0, COUNT)
    a, b = halves(tl.load(pairs + at))
    tl.store(first + at, a)
    tl.store(second + at, b)


def test_two_numbers_are_read_from_one_word() -> None:
    numbers = torch.randn(64, 2)
    numbers[:4] = torch.tensor([[0.0, -0.0], [-1.0, 1.0], [float("inf"), -1e-40], [1e38, -1e38]])
    first, second = torch.empty(64), torch.empty(64)
    _split[1,](numbers.view(torch.int64).flatten(), first, second, 64)
    assert torch.equal(torch.stack([first, second], 1), numbers)
