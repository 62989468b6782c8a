"""The selective scan compiled for the CPU (numba): forward only, in float32 and float64.

Sixteen neighbouring channels go through time together, so that the compiler can keep each state of all
of them in one vector; their states never leave the cache, and no array of length times channels times
states exists. It runs on one core and holds no lock: callers that have more cores scan other windows or
the other direction beside it.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import torch
from numba import njit, types
from numba.extending import intrinsic
from numpy.polynomial import Chebyshev, Polynomial
from torch import Tensor
from torch.nn.functional import pad

LANES = 16
"""Channels that are scanned together: one 512-bit vector of float32."""

BITS = {types.float32: (types.int32, 23, 127), types.float64: (types.int64, 52, 1023)}
"""Integer of the same width, mantissa bits and exponent bias of IEEE 754 numbers."""

Kernel = Callable[..., None]


def selective_scan(
    x: Tensor, delta: Tensor, A: Tensor, B: Tensor, C: Tensor, D: Tensor, state: Tensor, reverse: bool
) -> tuple[Tensor, Tensor]:
    """Scans one sequence in one direction; see `seq2exp_tracks.model.scan.selective_scan`."""
    channels = x.shape[2]
    missing = -channels % LANES
    x, delta, D = (_widen(tensor, missing) for tensor in (x, delta, D))
    rates = _widen(A.T / np.log(2.0), missing)  # (states, channels), of powers of two
    state = _widen(state.transpose(1, 2), missing).clone()  # (batch, states, channels)
    y = torch.empty_like(x)
    coefficients, lowest = _exp2_constants(x.dtype)
    arrays = [tensor.detach().contiguous().numpy() for tensor in (x, delta, B, C, state, y)]
    shared = [tensor.detach().contiguous().numpy() for tensor in (rates, D)]
    for window in range(x.shape[0]):
        of_window = [array[window] for array in arrays]
        for first in range(0, x.shape[2], LANES):
            _scan_block(*of_window, *shared, coefficients, lowest, reverse, first)
    return y[..., :channels], state[..., :channels].transpose(1, 2)


def _widen(tensor: Tensor, missing: int) -> Tensor:
    """Fills the last axis up to whole blocks; a channel of zeros stays zero."""
    return (pad(tensor, (0, missing)) if missing else tensor).contiguous()


@cache
def _exp2_constants(dtype: torch.dtype) -> tuple[tuple[Any, ...], Any]:
    """Coefficients of (2^f - 1) / f for f in [-1/2, 1/2], the highest first, and the lowest exponent.

    The error of 2^f is then in proportion to f. That matters: a slow state multiplies by numbers just
    below 1 for thousands of steps, and a constant relative error would grow with their number.
    """
    kind, degree, lowest = (np.float32, 5, -127) if dtype == torch.float32 else (np.float64, 11, -1023)

    def slope(f: np.ndarray) -> np.ndarray:
        safe = np.where(f == 0, 1.0, f)
        values: np.ndarray = np.where(f == 0, np.log(2.0), np.expm1(f * np.log(2.0)) / safe)
        return values

    series = Chebyshev.interpolate(slope, degree, domain=[-0.5, 0.5]).convert(kind=Polynomial)
    return tuple(kind(c) for c in series.coef[::-1]), kind(lowest)


@intrinsic
def _nearest(typing_context: Any, x: Any) -> Any:
    """The whole number nearest to x, as a float."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind = context.get_value_type(signature.return_type)
        function = builder.module.declare_intrinsic("llvm.nearbyint", [kind])
        return builder.call(function, args)

    return x(x), generate


@intrinsic
def _power_of_two(typing_context: Any, exponent: Any) -> Any:
    """2 to a whole exponent, by writing the exponent's bits; 0 for the lowest exponent."""
    integer, mantissa, bias = BITS[exponent]

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        whole = builder.fptosi(args[0], context.get_value_type(integer))
        biased = builder.add(whole, context.get_constant(integer, bias))
        bits = builder.shl(biased, context.get_constant(integer, mantissa))
        return builder.bitcast(bits, context.get_value_type(signature.return_type))

    return exponent(exponent), generate


@njit(inline="always")
def _exp2(x: Any, coefficients: Any, lowest: Any) -> Any:
    """2 to the power of x, for x <= 0: range reduction and a polynomial, nothing but vector code."""
    x = max(x, lowest)
    whole: Any = _nearest(x)  # type: ignore[call-arg]  # numba's types show the generator's arguments
    fraction = x - whole
    slope = coefficients[0]
    for coefficient in coefficients[1:]:
        slope = slope * fraction + coefficient
    power: Any = _power_of_two(whole)
    return power + power * (fraction * slope)


def _compiled(kernel: Kernel) -> Kernel:
    """Compiles a kernel that runs without the interpreter's lock, and keeps the machine code on disk.

    Products and sums may be fused (more exact), but nothing is reordered: results are reproducible.
    """
    try:
        return njit(cache=True, nogil=True, fastmath={"contract"}, error_model="numpy")(kernel)
    except RuntimeError:  # no folder to keep it in: neither beside this file nor in the user's cache
        return njit(nogil=True, fastmath={"contract"}, error_model="numpy")(kernel)


@_compiled
def _scan_block(
    x: Any,
    delta: Any,
    B: Any,
    C: Any,
    state: Any,
    y: Any,
    rates: Any,
    D: Any,
    coefficients: Any,
    lowest: Any,
    reverse: bool,
    first: int,
) -> None:
    """Scans channels `first` to `first + LANES - 1` of one window; `y` and `state` are written in place."""
    length, states = B.shape
    rate = rates[:, first : first + LANES].copy()
    h = state[:, first : first + LANES].copy()
    step = np.empty(LANES, x.dtype)
    inflow = np.empty(LANES, x.dtype)
    out = np.empty(LANES, x.dtype)
    for i in range(length):
        t = length - 1 - i if reverse else i
        for c in range(LANES):
            step[c] = delta[t, first + c]
            inflow[c] = step[c] * x[t, first + c]
            out[c] = D[first + c] * x[t, first + c]
        for n in range(states):
            enters, leaves = B[t, n], C[t, n]
            for c in range(LANES):
                h[n, c] = _exp2(step[c] * rate[n, c], coefficients, lowest) * h[n, c] + inflow[c] * enters
                out[c] += h[n, c] * leaves
        for c in range(LANES):
            y[t, first + c] = out[c]
    state[:, first : first + LANES] = h
