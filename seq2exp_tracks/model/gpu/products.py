"""Matrix products of a tile of normalised rows.

The weights of a norm are part of those of the projections behind it; a row's scale multiplies their product.
A product runs through its inputs in pieces of one size: no sum depends on what else is computed.
"""

import triton.language as tl

from seq2exp_tracks.model.gpu.language import jit


@jit
def project_tile(
    here: tl.tensor,
    real: tl.tensor,
    scales: tl.tensor,
    weights: tl.tensor,
    x: tl.tensor,
    WIDTH: tl.constexpr,
    PADDED: tl.constexpr,
    CHANNELS: tl.constexpr,
    ROWS: tl.constexpr,
    PANEL: tl.constexpr,
    DEPTH: tl.constexpr,
    PRODUCTS: tl.constexpr,
) -> None:
    """Makes x of the rows of a tile that are `real`, which lie `here`."""
    for panel in range(0, CHANNELS, PANEL):
        c = panel + tl.arange(0, PANEL)
        sums = product(here, real, weights + c, WIDTH, PADDED, CHANNELS, ROWS, PANEL, DEPTH, PRODUCTS)
        projected = (sums * scales[:, None]).to(x.dtype.element_ty)
        tl.store(x[:, None] + c[None, :], projected, mask=real[:, None])


@jit
def product(
    here: tl.tensor,
    real: tl.tensor,
    weights: tl.tensor,
    WIDTH: tl.constexpr,
    PADDED: tl.constexpr,
    CHANNELS: tl.constexpr,
    ROWS: tl.constexpr,
    PANEL: tl.constexpr,
    DEPTH: tl.constexpr,
    PRODUCTS: tl.constexpr,
) -> tl.tensor:
    """A tile's rows times a panel of weights."""
    sums = tl.zeros([ROWS, PANEL], tl.float32)
    for piece in range(0, PADDED, DEPTH):
        k = piece + tl.arange(0, DEPTH)
        rows = tl.load(here[:, None] + k[None, :], mask=real[:, None] & (k < WIDTH)[None, :], other=0.0)
        w = tl.load(weights[None, :] + k[:, None] * CHANNELS)
        sums = tl.dot(rows.to(w.dtype), w, sums, input_precision=PRODUCTS)
    return sums


@jit
def norm_scales(
    here: tl.tensor,
    real: tl.tensor,
    epsilon: tl.constexpr,
    WIDTH: tl.constexpr,
    PADDED: tl.constexpr,
    ROWS: tl.constexpr,
    DEPTH: tl.constexpr,
) -> tl.tensor:
    """What RMSNorm multiplies each row of a tile by, its weights apart."""
    squares = tl.zeros([ROWS], tl.float32)
    for piece in range(0, PADDED, DEPTH):
        k = piece + tl.arange(0, DEPTH)
        rows = tl.load(here[:, None] + k[None, :], mask=real[:, None] & (k < WIDTH)[None, :], other=0.0)
        squares += tl.sum(rows * rows, 1)
    return scales_of(squares, epsilon, WIDTH)


@jit
def scales_of(squares: tl.tensor, epsilon: tl.constexpr, WIDTH: tl.constexpr) -> tl.tensor:
    """The same from the sums of squares."""
    return 1.0 / tl.sqrt_rn(squares / WIDTH + epsilon)
