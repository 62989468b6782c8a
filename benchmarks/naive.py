"""What the network is compared against: the published arithmetic off the GPU, with three ways to scan.

Each direction is computed by itself on a flipped copy, with its own evaluation of the shared projections, and
the convolution is torch's. Its scan is the reference of mamba-ssm (`scan`), which makes two arrays of
channels times length times states and loops over the positions, or the parallel scan of mambapy
(`parallel_scan`). `block_read` is the best that we know how to do in plain PyTorch: shared projections once,
and a loop over the positions whose large arrays are those of a block.
"""

from collections.abc import Callable
from unittest import mock

import torch
from torch import Tensor
from torch.nn.functional import conv1d, silu, softplus

from seq2exp_tracks.model import mamba as mamba_module
from seq2exp_tracks.model.caduceus import Layer, Stack
from seq2exp_tracks.model.mamba import Mamba
from seq2exp_tracks.model.reading import Embedded

Scan = Callable[[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor], Tensor]

BLOCK = 1024


def scan(x: Tensor, delta: Tensor, A: Tensor, B: Tensor, C: Tensor, D: Tensor) -> Tensor:
    """The scan of x, (batch, channels, length), by its definition with whole arrays of states."""
    decay = torch.exp(torch.einsum("bel,en->beln", delta, A))
    inflow = torch.einsum("bel,bln,bel->beln", delta, B, x)
    state = x.new_zeros(x.shape[0], x.shape[1], A.shape[1])
    outputs = []
    for t in range(x.shape[2]):
        state = decay[:, :, t] * state + inflow[:, :, t]
        outputs.append(torch.einsum("ben,bn->be", state, C[:, t]))
    return torch.stack(outputs, 2) + x * D[:, None]


def parallel_scan(x: Tensor, delta: Tensor, A: Tensor, B: Tensor, C: Tensor, D: Tensor) -> Tensor:
    """The same by mambapy's parallel scan (Blelloch's, over the whole length)."""
    from mambapy.pscan import pscan

    delta, x = delta.transpose(1, 2), x.transpose(1, 2)
    states = pscan(torch.exp(delta[..., None] * A), (delta * x)[..., None] * B[:, :, None])
    return ((states @ C[..., None])[..., 0] + D * x).transpose(1, 2)


def read(stack: Stack, x: Embedded | Tensor, wanted: range | None = None, scan: Scan = scan) -> Tensor:
    """Reads a batch of windows, with tied weights and directions added."""
    residual = x.rows() if isinstance(x, Embedded) else x
    for layer in stack.layers:
        v = layer.norm(residual)
        forward = block(layer, layer.forwards, v, scan)
        residual = residual + forward + block(layer, layer.backwards, v.flip(1), scan).flip(1)
    rows: Tensor = stack.norm(residual)
    return rows if wanted is None else rows[:, wanted.start : wanted.stop]


def block(layer: Layer, mamba: Mamba, v: Tensor, scan: Scan) -> Tensor:
    """One Mamba block reading forwards, from rows to rows."""
    projections = layer.projections
    x, z = projections.input(v), projections.gate(v)
    taps = mamba.conv_weight.shape[1]
    convolved = conv1d(
        x.transpose(1, 2), mamba.conv_weight[:, None], mamba.conv_bias, padding=taps - 1, groups=x.shape[2]
    )
    x = silu(convolved[..., : x.shape[1]]).transpose(1, 2)
    low_rank, B, C = mamba.x_proj(x).split(mamba.sizes, -1)
    delta = softplus(mamba.dt_proj(low_rank))
    y = scan(x.transpose(1, 2), delta.transpose(1, 2), -mamba.A_log.exp(), B, C, mamba.D)
    return projections.output(y.transpose(1, 2) * silu(z))


def block_read(stack: Stack, x: Embedded | Tensor, wanted: range | None = None) -> Tensor:
    """Reads a batch of windows by the definition of the stack, with `block_scan` for the scan."""
    with mock.patch.object(mamba_module, "selective_scan", block_scan):
        rows: Tensor = stack(x.rows() if isinstance(x, Embedded) else x)
    return rows if wanted is None else rows[:, wanted.start : wanted.stop]


def block_scan(
    x: Tensor, delta: Tensor, A: Tensor, B: Tensor, C: Tensor, D: Tensor, reverse: bool
) -> tuple[Tensor, Tensor]:
    """The scan of x, (batch, length, channels), in blocks: arrays of states are those of one block."""
    if reverse:
        x, delta, B, C = (tensor.flip(1) for tensor in (x, delta, B, C))
    y, state = torch.empty_like(x), x.new_zeros(x.shape[0], *A.shape)
    for start in range(0, x.shape[1], BLOCK):
        here = slice(start, start + BLOCK)
        decay = torch.exp(delta[:, here, :, None] * A)
        states = (delta[:, here] * x[:, here])[..., None] * B[:, here, None]
        for t in range(states.shape[1]):
            state = states[:, t].addcmul_(decay[:, t], state)
        y[:, here] = (states @ C[:, here, :, None])[..., 0] + D * x[:, here]
    return y.flip(1) if reverse else y, state
