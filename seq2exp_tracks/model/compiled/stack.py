"""A stack of layers over one window by the compiled kernels: the numbers of `caduceus.Stack.forward`.

Hands the kernels their memory and says which sweep does what, on which rows.
"""

import threading
from functools import cache

import torch
from jaxtyping import Float32
from llvmlite import ir
from torch import Tensor

from seq2exp_tracks.model.caduceus import Stack
from seq2exp_tracks.model.compiled.layout import Plan, Sizes
from seq2exp_tracks.model.compiled.machine import Kernel, Machine, Program
from seq2exp_tracks.model.compiled.packing import PackedStack
from seq2exp_tracks.model.compiled.sweep import ADD, BEGIN, PROJECT, READ, sweeps

_BACKWARDS = 1  # sweeps change direction; the first one goes forwards
_NOTHING = 0

# Rows that are normalised together at the end.
_PIECE = 4096


class CompiledStack:
    """A stack that reads windows by kernels.

    Args:
        stack: A stack whose layers read in both directions, with shared projections, and add.
        machine: What to compile for.
        embedding: Given where rows are made from a few numbers each, as their product with it: the kernels
            then read the numbers.
    """

    def __init__(
        self, stack: Stack, machine: Machine, embedding: Float32[Tensor, "d_model numbers"] | None = None
    ) -> None:
        self._packed = PackedStack(stack, machine, embedding)
        self._sweeps = _compiled(self._packed.plan.sizes, machine)
        self._norm = stack.norm

    def read(
        self, x: Float32[Tensor, "length inputs"], wanted: range | None = None
    ) -> Float32[Tensor, "rows d_model"]:
        """Reads a window.

        Args:
            x: The rows of the window, or the numbers that they are made from.
            wanted: The rows that are asked for; all if None. The last layer does no more than they need.

        Returns:
            The wanted rows of the output.
        """
        plan, length = self._packed.plan, len(x)
        wanted = range(length) if wanted is None else wanted
        memory = workspace(length * (plan.width + 2 * plan.channels))
        residual = memory[: length * plan.width].view(length, plan.width)
        if not plan.sizes.numbers:
            residual[:, plan.sizes.width :] = 0
            residual[:, : plan.sizes.width] = x
        inside, said = memory[length * plan.width :].view(2, -1)
        window = (x.contiguous(), residual, inside, said)
        scratch = torch.zeros(plan.scratch.size)
        nobody = (scratch, scratch, scratch)
        last = len(self._packed.shared) - 1
        for index in range(last + 2):
            direction = index % 2
            ending = self._parts(index - 1, direction) if index > 0 else nobody
            beginning = self._parts(index, direction) if index <= last else nobody
            sweep = self._sweeps[index if index < 2 else 2 + direction]
            for rows, end, begin in _ranges(index, last, length, wanted):
                sweep(*window, *ending, *beginning, scratch, rows.start, rows.stop, end, begin)
        return self._normalised(residual[wanted.start : wanted.stop, : plan.sizes.width])

    def _parts(self, layer: int, direction: int) -> tuple[Tensor, Tensor, Tensor]:
        """Weights of a layer and of its reader in one direction, and an empty carry."""
        carry = torch.zeros(self._packed.plan.carry.size)
        return self._packed.shared[layer], self._packed.readers[layer][direction], carry

    def _normalised(self, rows: Tensor) -> Tensor:
        """The norm at the stack's end, in pieces that stay in the cache."""
        out = torch.empty(rows.shape)
        for first in range(0, len(rows), _PIECE):
            piece = slice(first, first + _PIECE)
            out[piece] = self._norm(rows[piece])
        return out


def _ranges(index: int, last: int, length: int, wanted: range) -> list[tuple[range, int, int]]:
    """What a sweep does: ranges of rows in reading order; what to end and what to begin there.

    A reader of the last layer needs the rows before the wanted ones for its state and nothing behind them:
    the first reader stops after them, the second one is heard from them on.
    """
    end = ADD if index > 0 else _NOTHING
    if index < last:
        return [(range(length), end, BEGIN)]
    before, after = range(wanted.start), range(wanted.stop, length)
    to_wanted = range(wanted.stop)
    if index % 2 == _BACKWARDS:
        before, after, to_wanted = after, before, range(wanted.start, length)
    if index == last:
        return [(to_wanted, end, BEGIN), (after, end, PROJECT)]
    return [(before, READ, _NOTHING), (wanted, ADD, _NOTHING)]


@cache
def _compiled(sizes: Sizes, machine: Machine) -> list[Kernel]:
    module = ir.Module("stack")
    functions = sweeps(module, Plan(sizes, machine))
    program = Program(module, machine)
    return [program.kernel(function) for function in functions]


_local = threading.local()


def workspace(size: int) -> Tensor:
    """Memory for so many numbers, kept by each thread from window to window: fresh pages cost time."""
    if getattr(_local, "memory", None) is None or len(_local.memory) < size:
        _local.memory = None  # given back first
        with torch.inference_mode(False):  # whoever reads next may be outside of it
            _local.memory = torch.empty(size)
    memory: Tensor = _local.memory[:size]
    return memory
