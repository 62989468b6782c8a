"""What several kernels compute: SiLU, softplus, two numbers from one word, and where a row lies."""

import triton.language as tl

from seq2exp_tracks.model.gpu.language import jit

LOG2_E = tl.constexpr(1.4426950408889634)


@jit
def row_address(window: tl.tensor, row: tl.tensor, longest: tl.tensor, width: tl.constexpr) -> tl.tensor:
    """Where a row of a window begins, counted in numbers from the first window's first row.

    64 windows of 512 kb have more numbers than 32 bits can count. All kernels find rows by this function.
    """
    return (tl.cast(window, tl.int64) * longest + row) * width


@jit
def silu(x: tl.tensor) -> tl.tensor:
    """SiLU: x / (1 + exp(-x))."""
    return x / (1.0 + tl.exp2(x * -LOG2_E))


@jit
def softplus(x: tl.tensor) -> tl.tensor:
    """log(1 + exp(x)), as max(x, 0) + log(1 + u) with u = exp(-|x|).

    A GPU's own logarithm is right to 2e-7 of 1, which is little to say of a number as small as a step size.
    So log(1 + u) / u is a polynomial, through its values at nine of Chebyshev's points between 0 and 1;
    log(1 + u) is then right to 1e-7 of itself.
    """
    u = tl.exp2(tl.abs(x) * -LOG2_E)
    slope = 0.0051261019 * u - 0.0290740654
    slope = slope * u + 0.0775160864
    slope = slope * u - 0.1360224783
    slope = slope * u + 0.1907688081
    slope = slope * u - 0.2483539879
    slope = slope * u + 0.3331812024
    slope = slope * u - 0.4999944568
    slope = slope * u + 0.9999999404
    return tl.maximum(x, 0.0) + u * slope


@jit
def halves(pair: tl.tensor) -> tuple[tl.tensor, tl.tensor]:
    """The two float32 that lie side by side in memory and were read as one int64."""
    first, second = tl.cast(pair, tl.int32), tl.cast(pair >> 32, tl.int32)
    return tl.cast(first, tl.float32, bitcast=True), tl.cast(second, tl.float32, bitcast=True)


@jit
def nothing() -> tl.tensor:
    """A tuple to which a kernel adds the values that it names by number."""
    return ()
