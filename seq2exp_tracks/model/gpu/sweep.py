"""The readers of a layer over whole windows: convolution, step sizes and scan, one channel a thread.

    u = silu(conv(x));  delta = softplus(V r + b);  h = exp(delta A) h + delta u B;  y = C · h + D u

A thread goes through its window step after step, with the states in registers and no word to its neighbours:
no number depends on how work is shared out. What it needs of a row is fetched while it computes the row
before.

Tested in Triton's interpreter and compiled for GPUs; never run on one.
"""

import triton.language as tl

from seq2exp_tracks.model.gpu.language import jit
from seq2exp_tracks.model.gpu.limits import asked_of, read_by
from seq2exp_tracks.model.gpu.mathematics import halves, nothing, row_address, silu, softplus


@jit
def sweep(
    x: tl.tensor,
    couplings: tl.tensor,
    taps: tl.tensor,
    taps_bias: tl.tensor,
    steps: tl.tensor,
    steps_bias: tl.tensor,
    rates: tl.tensor,
    skip: tl.tensor,
    y: tl.tensor,
    limits: tl.tensor,
    longest: tl.tensor,
    windows: tl.tensor,
    CHANNELS: tl.constexpr,
    TAPS: tl.constexpr,
    RANK: tl.constexpr,
    STATES: tl.constexpr,
    BLOCK: tl.constexpr,
) -> None:
    """Reads windows in both directions; the grid is (blocks of channels, windows, 2 directions).

    Args:
        x: Input (windows, longest, CHANNELS), float32 or bfloat16.
        couplings: Of each row what its step sizes are made from, and B and C of each state beside each other:
            pairs of float32 as int64 (2, windows, longest, RANK / 2 + STATES).
        taps: Weights of the convolution, the oldest row's first, float32 (2, TAPS, CHANNELS).
        taps_bias: Float32 (2, CHANNELS).
        steps: What makes step sizes, float32 (2, RANK, CHANNELS).
        steps_bias: Float32 (2, CHANNELS).
        rates: A / log(2), the rates of powers of two, float32 (2, STATES, CHANNELS).
        skip: D, float32 (2, CHANNELS).
        y: What the readers say (2, windows, longest, CHANNELS), float32 or bfloat16; written.
        limits: Int32 (3, windows); see `limits`.
        longest: Rows of a window in memory, int32.
        windows: How many, int32.
        CHANNELS: Channels, of which BLOCK is a part.
        TAPS: Width of the convolution.
        RANK: Rank of the step sizes' projection, even.
        STATES: States a channel.
        BLOCK: Channels of a program.
    """
    PAIRS: tl.constexpr = RANK // 2 + STATES
    c = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    window, direction = tl.program_id(1), tl.program_id(2)
    length, start, stop = asked_of(limits, window, windows)
    begin, end = read_by(direction, length, start, stop)
    if end <= begin:
        return
    move = 1 - 2 * direction
    first = begin + direction * (end - begin - 1)
    weights = direction * CHANNELS + c
    tap = rows_of(taps + direction * TAPS * CHANNELS + c, CHANNELS, TAPS)
    V = rows_of(steps + direction * RANK * CHANNELS + c, CHANNELS, RANK)
    A = rows_of(rates + direction * STATES * CHANNELS + c, CHANNELS, STATES)
    tap_bias, step_bias, D = (
        tl.load(taps_bias + weights),
        tl.load(steps_bias + weights),
        tl.load(skip + weights),
    )

    x += row_address(window, first, longest, CHANNELS) + c
    y += row_address(direction * windows + window, first, longest, CHANNELS) + c
    couplings += row_address(direction * windows + window, first, longest, PAIRS)
    before = zeros(TAPS - 1, BLOCK)
    h = zeros(STATES, BLOCK)
    pairs = rows_of(couplings, 1, PAIRS)
    inputs = tl.load(x).to(tl.float32)
    for step in range(end - begin):
        now, last = pairs, before
        last += (inputs,)
        x += move * CHANNELS
        couplings += move * PAIRS
        if step + 1 < end - begin:
            pairs = rows_of(couplings, 1, PAIRS)
            inputs = tl.load(x).to(tl.float32)
        convolved = tap_bias
        for k in tl.static_range(TAPS):
            convolved += tap[k] * last[k]
        before = last[1:]
        u = silu(convolved)
        delta = step_bias
        for k in tl.static_range(RANK // 2):
            even, odd = halves(now[k])
            delta += even * V[2 * k] + odd * V[2 * k + 1]
        delta = softplus(delta)
        inflow = delta * u
        said = D * u
        states = nothing()
        for n in tl.static_range(STATES):
            B, C = halves(now[RANK // 2 + n])
            state = tl.exp2(delta * A[n]) * h[n] + inflow * B
            said += state * C
            states += (state,)
        h = states
        tl.store(y, said.to(y.dtype.element_ty))
        y += move * CHANNELS


@jit
def rows_of(pointer: tl.tensor, width: tl.constexpr, COUNT: tl.constexpr) -> tl.tensor:
    """As many values that lie `width` apart, as a tuple."""
    rows = nothing()
    for k in tl.static_range(COUNT):
        rows += (tl.load(pointer + k * width),)
    return rows


@jit
def zeros(COUNT: tl.constexpr, BLOCK: tl.constexpr) -> tl.tensor:
    """As many zeros for each channel, as a tuple."""
    values = nothing()
    for _ in tl.static_range(COUNT):
        values += (tl.zeros([BLOCK], tl.float32),)
    return values
