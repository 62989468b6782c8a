"""The weights of a stack as the kernels read them: in panels, behind each other, padded to whole vectors."""

import math
from typing import cast

from jaxtyping import Float32
from torch import Tensor
from torch.nn.functional import pad

from seq2exp_tracks.model.caduceus import Layer, Stack
from seq2exp_tracks.model.compiled.layout import Plan, Sizes
from seq2exp_tracks.model.compiled.machine import Machine
from seq2exp_tracks.model.compiled.products import pack
from seq2exp_tracks.model.mamba import Mamba


class PackedStack:
    """The weights of a stack.

    Args:
        stack: A stack whose layers read in both directions, with shared projections, and add.
        machine: What the kernels are compiled for.
        embedding: What the numbers that a row is made from are multiplied by; None where rows are given.

    Attributes:
        plan: Where the kernels find things.
        shared: Weights that the directions of a layer share, for every layer.
        readers: Those of its forward and its backward reader.
    """

    def __init__(
        self, stack: Stack, machine: Machine, embedding: Float32[Tensor, "d_model numbers"] | None
    ) -> None:
        layers = [cast("Layer", layer) for layer in stack.layers]
        self.plan = Plan(_sizes(layers[0], 0 if embedding is None else embedding.shape[1]), machine)
        self.shared = [self._layer(layer) for layer in layers]
        if embedding is not None:
            self.shared[0] = self._first_layer(layers[0], embedding)
        self.readers = [
            (self._reader(layer.forwards), self._reader(cast("Mamba", layer.backwards))) for layer in layers
        ]

    def _layer(self, layer: Layer) -> Tensor:
        """Shared projections; the norm's weights multiply those of what it feeds."""
        projections, gain = layer.projections, layer.norm.weight[:, None]
        return self.plan.layer.joined(
            {
                "input": self._packed(gain * projections.input.weight.T, self.plan.width),
                "gate": self._packed(gain * projections.gate.weight.T, self.plan.width),
                "output": self._packed(projections.output.weight.T, self.plan.channels),
            }
        )

    def _first_layer(self, layer: Layer, embedding: Tensor) -> Tensor:
        """The same of a layer that sees numbers: what makes rows of them is part of its projections."""
        projections, gain = layer.projections, layer.norm.weight[:, None]
        numbers = embedding.shape[1]
        return self.plan.first.joined(
            {
                "rows": self._packed(embedding.T, numbers),
                "input": self._packed(embedding.T @ (gain * projections.input.weight.T), numbers),
                "gate": self._packed(embedding.T @ (gain * projections.gate.weight.T), numbers),
                "output": self._packed(projections.output.weight.T, self.plan.channels),
            }
        )

    def _reader(self, mamba: Mamba) -> Tensor:
        return self.plan.reader.joined(
            {
                "taps": mamba.conv_weight.T,
                "taps_bias": mamba.conv_bias[None],
                "project": self._packed(mamba.x_proj.weight.T, self.plan.channels),
                "steps": self._packed(mamba.dt_proj.weight.T, self.plan.sizes.rank),
                "steps_bias": mamba.dt_proj.bias[None],
                "rates": -mamba.A_log.exp().T / math.log(2),
                "skip": mamba.D[None],
            }
        )

    def _packed(self, weights: Tensor, inputs: int) -> Tensor:
        """Packed weights as one column; inputs that only padding has are 0."""
        whole = pad(weights, (0, 0, 0, inputs - weights.shape[0]))
        return pack(whole, self.plan.machine)[:, None]


def _sizes(layer: Layer, numbers: int) -> Sizes:
    rank, states, _ = layer.forwards.sizes
    return Sizes(
        width=layer.norm.weight.shape[0],
        channels=layer.forwards.D.shape[0],
        states=states,
        taps=layer.forwards.conv_weight.shape[1],
        rank=rank,
        epsilon=cast("float", layer.norm.eps),
        numbers=numbers,
    )
