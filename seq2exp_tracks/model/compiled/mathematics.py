"""Exponential, softplus, SiLU and their slopes of vectors, to about the rounding of float32.

exp2 splits its argument: 2^x = 2^n 2^(i/m) 2^f, where n and i are whole, a table in registers has the m
powers 2^(i/m), and f is small: the larger the table, the shorter the polynomial. 2^n is added to the bits of
the exponent; (2^f - 1) / f is a polynomial, so that the error of 2^f is in proportion to f. That matters to a
slow state, which is multiplied by numbers just below 1 for thousands of steps.
"""

import math
from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.polynomial import Chebyshev, Polynomial

from seq2exp_tracks.model.compiled.language import Code, Value

_MANTISSA_BITS = 23
_LEAST, _MOST = -126, 126
_DEGREES = {1: 4, 8: 2, 16: 2}  # of the polynomial, by the size of the table


def exp2(code: Code, x: Value) -> Value:
    """2 to the power of x, for x up to 126; what is below -126 counts as that."""
    parts = code.machine.table
    free = _MANTISSA_BITS - (parts.bit_length() - 1)
    # Adding it leaves a float32 room for whole parts only: how many there are lies in the lowest bits.
    rounder = 1.5 * 2.0**free
    rounded = x + rounder
    rest = x - (rounded - rounder)
    count = code.larger(code.bits(rounded), _bits(rounder + _LEAST))
    power = code.number(code.looked_up(_powers(parts, free), count) + (count << free))
    return code.fused(polynomial(code, rest, _exp2_slope(parts)) * rest, power, power)


def softplus(code: Code, x: Value) -> Value:
    """log(1 + exp(x)), as max(x, 0) + log(1 + u) with u = exp(-|x|)."""
    positive = code.larger(x, 0.0)
    u = exp2(code, (x - positive * 2.0) * (1 / math.log(2)))
    return code.fused(polynomial(code, u, _log1p_slope()), u, positive)


def silu(code: Code, x: Value) -> Value:
    """SiLU: x / (1 + exp(-x))."""
    power = code.smaller(x * (-1 / math.log(2)), _MOST)
    return x / (exp2(code, power) + 1.0)


def sigmoid(code: Code, x: Value) -> Value:
    """1 / (1 + exp(-x)), the slope of softplus."""
    power = code.smaller(x * (-1 / math.log(2)), _MOST)
    return code.vector(1.0) / (exp2(code, power) + 1.0)


def silu_and_slope(code: Code, x: Value) -> tuple[Value, Value]:
    """SiLU and its derivative."""
    share = sigmoid(code, x)
    value = x * share
    return value, code.fused(value, code.vector(1.0) - share, share)


def polynomial(code: Code, x: Value, coefficients: tuple[float, ...]) -> Value:
    """Horner's rule, the highest coefficient first."""
    value = code.vector(coefficients[0])
    for coefficient in coefficients[1:]:
        value = code.fused(value, x, coefficient)
    return value


@cache
def _powers(parts: int, free: int) -> tuple[int, ...]:
    """Bits of 2^(i/parts), less what a count that ends with i brings to the bits itself."""
    return tuple(_bits(2 ** (i / parts)) - (i << free) for i in range(parts))


@cache
def _exp2_slope(parts: int) -> tuple[float, ...]:
    """(2^f - 1) / f for f of at most half a part: 2^f is right to 2e-7 of itself."""

    def slope(f: np.ndarray) -> np.ndarray:
        f = np.where(f == 0, 1e-12, f)
        steepness: np.ndarray = np.expm1(f * math.log(2)) / f
        return steepness

    return _fitted(slope, -0.5 / parts, 0.5 / parts, _DEGREES[parts])


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


def _bits(number: float) -> int:
    """The bits of a float32."""
    return int(np.float32(number).view(np.int32))
