"""What the kernels of a stack find where in memory: their sizes, and matrices that lie behind each other."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from seq2exp_tracks.model.compiled.language import Matrix
from seq2exp_tracks.model.compiled.machine import Machine
from seq2exp_tracks.model.compiled.products import packed_size, padded

CHUNK = 96
"""Rows that go through a layer together: what they need stays in a core's second cache."""


class Layout:
    """Matrices of float32 that lie one behind the other.

    Args:
        shapes: Rows and row length of each by name.
    """

    def __init__(self, shapes: Mapping[str, tuple[int, int]]) -> None:
        self.shapes = dict(shapes)
        self.size = sum(rows * width for rows, width in self.shapes.values())

    def split(self, memory: Matrix) -> dict[str, Matrix]:
        """The matrices in a kernel's memory."""
        parts, first = {}, 0
        for name, (rows, width) in self.shapes.items():
            parts[name] = memory.part(first, width)
            first += rows * width
        return parts

    def views(self, memory: Tensor) -> dict[str, Tensor]:
        """The matrices in a tensor."""
        parts = torch.split(memory, [rows * width for rows, width in self.shapes.values()])
        return {name: x.view(shape) for (name, shape), x in zip(self.shapes.items(), parts, strict=True)}

    def joined(self, tensors: Mapping[str, Tensor]) -> Tensor:
        """Memory that holds these matrices; rows and columns that they lack are 0."""
        memory = torch.zeros(self.size)
        for name, place in self.views(memory).items():
            tensor = tensors[name]
            place[: tensor.shape[0], : tensor.shape[1]] = tensor
        return memory


@dataclass(frozen=True, slots=True)
class Sizes:
    """Sizes of a stack: with the machine, all that its kernels are compiled for.

    Attributes:
        width: Channels of the network (d_model).
        channels: Channels inside a block (d_inner).
        states: States a channel.
        taps: Width of the convolution.
        rank: Rank of the step size's projection.
        epsilon: Added to the mean square in RMSNorm.
        numbers: Numbers that each row is made from by one product; 0 where rows are given as they are.
    """

    width: int
    channels: int
    states: int
    taps: int
    rank: int
    epsilon: float
    numbers: int = 0

    @property
    def projected(self) -> int:
        """Numbers that a row's input of the scan is projected to: step, B and C."""
        return self.rank + 2 * self.states


class Plan:
    """Where the kernels find things.

    Rows in memory are as long as whole panels of products; what lies behind the real channels is 0 and
    stays 0, through all layers.

    Args:
        sizes: Sizes of the stack.
        machine: The machine.

    Attributes:
        width: Length of a row of the network in memory.
        channels: Length of a row inside a block in memory.
        reader: Weights of one direction of a layer.
        carry: What one direction hands from chunk to chunk.
        layer: Weights that the directions share.
        first: The same of a first layer that reads the numbers which its rows are made from: its projections
            are then products of a few numbers, not of a whole row.
        scratch: What lies between the steps of a chunk.
    """

    def __init__(self, sizes: Sizes, machine: Machine) -> None:
        self.sizes, self.machine = sizes, machine
        self.width, self.channels = (padded(machine, n) for n in (sizes.width, sizes.channels))
        self.projected = padded(machine, sizes.projected)
        self.reader = Layout(
            {
                "taps": (sizes.taps, self.channels),
                "taps_bias": (1, self.channels),
                "project": (packed_size(machine, self.channels, sizes.projected), 1),
                "steps": (packed_size(machine, sizes.rank, self.channels), 1),
                "steps_bias": (1, self.channels),
                "rates": (sizes.states, self.channels),
                "skip": (1, self.channels),
            }
        )
        self.carry = Layout(
            {"inputs": (sizes.taps - 1, self.channels), "state": (sizes.states, self.channels)}
        )
        self.layer = Layout(self._shared(self.width))
        embedding = {"rows": (packed_size(machine, sizes.numbers, self.width), 1)}
        self.first = Layout(self._shared(sizes.numbers) | embedding)
        self.scratch = Layout(
            {
                "scales": (CHUNK, 1),
                "u": (CHUNK, self.channels),
                "projected": (CHUNK, self.projected),
                "steps": (CHUNK, self.channels),
                "y": (CHUNK, self.channels),
            }
        )

    def _shared(self, inputs: int) -> dict[str, tuple[int, int]]:
        """Projections of a layer whose rows are seen as so many numbers."""
        return {
            "input": (packed_size(self.machine, inputs, self.channels), 1),
            "gate": (packed_size(self.machine, inputs, self.channels), 1),
            "output": (packed_size(self.machine, self.channels, self.width), 1),
        }
