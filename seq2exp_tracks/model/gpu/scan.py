"""The selective scan as a kernel for GPUs: one channel a thread, its states in registers, step after step.

    h_t = exp(delta_t A) h_(t-1) + delta_t x_t B_t;   y_t = C_t · h_t + D x_t

`scan.reference` is the definition. A program reads `BLOCK` channels of one window; what it needs of a step is
fetched while the step before is computed. States are a tuple of N vectors: Triton keeps them apart, where it
would spread the columns of one array over threads that then have to talk to each other.

Tested in Triton's interpreter and compiled for GPUs; never run on one.
"""

import triton.language as tl

from seq2exp_tracks.model.gpu.language import jit
from seq2exp_tracks.model.gpu.mathematics import halves, nothing, row_address

BLOCK = 32
"""Channels of a program, one for each thread of `WARPS`: small, so that few windows fill many processors."""

WARPS = 1
"""Warps of a program; with one, sums over its channels need no shared memory."""

CHUNK = 64
"""Steps between kept states."""


@jit
def scan(
    x: tl.tensor,
    delta: tl.tensor,
    couplings: tl.tensor,
    rates: tl.tensor,
    skip: tl.tensor,
    kept: tl.tensor,
    y: tl.tensor,
    longest: tl.tensor,
    CHANNELS: tl.constexpr,
    N: tl.constexpr,
    REVERSE: tl.constexpr,
    BLOCK: tl.constexpr,
    CHUNK: tl.constexpr,
) -> None:
    """Scans windows; the grid is (windows, blocks of channels). All tensors are contiguous.

    Args:
        x: Input (windows, length, channels), float32 or bfloat16.
        delta: Step sizes, likewise.
        couplings: B and C of each state beside each other: pairs of float32 as int64 (windows, length, N).
        rates: A / log(2), float32 (N, channels): the rates of powers of two.
        skip: D, float32 (channels).
        kept: float32 (windows, chunks + 1, N, channels). The states before the first step are given, those
            before every other chunk and after the last step are written.
        y: Output, float32 or bfloat16 (windows, length, channels); written.
        longest: Rows of a window, int32, at least 1.
        CHANNELS: Channels.
        N: States a channel.
        REVERSE: Read from the last row to the first.
        BLOCK: Channels of a program.
        CHUNK: Steps between kept states.
    """
    window = tl.program_id(0)
    c = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    real = c < CHANNELS
    values = row_address(window, 0, longest, CHANNELS) + c
    x += values
    delta += values
    y += values
    couplings += row_address(window, 0, longest, N)
    kept += row_address(window, 0, tl.cdiv(longest, CHUNK) + 1, N * CHANNELS) + c
    a = load_states(rates + c, real, CHANNELS, N)
    d = tl.load(skip + c, mask=real, other=0.0)
    h = load_states(kept, real, CHANNELS, N)

    row = row_of(0, longest, REVERSE)
    inputs, steps = load_row(x, row, real, CHANNELS), load_row(delta, row, real, CHANNELS)
    pairs = load_pairs(couplings + row * N, N)
    for first in range(0, longest, CHUNK):
        store_states(kept, h, real, CHANNELS, N)
        kept += N * CHANNELS
        for step in range(first, tl.minimum(first + CHUNK, longest)):
            here, u, s = row, inputs.to(tl.float32), steps.to(tl.float32)
            row = row_of(tl.minimum(step + 1, longest - 1), longest, REVERSE)
            inputs, steps = load_row(x, row, real, CHANNELS), load_row(delta, row, real, CHANNELS)
            inflow = s * u
            said = d * u
            states, next_pairs = nothing(), nothing()
            for n in tl.static_range(N):
                B, C = halves(pairs[n])
                # Not before, so that it can take the place in registers of the pair that was read.
                next_pairs += (tl.load(couplings + row * N + n),)
                state = tl.exp2(s * a[n]) * h[n] + inflow * B
                said += state * C
                states += (state,)
            h, pairs = states, next_pairs
            tl.store(y + here * CHANNELS, said.to(y.dtype.element_ty), mask=real)
    store_states(kept, h, real, CHANNELS, N)


@jit
def row_of(step: tl.tensor, longest: tl.tensor, REVERSE: tl.constexpr) -> tl.tensor:
    """The row that is read at a step, in 64 bits: rows times channels can be more than 32 hold."""
    return tl.cast(longest - 1 - step if REVERSE else step, tl.int64)


@jit
def load_row(window: tl.tensor, row: tl.tensor, real: tl.tensor, CHANNELS: tl.constexpr) -> tl.tensor:
    """A row of a window; still of its own type, because to change it is to wait for it."""
    return tl.load(window + row * CHANNELS, mask=real, other=0.0)


@jit
def load_pairs(row: tl.tensor, N: tl.constexpr) -> tl.tensor:
    """B and C of each state at one row."""
    pairs = nothing()
    for n in tl.static_range(N):
        pairs += (tl.load(row + n),)
    return pairs


@jit
def load_states(first: tl.tensor, real: tl.tensor, STRIDE: tl.constexpr, N: tl.constexpr) -> tl.tensor:
    """A vector for each state, 0 where there is no channel; `real` is None where all there are."""
    states = nothing()
    for n in tl.static_range(N):
        states += (tl.load(first + n * STRIDE, mask=real, other=None if real is None else 0.0),)
    return states


@jit
def store_states(
    first: tl.tensor, states: tl.tensor, real: tl.tensor, STRIDE: tl.constexpr, N: tl.constexpr
) -> None:
    """Writes a vector for each state, likewise."""
    for n in tl.static_range(N):
        tl.store(first + n * STRIDE, states[n], mask=real)
