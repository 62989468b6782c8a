"""What a layer does with each row by itself, in tiles of rows: the matrix products, and what lies between.

A tile holds rows of one window, counted from its first: which rows share a tile does not depend on the
windows beside it.

Tested in Triton's interpreter and compiled for GPUs; never run on one.
"""

import triton.language as tl

from seq2exp_tracks.model.gpu.language import jit
from seq2exp_tracks.model.gpu.limits import asked_of, read_by
from seq2exp_tracks.model.gpu.mathematics import row_address, silu
from seq2exp_tracks.model.gpu.products import norm_scales, product, project_tile, scales_of


@jit
def project(
    residual: tl.tensor,
    weights: tl.tensor,
    x: tl.tensor,
    limits: tl.tensor,
    longest: tl.tensor,
    windows: tl.tensor,
    epsilon: tl.constexpr,
    WIDTH: tl.constexpr,
    PADDED: tl.constexpr,
    CHANNELS: tl.constexpr,
    ROWS: tl.constexpr,
    PANEL: tl.constexpr,
    DEPTH: tl.constexpr,
    PRODUCTS: tl.constexpr,
) -> None:
    """Makes the first layer's x = W (the normalised rows); the grid is (tiles, windows).

    Args:
        residual: Float32 (windows, longest, WIDTH).
        weights: W, transposed, float32 or bfloat16 (PADDED, CHANNELS).
        x: Inputs of the readers, float32 or bfloat16 (windows, longest, CHANNELS); written.
        limits: Int32 (3, windows); see `limits`.
        longest: Rows of a window in memory, int32.
        windows: How many, int32.
        epsilon: Added to the mean square in RMSNorm.
        WIDTH: Length of a row of the network.
        PADDED: The same, up to a power of two.
        CHANNELS: Channels.
        ROWS: Rows of a tile.
        PANEL: Outputs that are summed up together.
        DEPTH: Inputs of a product that are fetched together.
        PRODUCTS: How float32 is multiplied.
    """
    window = tl.program_id(1)
    length, _, _ = asked_of(limits, window, windows)
    first = tl.program_id(0) * ROWS
    if first >= length:
        return
    row = first + tl.arange(0, ROWS)
    real = row < length
    here = residual + row_address(window, row, longest, WIDTH)
    there = x + row_address(window, row, longest, CHANNELS)
    scales = norm_scales(here, real, epsilon, WIDTH, PADDED, ROWS, DEPTH)
    project_tile(here, real, scales, weights, there, WIDTH, PADDED, CHANNELS, ROWS, PANEL, DEPTH, PRODUCTS)


@jit
def couple(
    x: tl.tensor,
    taps: tl.tensor,
    taps_bias: tl.tensor,
    weights: tl.tensor,
    couplings: tl.tensor,
    limits: tl.tensor,
    longest: tl.tensor,
    windows: tl.tensor,
    CHANNELS: tl.constexpr,
    TAPS: tl.constexpr,
    NUMBERS: tl.constexpr,
    COLUMNS: tl.constexpr,
    ROWS: tl.constexpr,
    DEPTH: tl.constexpr,
    PRODUCTS: tl.constexpr,
) -> None:
    """Makes what couples states to a row, W silu(conv(x)), for both readers: (tiles, windows, 2 directions).

    Args:
        x: Inputs of the readers, float32 or bfloat16 (windows, longest, CHANNELS).
        taps: Weights of the convolution, the oldest row's first, float32 (2, TAPS, CHANNELS).
        taps_bias: Float32 (2, CHANNELS).
        weights: W, transposed, float32 or bfloat16 (2, CHANNELS, COLUMNS).
        couplings: Float32 (2, windows, longest, NUMBERS); written.
        limits: Int32 (3, windows); see `limits`.
        longest: Rows of a window in memory, int32.
        windows: How many, int32.
        CHANNELS: Channels.
        TAPS: Width of the convolution.
        NUMBERS: Couplings of a row.
        COLUMNS: The same, up to a power of two.
        ROWS: Rows of a tile.
        DEPTH: Inputs of a product that are fetched together.
        PRODUCTS: How float32 is multiplied.
    """
    window, direction = tl.program_id(1), tl.program_id(2)
    length, start, stop = asked_of(limits, window, windows)
    begin, end = read_by(direction, length, start, stop)
    first = tl.program_id(0) * ROWS
    if (first >= end) | (first + ROWS <= begin):
        return
    move = 1 - 2 * direction
    row, column = first + tl.arange(0, ROWS), tl.arange(0, COLUMNS)
    taps += direction * TAPS * CHANNELS
    taps_bias += direction * CHANNELS
    weights += direction * CHANNELS * COLUMNS
    sums = tl.zeros([ROWS, COLUMNS], tl.float32)
    for piece in range(0, CHANNELS, DEPTH):
        c = piece + tl.arange(0, DEPTH)
        convolved = tl.zeros([ROWS, DEPTH], tl.float32) + tl.load(taps_bias + c)[None, :]
        for k in tl.static_range(TAPS):
            source = row - move * (TAPS - 1 - k)
            there = (source >= 0) & (source < length)
            at = x + row_address(window, source, longest, CHANNELS)[:, None] + c[None, :]
            tap = tl.load(taps + k * CHANNELS + c)[None, :]
            convolved += tap * tl.load(at, mask=there[:, None], other=0.0).to(tl.float32)
        w = tl.load(weights + c[:, None] * COLUMNS + column[None, :])
        sums = tl.dot(silu(convolved).to(w.dtype), w, sums, input_precision=PRODUCTS)
    at = couplings + row_address(direction * windows + window, row, longest, NUMBERS)[:, None]
    real = (row >= begin) & (row < end)
    tl.store(at + column[None, :], sums, mask=real[:, None] & (column < NUMBERS)[None, :])


@jit
def turn(
    residual: tl.tensor,
    y: tl.tensor,
    gate: tl.tensor,
    output: tl.tensor,
    following: tl.tensor,
    x: tl.tensor,
    limits: tl.tensor,
    longest: tl.tensor,
    windows: tl.tensor,
    epsilon: tl.constexpr,
    WIDTH: tl.constexpr,
    PADDED: tl.constexpr,
    CHANNELS: tl.constexpr,
    ROWS: tl.constexpr,
    PANEL: tl.constexpr,
    DEPTH: tl.constexpr,
    PRODUCTS: tl.constexpr,
    LAST: tl.constexpr,
) -> None:
    """Ends a layer and begins the next, or the stack's last norm; the grid is (tiles, windows).

        residual += W_out ((forward + backward) · silu(W_gate (the normalised rows)))

    Args:
        residual: Float32 (windows, longest, WIDTH); the rows that are asked for are written.
        y: What the readers say, float32 or bfloat16 (2, windows, longest, CHANNELS).
        gate: W_gate, transposed, float32 or bfloat16 (PADDED, CHANNELS).
        output: W_out, transposed, likewise (CHANNELS, PADDED).
        following: What makes the next layer's x, as `project` has it, or the weights of the last norm,
            float32 (PADDED).
        x: Inputs of the next layer's readers, float32 or bfloat16 (windows, longest, CHANNELS); written, but
            for the last layer.
        limits: Int32 (3, windows); see `limits`.
        longest: Rows of a window in memory, int32.
        windows: How many, int32.
        epsilon: Added to the mean square in RMSNorm.
        WIDTH: Length of a row of the network.
        PADDED: The same, up to a power of two.
        CHANNELS: Channels.
        ROWS: Rows of a tile.
        PANEL: Outputs that are summed up together.
        DEPTH: Inputs of a product that are fetched together.
        PRODUCTS: How float32 is multiplied.
        LAST: Whether this layer is the last.
    """
    window = tl.program_id(1)
    _, start, stop = asked_of(limits, window, windows)
    first = tl.program_id(0) * ROWS
    if (first >= stop) | (first + ROWS <= start):
        return
    row = first + tl.arange(0, ROWS)
    real = (row >= start) & (row < stop)
    here = residual + row_address(window, row, longest, WIDTH)
    forward = y + row_address(window, row, longest, CHANNELS)
    backward = y + row_address(windows + window, row, longest, CHANNELS)
    scales = norm_scales(here, real, epsilon, WIDTH, PADDED, ROWS, DEPTH)
    column = tl.arange(0, PADDED)
    added = tl.zeros([ROWS, PADDED], tl.float32)
    for panel in range(0, CHANNELS, PANEL):
        c = panel + tl.arange(0, PANEL)
        seen = product(here, real, gate + c, WIDTH, PADDED, CHANNELS, ROWS, PANEL, DEPTH, PRODUCTS)
        both = tl.load(forward[:, None] + c[None, :], mask=real[:, None], other=0.0).to(tl.float32)
        both += tl.load(backward[:, None] + c[None, :], mask=real[:, None], other=0.0).to(tl.float32)
        gated = both * silu(seen * scales[:, None])
        w = tl.load(output + c[:, None] * PADDED + column[None, :])
        added = tl.dot(gated.to(w.dtype), w, added, input_precision=PRODUCTS)
    inside = real[:, None] & (column < WIDTH)[None, :]
    at = here[:, None] + column[None, :]
    rows = tl.load(at, mask=inside, other=0.0) + added
    scales = scales_of(tl.sum(rows * rows, 1), epsilon, WIDTH)
    if LAST:
        tl.store(at, rows * scales[:, None] * tl.load(following + column)[None, :], mask=inside)
    else:
        tl.store(at, rows, mask=inside)
        tl.debug_barrier()  # other threads of this program read these rows now
        there = x + row_address(window, row, longest, CHANNELS)
        project_tile(
            here, real, scales, following, there, WIDTH, PADDED, CHANNELS, ROWS, PANEL, DEPTH, PRODUCTS
        )
