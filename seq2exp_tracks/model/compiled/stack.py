"""A stack of layers over one window by the compiled kernels: the numbers of `caduceus.Stack.forward`.

The only module here that knows tensors and layers: it hands the kernels their memory and says which sweep
does what.
"""

import math
import threading
from functools import cache
from typing import cast

import torch
from jaxtyping import Float32
from llvmlite import ir
from torch import Tensor

from seq2exp_tracks.model.caduceus import Layer, Stack
from seq2exp_tracks.model.compiled.layout import Plan, Sizes
from seq2exp_tracks.model.compiled.machine import Kernel, Machine, Program
from seq2exp_tracks.model.compiled.products import pack
from seq2exp_tracks.model.compiled.sweep import ADD, BEGIN, PROJECT, READ, sweeps
from seq2exp_tracks.model.mamba import Mamba

FORWARDS, BACKWARDS = 0, 1
_NOTHING = 0


class PackedStack:
    """The weights of a stack as the kernels read them.

    Args:
        stack: A stack whose layers read in both directions, with shared projections, and add.
        machine: What to compile for.
    """

    def __init__(self, stack: Stack, machine: Machine) -> None:
        layers = [cast("Layer", layer) for layer in stack.layers]
        self._plan = Plan(_sizes(layers[0]), machine)
        self._sweeps = _compiled(self._plan.sizes, machine)
        self._norm = stack.norm
        self._layers = [_pack_layer(layer, self._plan) for layer in layers]
        self._readers = [
            tuple(
                _pack_reader(cast("Mamba", mamba), self._plan) for mamba in (layer.forwards, layer.backwards)
            )
            for layer in layers
        ]

    def read(
        self, x: Float32[Tensor, "length d_model"], wanted: range | None = None
    ) -> Float32[Tensor, "rows d_model"]:
        """Reads a window, which is overwritten.

        Args:
            x: The rows of the window.
            wanted: The rows that are asked for; all if None. The last layer does no more than they need.

        Returns:
            The wanted rows.
        """
        length, width = x.shape
        wanted = range(length) if wanted is None else wanted
        residual = x if width == self._plan.width and x.is_contiguous() else _widened(x, self._plan.width)
        inside, said = _workspace(length, self._plan.channels)
        memory = torch.zeros(self._plan.scratch.size)
        nothing = (memory, memory, memory)
        ending = nothing
        last = len(self._layers) - 1
        for index in range(len(self._layers) + 1):
            direction = (FORWARDS, BACKWARDS)[index % 2]
            sweep = self._sweeps[direction]
            beginning = self._parts(index, direction) if index <= last else nothing
            ending = self._parts(index - 1, direction) if index > 0 else nothing
            for rows, end, begin in _ranges(index, last, length, wanted, direction):
                sweep(residual, inside, said, *ending, *beginning, memory, rows.start, rows.stop, end, begin)
        for first in range(wanted.start, wanted.stop, 4096):
            piece = residual[first : min(first + 4096, wanted.stop), :width]
            piece.copy_(self._norm(piece))
        return residual[wanted.start : wanted.stop, :width]

    def _parts(self, layer: int, direction: int) -> tuple[Tensor, Tensor, Tensor]:
        """Weights of a layer and of its reader in one direction, and an empty carry."""
        return self._layers[layer], self._readers[layer][direction], torch.zeros(self._plan.carry.size)


def _ranges(
    index: int, last: int, length: int, wanted: range, direction: int
) -> list[tuple[range, int, int]]:
    """What a sweep does: ranges of rows in reading order, what to end and what to begin there.

    A reader of the last layer needs the rows before the wanted ones for its state and nothing behind them:
    the first reader stops there, the second one starts to be heard.
    """
    end = ADD if index > 0 else _NOTHING
    before, after = range(wanted.start), range(wanted.stop, length)
    if direction == BACKWARDS:
        before, after = after, before
    if index < last:
        return [(range(length), end, BEGIN)]
    if index > last:
        return [(before, READ, _NOTHING), (wanted, ADD, _NOTHING)]
    to_wanted = range(wanted.stop) if direction == FORWARDS else range(wanted.start, length)
    return [(to_wanted, end, BEGIN), (after, end, PROJECT)]


@cache
def _compiled(sizes: Sizes, machine: Machine) -> tuple[Kernel, Kernel]:
    module, plan = ir.Module("stack"), Plan(sizes, machine)
    functions = sweeps(module, plan)
    program = Program(module, machine)
    forwards, backwards = (program.kernel(function) for function in functions)
    return forwards, backwards


_local = threading.local()


def _workspace(length: int, channels: int) -> tuple[Tensor, Tensor]:
    """Memory for x and y of a window, kept by each thread: fresh pages cost time."""
    size = length * channels
    if getattr(_local, "memory", None) is None or _local.memory.shape[1] < size:
        _local.memory = torch.empty(2, size)
    return _local.memory[0], _local.memory[1]


def _widened(x: Tensor, width: int) -> Tensor:
    wide = x.new_zeros(x.shape[0], width)
    wide[:, : x.shape[1]] = x
    return wide


def _sizes(layer: Layer) -> Sizes:
    rank, states, _ = layer.forwards.sizes
    return Sizes(
        width=layer.norm.weight.shape[0],
        channels=layer.forwards.D.shape[0],
        states=states,
        taps=layer.forwards.conv_weight.shape[1],
        rank=rank,
        epsilon=cast("float", layer.norm.eps),
    )


def _pack_layer(layer: Layer, plan: Plan) -> Tensor:
    """Shared projections; the norm's weights multiply those of what it feeds."""
    projections, gain = layer.projections, layer.norm.weight[:, None]
    return plan.layer.joined(
        {
            "input": _packed(gain * projections.input.weight.T, plan, plan.width),
            "gate": _packed(gain * projections.gate.weight.T, plan, plan.width),
            "output": _packed(projections.output.weight.T, plan, plan.channels),
        }
    )


def _pack_reader(mamba: Mamba, plan: Plan) -> Tensor:
    return plan.reader.joined(
        {
            "taps": mamba.conv_weight.T,
            "taps_bias": mamba.conv_bias[None],
            "project": _packed(mamba.x_proj.weight.T, plan, plan.channels),
            "steps": _packed(mamba.dt_proj.weight.T, plan, plan.sizes.rank),
            "steps_bias": mamba.dt_proj.bias[None],
            "rates": -mamba.A_log.exp().T / math.log(2),
            "skip": mamba.D[None],
        }
    )


def _packed(weights: Tensor, plan: Plan, inputs: int) -> Tensor:
    """Packed weights as one column; inputs that only padding has are 0."""
    missing = inputs - weights.shape[0]
    return pack(torch.nn.functional.pad(weights, (0, 0, 0, missing)), plan.machine)[:, None]
