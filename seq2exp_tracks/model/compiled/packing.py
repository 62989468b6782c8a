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
        self.plan = plan = Plan(sizes_of(layers[0], 0 if embedding is None else embedding.shape[1]), machine)
        self.shared = [packed_layer(layer, plan) for layer in layers]
        if embedding is not None:
            self.shared[0] = self._first_layer(layers[0], embedding)
        self.readers = [
            (
                packed_reader(layer.forwards, self.plan),
                packed_reader(cast("Mamba", layer.backwards), self.plan),
            )
            for layer in layers
        ]

    def _first_layer(self, layer: Layer, embedding: Tensor) -> Tensor:
        """The same of a layer that sees numbers: what makes rows of them is part of its projections."""
        projections, gain = layer.projections, layer.norm.weight[:, None]
        numbers, machine = embedding.shape[1], self.plan.machine
        return self.plan.first.joined(
            {
                "rows": packed(embedding.T, numbers, machine),
                "input": packed(
                    embedding.T @ (gain * projections.input.weight.T), numbers, self.plan.machine
                ),
                "gate": packed(embedding.T @ (gain * projections.gate.weight.T), numbers, machine),
                "output": packed(projections.output.weight.T, self.plan.channels, machine),
            }
        )


def packed_layer(layer: Layer, plan: Plan) -> Tensor:
    """Shared projections of a layer; the norm's weights multiply those of what it feeds."""
    projections, gain = layer.projections, layer.norm.weight[:, None]
    return plan.layer.joined(
        {
            "input": packed(gain * projections.input.weight.T, plan.width, plan.machine),
            "gate": packed(gain * projections.gate.weight.T, plan.width, plan.machine),
            "output": packed(projections.output.weight.T, plan.channels, plan.machine),
        }
    )


def packed_reader(mamba: Mamba, plan: Plan) -> Tensor:
    """Weights of one direction of a layer."""
    return plan.reader.joined(
        {
            "taps": mamba.conv_weight.T,
            "taps_bias": mamba.conv_bias[None],
            "project": packed(mamba.x_proj.weight.T, plan.channels, plan.machine),
            "steps": packed(mamba.dt_proj.weight.T, plan.sizes.rank, plan.machine),
            "steps_bias": mamba.dt_proj.bias[None],
            "rates": -mamba.A_log.exp().T / math.log(2),
            "skip": mamba.D[None],
        }
    )


def packed(weights: Tensor, inputs: int, machine: Machine) -> Tensor:
    """Packed weights as one column; inputs that only padding has are 0."""
    whole = pad(weights, (0, 0, 0, inputs - weights.shape[0]))
    return pack(whole, machine)[:, None]


def sizes_of(layer: Layer, numbers: int = 0) -> Sizes:
    """Sizes of a layer whose rows are made from so many numbers, or given as they are."""
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
