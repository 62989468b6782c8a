"""The weights of a stack as the GPU's kernels read them: transposed, padded, both directions in one."""

import math
from dataclasses import dataclass
from typing import cast

import torch
from jaxtyping import Float, Float32
from torch import Tensor
from torch.nn.functional import pad

from seq2exp_tracks.model.caduceus import Layer, Stack
from seq2exp_tracks.model.gpu.tuning import WHOLE
from seq2exp_tracks.model.mamba import Mamba
from seq2exp_tracks.model.precision import Precision

TYPES = {Precision.FP32: torch.float32, Precision.BF16: torch.bfloat16}
"""Types of what products read, and of x and y in memory."""

_LEAST = 16  # a matrix product's smallest size


@dataclass(frozen=True, slots=True)
class Sizes:
    """Sizes that kernels are compiled for.

    Attributes:
        width: Channels of the network (d_model).
        padded: The same, up to a power of two.
        channels: Channels inside a block (d_inner), padded; those behind the real ones stay 0.
        states: States a channel.
        taps: Width of the convolution.
        rank: Rank of the step size's projection, padded to an even number.
        epsilon: Added to the mean square in RMSNorm.
    """

    width: int
    padded: int
    channels: int
    states: int
    taps: int
    rank: int
    epsilon: float

    @property
    def couplings(self) -> int:
        """Numbers that couple a row to the states: for the step size, then B and C of each state in turn."""
        return self.rank + 2 * self.states

    @property
    def columns(self) -> int:
        """The same, up to a power of two."""
        return power_of_two(self.couplings)

    @classmethod
    def of(cls, stack: Stack) -> "Sizes":
        """The sizes of a stack."""
        layer = cast("Layer", stack.layers[0])
        rank, states, _ = layer.forwards.sizes
        channels = layer.forwards.D.shape[0]
        return cls(
            width=layer.norm.weight.shape[0],
            padded=power_of_two(layer.norm.weight.shape[0]),
            channels=power_of_two(channels) if channels <= WHOLE else channels + -channels % WHOLE,
            states=states,
            taps=layer.forwards.conv_weight.shape[1],
            rank=rank + rank % 2,
            epsilon=cast("float", layer.norm.eps),
        )


@dataclass(frozen=True, slots=True)
class PackedLayer:
    """The weights of a layer; readers have theirs of both directions.

    Attributes:
        input: What makes the readers' input of normalised rows; the norm's weights are part of it.
        gate: What makes the gate, likewise.
        output: What makes of the readers' output what is added to the residual.
        taps: Of the convolution, the oldest row's first.
        taps_bias: Its bias.
        couple: What makes couplings.
        steps: What makes step sizes of the first of them.
        steps_bias: Its bias.
        rates: A / log(2): the rates of powers of two.
        skip: D, the share of the input that skips the states.
    """

    input: Float[Tensor, "padded channels"]
    gate: Float[Tensor, "padded channels"]
    output: Float[Tensor, "channels padded"]
    taps: Float32[Tensor, "2 taps channels"]
    taps_bias: Float32[Tensor, "2 channels"]
    couple: Float[Tensor, "2 channels columns"]
    steps: Float32[Tensor, "2 rank channels"]
    steps_bias: Float32[Tensor, "2 channels"]
    rates: Float32[Tensor, "2 states channels"]
    skip: Float32[Tensor, "2 channels"]


def packed_layers(stack: Stack, sizes: Sizes) -> list[PackedLayer]:
    """The weights of each layer."""
    return [_packed(cast("Layer", layer), sizes, TYPES[stack.precision]) for layer in stack.layers]


def packed_norm(stack: Stack, sizes: Sizes) -> Float32[Tensor, " padded"]:
    """The weights of the norm at the stack's end."""
    return _fill(stack.norm.weight.detach(), sizes.padded)


def power_of_two(size: int) -> int:
    """The next power of two that a matrix product takes."""
    return max(_LEAST, 1 << (size - 1).bit_length())


def _packed(layer: Layer, sizes: Sizes, kind: torch.dtype) -> PackedLayer:
    projections, gain = layer.projections, layer.norm.weight
    readers = [layer.forwards, cast("Mamba", layer.backwards)]
    channels, padded = sizes.channels, sizes.padded

    def both(*of_each: Tensor) -> Tensor:
        return torch.stack([_fill(tensor, channels) for tensor in of_each])

    with torch.no_grad():
        return PackedLayer(
            input=_fill((projections.input.weight * gain).T, padded, channels).to(kind),
            gate=_fill((projections.gate.weight * gain).T, padded, channels).to(kind),
            output=_fill(projections.output.weight.T, channels, padded).to(kind),
            taps=both(*(reader.conv_weight.T for reader in readers)),
            taps_bias=both(*(reader.conv_bias for reader in readers)),
            couple=torch.stack([_couplings(reader, sizes) for reader in readers]).to(kind),
            steps=both(*(_fill(reader.dt_proj.weight.T, sizes.rank, channels) for reader in readers)),
            steps_bias=both(*(reader.dt_proj.bias for reader in readers)),
            rates=both(*(-reader.A_log.exp().T / math.log(2) for reader in readers)),
            skip=both(*(reader.D for reader in readers)),
        )


def _couplings(reader: Mamba, sizes: Sizes) -> Float32[Tensor, "channels columns"]:
    """What makes couplings, in the order in which the sweep reads them."""
    steps, B, C = torch.split(reader.x_proj.weight, list(reader.sizes))
    pairs = torch.stack([B, C], 1).flatten(0, 1)
    joined = torch.cat([_fill(steps, sizes.rank, steps.shape[1]), pairs])
    return _fill(joined.T, sizes.channels, sizes.columns)


def _fill(tensor: Tensor, *shape: int) -> Tensor:
    """A copy whose last axes are filled up with zeros, in one piece."""
    missing = [
        n for size, wanted in zip(tensor.shape[::-1], shape[::-1], strict=False) for n in (0, wanted - size)
    ]
    return pad(tensor, missing).contiguous().clone()
