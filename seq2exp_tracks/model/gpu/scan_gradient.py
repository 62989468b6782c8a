"""The selective scan's gradients as a kernel for GPUs: back through a window, chunk by chunk.

With g_t the gradient of the state h_t, of its own row and of all rows read after it,

    g_t = C_t dy_t + exp(delta_(t+1) A) g_(t+1)
    dB_t = sum over channels of g_t delta_t x_t        dC_t = sum over channels of dy_t h_t
    dx_t = delta_t (B_t · g_t) + D dy_t                dD = sum over t of dy_t x_t
    dA = sum over t of delta_t w_t                     ddelta_t = A · w_t + x_t (B_t · g_t)

where w_t = g_t exp(delta_t A) h_(t-1). The states of a chunk are computed again from the one that was kept
before it. Every number is written by one program, and sums over blocks of channels and over windows are left
to the caller: the same inputs give the same bits.

Tested in Triton's interpreter and compiled for GPUs; never run on one.
"""

import math

import triton.language as tl

from seq2exp_tracks.model.gpu.language import jit
from seq2exp_tracks.model.gpu.mathematics import halves, nothing, row_address
from seq2exp_tracks.model.gpu.scan import load_pairs, load_row, load_states, row_of, store_states

_LOG_2 = tl.constexpr(math.log(2))


@jit
def scan_gradient(
    x: tl.tensor,
    delta: tl.tensor,
    couplings: tl.tensor,
    rates: tl.tensor,
    skip: tl.tensor,
    kept: tl.tensor,
    of_y: tl.tensor,
    of_x: tl.tensor,
    of_delta: tl.tensor,
    of_couplings: tl.tensor,
    of_A: tl.tensor,
    of_skip: tl.tensor,
    of_state: tl.tensor,
    scratch: tl.tensor,
    longest: tl.tensor,
    CHANNELS: tl.constexpr,
    N: tl.constexpr,
    REVERSE: tl.constexpr,
    BLOCK: tl.constexpr,
    CHUNK: tl.constexpr,
) -> None:
    """Goes back through windows; the grid is (windows, blocks of channels). All tensors are contiguous.

    Args:
        x: As for `scan.scan`, like all up to `kept`, which that kernel has filled.
        delta: Step sizes.
        couplings: B and C.
        rates: A / log(2).
        skip: D.
        kept: States before each chunk.
        of_y: Gradient of the output, float32 or bfloat16 (windows, length, channels).
        of_x: Gradient of x, float32 or bfloat16, likewise; written, as all that follow.
        of_delta: Of delta, likewise.
        of_couplings: Of B and C, float32 (blocks, windows, length, N, 2): each block's share of the sums over
            channels.
        of_A: Of A, float32 (windows, N, channels): each window's share.
        of_skip: Of D, float32 (windows, channels): each window's share.
        of_state: float32 (windows, N, channels). That of the states after the last step is given, that of
            the states before the first is written.
        scratch: float32 (windows, blocks, CHUNK, N, BLOCK).
        longest: Rows of a window, int32, at least 1.
        CHANNELS: Channels.
        N: States a channel.
        REVERSE: As the scan was read.
        BLOCK: Channels of a program.
        CHUNK: Steps between kept states, as in the scan.
    """
    window, block = tl.program_id(0), tl.program_id(1)
    c = block * BLOCK + tl.arange(0, BLOCK)
    real = c < CHANNELS
    chunks = tl.cdiv(longest, CHUNK)
    values = row_address(window, 0, longest, CHANNELS) + c
    of_couplings += row_address(block * tl.num_programs(0) + window, 0, longest, 2 * N)
    window_states = row_address(window, 0, N, CHANNELS) + c
    kept += row_address(window, chunks, chunks + 1, N * CHANNELS) + c
    scratch += row_address(window, block, tl.num_programs(1), CHUNK * N * BLOCK) + tl.arange(0, BLOCK)
    read = (x + values, delta + values, couplings + row_address(window, 0, longest, N), of_y + values)
    written = (of_x + values, of_delta + values, of_couplings)
    a = load_states(rates + c, real, CHANNELS, N)
    d = tl.load(skip + c, mask=real, other=0.0)
    later = load_states(of_state + window_states, real, CHANNELS, N)
    zero = tl.zeros([BLOCK], tl.float32)
    sum_skip, sums_A = zero, nothing()
    for _ in tl.static_range(N):
        sums_A += (zero,)

    for done in range(chunks):
        first = (chunks - 1 - done) * CHUNK
        rows = tl.minimum(longest - first, CHUNK)
        kept -= N * CHANNELS
        h = load_states(kept, real, CHANNELS, N)
        again(read, scratch, a, h, real, first, rows, longest, CHANNELS, N, REVERSE, BLOCK)
        tl.debug_barrier()  # what a thread reads of the scratch, another may have written
        later, sums_A, more_skip = back(
            read,
            written,
            scratch,
            a,
            d,
            later,
            sums_A,
            real,
            first,
            rows,
            longest,
            CHANNELS,
            N,
            REVERSE,
            BLOCK,
        )
        sum_skip += more_skip
        tl.debug_barrier()  # the next chunk writes over the scratch
    store_states(of_state + window_states, later, real, CHANNELS, N)
    store_states(of_A + window_states, sums_A, real, CHANNELS, N)
    tl.store(of_skip + row_address(window, 0, 1, CHANNELS) + c, sum_skip, mask=real)


@jit
def again(
    read: tl.tensor,
    scratch: tl.tensor,
    a: tl.tensor,
    h: tl.tensor,
    real: tl.tensor,
    first: tl.tensor,
    rows: tl.tensor,
    longest: tl.tensor,
    CHANNELS: tl.constexpr,
    N: tl.constexpr,
    REVERSE: tl.constexpr,
    BLOCK: tl.constexpr,
) -> None:
    """Writes the states before each step of a chunk, which begins at the step `first` with the states `h`."""
    x, delta, couplings = read[0], read[1], read[2]
    row = row_of(first, longest, REVERSE)
    inputs, steps = load_row(x, row, real, CHANNELS), load_row(delta, row, real, CHANNELS)
    pairs = load_pairs(couplings + row * N, N)
    for step in range(rows):
        u, s = inputs.to(tl.float32), steps.to(tl.float32)
        row = row_of(first + tl.minimum(step + 1, rows - 1), longest, REVERSE)
        inputs, steps = load_row(x, row, real, CHANNELS), load_row(delta, row, real, CHANNELS)
        store_states(scratch + step * N * BLOCK, h, None, BLOCK, N)
        inflow = s * u
        states, next_pairs = nothing(), nothing()
        for n in tl.static_range(N):
            B, _ = halves(pairs[n])
            next_pairs += (tl.load(couplings + row * N + n),)
            states += (tl.exp2(s * a[n]) * h[n] + inflow * B,)
        h, pairs = states, next_pairs


@jit
def back(
    read: tl.tensor,
    written: tl.tensor,
    scratch: tl.tensor,
    a: tl.tensor,
    d: tl.tensor,
    later: tl.tensor,
    sums_A: tl.tensor,
    real: tl.tensor,
    first: tl.tensor,
    rows: tl.tensor,
    longest: tl.tensor,
    CHANNELS: tl.constexpr,
    N: tl.constexpr,
    REVERSE: tl.constexpr,
    BLOCK: tl.constexpr,
) -> tl.tensor:
    """Goes back through a chunk, from `later`, exp(delta_(t+1) A) g_(t+1) of its last step.

    Returns:
        The same of the step before its first one, the sums for A with the chunk's added, and the sum for D.
    """
    x, delta, couplings, of_y = read
    of_x, of_delta, of_couplings = written
    row = row_of(first + rows - 1, longest, REVERSE)
    inputs, steps = load_row(x, row, real, CHANNELS), load_row(delta, row, real, CHANNELS)
    asked = load_row(of_y, row, real, CHANNELS)
    pairs = load_pairs(couplings + row * N, N)
    before = load_states(scratch + (rows - 1) * N * BLOCK, None, BLOCK, N)  # h_(t-1)
    sum_skip = tl.zeros([BLOCK], tl.float32)
    for done in range(rows):
        here, u, s, dy = row, inputs.to(tl.float32), steps.to(tl.float32), asked.to(tl.float32)
        step = tl.maximum(rows - 2 - done, 0)  # the next one
        row = row_of(first + step, longest, REVERSE)
        inputs, steps = load_row(x, row, real, CHANNELS), load_row(delta, row, real, CHANNELS)
        asked = load_row(of_y, row, real, CHANNELS)
        inflow = s * u
        entering = tl.zeros([BLOCK], tl.float32)
        decaying = tl.zeros([BLOCK], tl.float32)
        earlier, more_A, next_pairs, next_before = nothing(), nothing(), nothing(), nothing()
        for n in tl.static_range(N):
            B, C = halves(pairs[n])
            next_pairs += (tl.load(couplings + row * N + n),)
            decay = tl.exp2(s * a[n])
            decayed = decay * before[n]
            next_before += (tl.load(scratch + (step * N + n) * BLOCK),)
            g = later[n] + dy * C
            weight = g * decayed
            entering += g * B
            decaying += weight * a[n]
            more_A += (sums_A[n] + weight * s,)
            earlier += (g * decay,)
            place = of_couplings + (here * N + n) * 2
            tl.store(place, tl.sum(g * inflow, 0))
            tl.store(place + 1, tl.sum(dy * (decayed + inflow * B), 0))
        later, sums_A, pairs, before = earlier, more_A, next_pairs, next_before
        sum_skip += dy * u
        of_u = entering * s + d * dy
        of_s = entering * u + decaying * _LOG_2  # a = A / log(2)
        tl.store(of_x + here * CHANNELS, of_u.to(of_x.dtype.element_ty), mask=real)
        tl.store(of_delta + here * CHANNELS, of_s.to(of_delta.dtype.element_ty), mask=real)
    return later, sums_A, sum_skip
