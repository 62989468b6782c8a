"""Exponential, softplus and SiLU of vectors, to about the rounding of float32.

exp2 splits its argument: 2^x = 2^n 2^f with n whole and f in [-1/2, 1/2]. 2^n is written into the exponent's
bits; (2^f - 1) / f is a polynomial, so that the error of 2^f is in proportion to f. That matters to a slow
state, which is multiplied by numbers just below 1 for thousands of steps.
"""

import math
from collections.abc import Callable
from functools import cache

import numpy as np
from llvmlite import ir
from numpy.polynomial import Chebyshev, Polynomial

from seq2exp_tracks.model.compiled.language import Code, Value

# Adding it leaves a float32 without room for a fraction: the whole number lies in the lowest bits.
_ROUNDER = 1.5 * 2.0**23
_MANTISSA_BITS = 23
_LEAST, _MOST = -126.0, 126.0


def exp2(code: Code, x: Value) -> Value:
    """2 to the power of x, for x up to 126; what is below -126 counts as that."""
    rounded = code.larger(x, _LEAST) + _ROUNDER
    fraction = code.larger(x, _LEAST) - (rounded - _ROUNDER)
    mantissa = code.fused(polynomial(code, fraction, _exp2_slope()), fraction, 1.0)
    return _times_power_of_two(code, mantissa, rounded)


def softplus(code: Code, x: Value) -> Value:
    """log(1 + exp(x)), as max(x, 0) + log(1 + u) with u = exp(-|x|)."""
    positive = code.larger(x, 0.0)
    u = exp2(code, (x - positive * 2.0) * (1 / math.log(2)))
    return code.fused(polynomial(code, u, _log1p_slope()), u, positive)


def silu(code: Code, x: Value) -> Value:
    """SiLU: x / (1 + exp(-x))."""
    power = code.smaller(x * (-1 / math.log(2)), _MOST)
    return x / (exp2(code, power) + 1.0)


def polynomial(code: Code, x: Value, coefficients: tuple[float, ...]) -> Value:
    """Horner's rule, the highest coefficient first."""
    value = code.vector(coefficients[0])
    for coefficient in coefficients[1:]:
        value = code.fused(value, x, coefficient)
    return value


def _times_power_of_two(code: Code, mantissa: Value, rounded: Value) -> Value:
    """Multiplies by 2 to the whole number that a rounded value holds in its lowest bits."""
    bits, build = ir.VectorType(ir.IntType(32), code.lanes), code.builder
    exponent = build.shl(build.bitcast(rounded.ir, bits), ir.Constant(bits, [_MANTISSA_BITS] * code.lanes))
    total = build.add(build.bitcast(mantissa.ir, bits), exponent)
    return Value(code, build.bitcast(total, code.vector_type))


@cache
def _exp2_slope() -> tuple[float, ...]:
    """(2^f - 1) / f for f in [-1/2, 1/2]: 2^f is right to 2e-7 of itself."""

    def slope(f: np.ndarray) -> np.ndarray:
        f = np.where(f == 0, 1e-12, f)
        steepness: np.ndarray = np.expm1(f * math.log(2)) / f
        return steepness

    return _fitted(slope, -0.5, 0.5, degree=4)


@cache
def _log1p_slope() -> tuple[float, ...]:
    """log(1 + u) / u for u in [0, 1]: log(1 + u) is right to 1e-7 of itself."""
    return _fitted(lambda u: np.log1p(u) / u, 0.0, 1.0, degree=8)


def _fitted(
    function: Callable[[np.ndarray], np.ndarray], low: float, high: float, degree: int
) -> tuple[float, ...]:
    """Coefficients of the polynomial through a function's values at Chebyshev's points, the highest first."""
    series = Chebyshev.interpolate(function, degree, domain=[low, high]).convert(kind=Polynomial)
    return tuple(float(np.float32(c)) for c in series.coef[::-1])
