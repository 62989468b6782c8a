"""The published arithmetic of a stack off the GPU: what our way is compared against.

Each direction is computed by itself on a flipped copy, with its own evaluation of the shared projections;
the convolution is torch's; and the scan is the reference of mamba-ssm, which first makes two arrays of
channels times length times states and then loops over the positions.
"""

import torch
from torch import Tensor
from torch.nn.functional import conv1d, silu, softplus

from seq2exp_tracks.model.caduceus import Layer, Stack
from seq2exp_tracks.model.mamba import Mamba


def read(stack: Stack, x: Tensor, wanted: range | None = None) -> Tensor:
    """Reads a batch of windows, (batch, length, d_model), with tied weights and directions added."""
    residual = x
    for layer in stack.layers:
        v = layer.norm(residual)
        residual = (
            residual + block(layer, layer.forwards, v) + block(layer, layer.backwards, v.flip(1)).flip(1)
        )
    rows: Tensor = stack.norm(residual)
    return rows if wanted is None else rows[:, wanted.start : wanted.stop]


def block(layer: Layer, mamba: Mamba, v: Tensor) -> Tensor:
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


def scan(x: Tensor, delta: Tensor, A: Tensor, B: Tensor, C: Tensor, D: Tensor) -> Tensor:
    """The scan of x, (batch, channels, length), by its definition with whole arrays of states."""
    decay = torch.exp(torch.einsum("bel,en->beln", delta, A))
    inflow = torch.einsum("bel,bln,bel->beln", delta, B, x)
    state = x.new_zeros(x.shape[0], x.shape[1], A.shape[1])
    outputs = []
    # Taken apart once, not step by step: autograd makes a whole array for every element that is taken out.
    for decays, inflows, leaving in zip(decay.unbind(2), inflow.unbind(2), C.unbind(1), strict=True):
        state = decays * state + inflows
        outputs.append(torch.einsum("ben,bn->be", state, leaving))
    return torch.stack(outputs, 2) + x * D[:, None]
