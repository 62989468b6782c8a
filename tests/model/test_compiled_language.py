"""What kernels are made of: functions of vectors, products of matrices, code for other machines."""

import re
from collections.abc import Callable

import hypothesis.strategies as st
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from llvmlite import ir

from seq2exp_tracks.model.compiled import mathematics
from seq2exp_tracks.model.compiled.language import INT, Code, Value
from seq2exp_tracks.model.compiled.layout import Plan, Sizes
from seq2exp_tracks.model.compiled.machine import MACHINES, Program, assembly, runnable
from seq2exp_tracks.model.compiled.outer import add_outer
from seq2exp_tracks.model.compiled.products import pack, padded, product
from seq2exp_tracks.model.compiled.sweep import sweeps

PUBLISHED = Sizes(width=128, channels=256, states=16, taps=4, rank=8, epsilon=1e-5)


def elementwise(function: Callable[[Code, Value], Value], machine: str) -> Callable[[np.ndarray], np.ndarray]:
    """A kernel that computes a function of every number."""
    module = ir.Module("test")
    code = Code(module, MACHINES[machine], "each", {"x": 1, "y": 1, "count": INT})
    x, y, count = code.arguments
    with code.loop(count, code.lanes) as i:
        y[i, 0] = function(code, x[i, 0])
    function_ir = code.end()
    kernel = Program(module, MACHINES[machine]).kernel(function_ir)

    def run(values: np.ndarray) -> np.ndarray:
        result = torch.empty(len(values))
        kernel(torch.from_numpy(values), result, len(values))
        return result.numpy()

    return run


@pytest.mark.parametrize("machine", runnable())
class TestFunctions:
    """They are as exact as float32 allows, over all that can come."""

    def test_powers_of_two(self, machine: str) -> None:
        x = np.linspace(-126, 126, 1 << 16, dtype=np.float32)
        found = elementwise(mathematics.exp2, machine)(x)
        np.testing.assert_allclose(found, np.exp2(x.astype(np.float64)), rtol=3e-7)

    def test_a_power_just_below_one_is_off_by_its_distance_from_one_only(self, machine: str) -> None:
        x = -np.logspace(-6, -1, 1 << 12, dtype=np.float32)
        found = elementwise(mathematics.exp2, machine)(x).astype(np.float64)
        expected = np.exp2(x.astype(np.float64))
        half_a_unit = 2.0**-25  # of the last place below 1
        assert (np.abs(found - expected) <= 1.01 * half_a_unit + 9e-7 * (1 - expected)).all()

    def test_a_power_too_small_to_matter_is_almost_0(self, machine: str) -> None:
        found = elementwise(mathematics.exp2, machine)(np.full(64, -1e30, np.float32))
        np.testing.assert_array_equal(found, np.full(64, 2.0**-126, np.float32))

    def test_softplus(self, machine: str) -> None:
        x = np.linspace(-60, 60, 1 << 16, dtype=np.float32)
        found = elementwise(mathematics.softplus, machine)(x)
        expected = np.logaddexp(0, x.astype(np.float64))
        np.testing.assert_allclose(found, expected, rtol=5e-6)

    def test_sigmoid(self, machine: str) -> None:
        x = np.linspace(-80, 80, 1 << 16, dtype=np.float32)
        found = elementwise(mathematics.sigmoid, machine)(x)
        np.testing.assert_allclose(found, 1 / (1 + np.exp(-x.astype(np.float64))), rtol=5e-6)

    def test_silu_and_its_slope(self, machine: str) -> None:
        x = np.linspace(-60, 60, 1 << 16, dtype=np.float32)
        value = elementwise(lambda code, x: mathematics.silu_and_slope(code, x)[0], machine)(x)
        slope = elementwise(lambda code, x: mathematics.silu_and_slope(code, x)[1], machine)(x)
        wide = torch.from_numpy(x).double().requires_grad_()
        expected = torch.nn.functional.silu(wide)
        np.testing.assert_allclose(value, expected.detach().numpy(), rtol=5e-6)
        expected.sum().backward()
        assert wide.grad is not None
        np.testing.assert_allclose(slope, wide.grad.numpy(), rtol=5e-6, atol=5e-7)

    def test_silu(self, machine: str) -> None:
        x = np.linspace(-60, 60, 1 << 16, dtype=np.float32)
        found = elementwise(mathematics.silu, machine)(x)
        expected = x.astype(np.float64) / (1 + np.exp(-x.astype(np.float64)))
        np.testing.assert_allclose(found, expected, rtol=5e-6)


@pytest.mark.parametrize("machine", runnable())
@settings(max_examples=10, deadline=None)
@given(rows=st.integers(1, 40), inputs=st.integers(1, 30), columns=st.integers(1, 100))
def test_a_product_is_the_product(machine: str, rows: int, inputs: int, columns: int) -> None:
    target, module = MACHINES[machine], ir.Module("test")
    wide = padded(target, columns)
    code = Code(module, target, "product", {"left": inputs, "packed": 1, "out": wide, "rows": INT})
    left, packed, out, count = code.arguments

    def keep(row: Value, column: Value, sums: Value) -> None:
        out[row, column] = sums

    product(code, left, count, packed, (inputs, columns), keep)
    function = code.end()
    kernel = Program(module, target).kernel(function)
    a, b = torch.randn(rows, inputs), torch.randn(inputs, columns)
    found = torch.full((rows + 1, wide), torch.nan)
    kernel(a, pack(b, target), found, rows)
    torch.testing.assert_close(found[:rows, :columns], a @ b, rtol=1e-5, atol=1e-5)
    assert (found[:rows, columns:] == 0).all()
    assert found[rows].isnan().all()


@pytest.mark.parametrize("machine", runnable())
@settings(max_examples=10, deadline=None)
@given(rows=st.integers(0, 40), numbers=st.integers(1, 40), columns=st.integers(1, 100))
def test_a_sum_of_outer_products_is_added(machine: str, rows: int, numbers: int, columns: int) -> None:
    target, module = MACHINES[machine], ir.Module("test")
    wide = padded(target, columns)
    arguments = {"left": numbers + 3, "right": wide, "sums": wide, "rows": INT}
    code = Code(module, target, "outer", arguments)
    left, right, sums, count = code.arguments
    add_outer(code, left, right, count, (numbers, wide), sums)
    function = code.end()
    kernel = Program(module, target).kernel(function)
    a, b, before = torch.randn(rows, numbers + 3), torch.randn(rows, wide), torch.randn(numbers + 1, wide)
    found = before.clone()
    kernel(a, b, found, rows)
    torch.testing.assert_close(found[:-1], before[:-1] + a[:, :numbers].T @ b, rtol=1e-5, atol=1e-5)
    assert torch.equal(found[-1], before[-1])


@pytest.mark.parametrize(
    ("machine", "triple", "fused"),
    [
        ("avx512", "x86_64-unknown-linux-gnu", r"vfn?m\w+ps\t.*%zmm"),
        ("avx2", "x86_64-unknown-linux-gnu", r"vfn?m\w+ps\t.*%ymm"),
        ("neon", "aarch64-unknown-linux-gnu", r"fmla\tv\d+\.4s"),
        ("neon", "arm64-apple-macosx14", r"fmla\.4s\s+v\d+"),
    ],
)
def test_the_published_sizes_compile_to_vectors_of_each_machine(
    machine: str, triple: str, fused: str
) -> None:
    module = ir.Module("test")
    sweeps(module, Plan(PUBLISHED, MACHINES[machine]))
    text = assembly(module, MACHINES[machine], triple)
    assert len(re.findall(fused, text)) > 500
    of_the_c_library = {"fmaf", "exp2f", "sqrtf", "memcpy", "memset", "memmove"}
    assert not of_the_c_library & set(re.findall(r"\w+", text))
