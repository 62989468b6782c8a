"""A stack of layers over many windows at once on a GPU: the numbers of `caduceus.Stack.forward`.

Hands the kernels their memory and says which runs when. Between kernels only the residual, the readers'
inputs x, what makes their steps and couplings, and what each says, y, live in memory.

Tested in Triton's interpreter and compiled for GPUs; never run on one.
"""

from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import torch
from jaxtyping import Float32
from torch import Tensor

from seq2exp_tracks.model.caduceus import Stack
from seq2exp_tracks.model.gpu import tuning
from seq2exp_tracks.model.gpu.graph import Recordings
from seq2exp_tracks.model.gpu.limits import limits
from seq2exp_tracks.model.gpu.packing import TYPES, PackedLayer, Sizes, packed_layers, packed_norm
from seq2exp_tracks.model.gpu.rows import couple, project, turn
from seq2exp_tracks.model.gpu.sweep import sweep


class _Memory(NamedTuple):
    """What lies between the kernels; each direction has couplings and a y of its own."""

    rows: Tensor
    x: Tensor
    couplings: Tensor
    y: Tensor

    @property
    def addresses(self) -> tuple[int, ...]:
        return tuple(tensor.data_ptr() for tensor in self)


class GpuStack:
    """A stack that reads windows by the GPU's kernels, in the stack's precision.

    Args:
        stack: A stack whose layers read in both directions, with shared projections, and add. Its weights
            are copied.
    """

    def __init__(self, stack: Stack) -> None:
        self.sizes = Sizes.of(stack)
        self.precision = stack.precision
        self._layers = packed_layers(stack, self.sizes)
        self._norm = packed_norm(stack, self.sizes)
        self._recordings = Recordings()
        self._limits = torch.empty(0, dtype=torch.int32)

    def read(
        self,
        rows: Float32[Tensor, "windows longest d_model"],
        lengths: Sequence[int],
        wanted: Sequence[range],
    ) -> None:
        """Reads windows, each as if alone, to the last bit.

        Args:
            rows: The rows of the windows, overwritten: where they were wanted there is then the stack's
                output, elsewhere anything.
            lengths: Rows of each window; what lies behind them does not matter.
            wanted: The rows that are asked for of each. The last layer does no more than they need.

        Raises:
            ValueError: If the rows do not lie one behind the other in memory.
        """
        if not rows.is_contiguous():
            raise ValueError("the rows of windows have to be contiguous")
        if rows.numel() == 0:
            return
        self._limit(limits(lengths, wanted), rows.device)
        memory = self._memory(rows)
        key = (rows.shape, memory.addresses, self._limits.data_ptr())
        self._recordings.run(key, lambda: self._launch(memory), rows.device)

    def _limit(self, found: Tensor, device: torch.device) -> None:
        """Puts limits where those of as many windows were: recorded launches look for them there."""
        if self._limits.shape != found.shape or self._limits.device != device:
            self._limits = torch.empty_like(found, device=device)
        self._limits.copy_(found)

    def _memory(self, rows: Tensor) -> _Memory:
        """Memory for windows; torch keeps what is given back, so that as many windows get the same again."""
        windows, longest, _ = rows.shape
        sizes, kind = self.sizes, TYPES[self.precision]
        return _Memory(
            rows,
            rows.new_empty(windows, longest, sizes.channels, dtype=kind),
            rows.new_empty(2, windows, longest, sizes.couplings),
            rows.new_empty(2, windows, longest, sizes.channels, dtype=kind),
        )

    def _launch(self, memory: _Memory) -> None:
        """Launches all kernels in order."""
        whole, asked = self._limits
        self._project(self._layers[0].input, memory, whole)
        for layer, following in zip(self._layers, self._layers[1:], strict=False):
            self._read(layer, memory, whole)
            self._turn(layer, following.input, memory, whole, last=False)
        self._read(self._layers[-1], memory, asked)
        self._turn(self._layers[-1], self._norm, memory, asked, last=True)

    def _project(self, weights: Tensor, memory: _Memory, limits: Tensor) -> None:
        windows, longest, _ = memory.rows.shape
        tiles = tuning.TILES[self.precision].project
        arguments = (memory.rows, weights, memory.x, limits, longest, windows)
        project[_count(longest, tiles), windows](*arguments, **self._row_constants(tiles))

    def _read(self, layer: PackedLayer, memory: _Memory, limits: Tensor) -> None:
        """Both readers, each over all rows that it needs."""
        windows, longest, _ = memory.rows.shape
        sizes, tiles = self.sizes, tuning.TILES[self.precision].couple
        conv = (layer.taps, layer.taps_bias)
        couple[_count(longest, tiles), windows, 2](
            *(memory.x, *conv, layer.couple, memory.couplings, limits, longest, windows),
            CHANNELS=sizes.channels,
            TAPS=sizes.taps,
            NUMBERS=sizes.couplings,
            COLUMNS=sizes.columns,
            ROWS=tiles.rows,
            DEPTH=min(tiles.depth, sizes.channels),
            PRODUCTS=tuning.PRODUCTS,
            num_warps=tiles.warps,
            num_stages=tiles.stages,
        )
        block = min(tuning.BLOCK, sizes.channels)
        scan = (layer.steps, layer.steps_bias, layer.rates, layer.skip)
        pairs = memory.couplings.view(torch.int64)
        sweep[sizes.channels // block, windows, 2](
            *(memory.x, pairs, *conv, *scan, memory.y, limits, longest, windows),
            CHANNELS=sizes.channels,
            TAPS=sizes.taps,
            RANK=sizes.rank,
            STATES=sizes.states,
            BLOCK=block,
            num_warps=tuning.SWEEP_WARPS,
        )

    def _turn(
        self, layer: PackedLayer, following: Tensor, memory: _Memory, limits: Tensor, last: bool
    ) -> None:
        windows, longest, _ = memory.rows.shape
        tiles = tuning.TILES[self.precision].turn
        turn[_count(longest, tiles), windows](
            *(memory.rows, memory.y, layer.gate, layer.output, following, memory.x, limits, longest, windows),
            LAST=last,
            **self._row_constants(tiles),
        )

    def _row_constants(self, tiles: tuning.Tiles) -> dict[str, Any]:
        """What the kernels of the network's rows are compiled for."""
        sizes = self.sizes
        return {
            "epsilon": sizes.epsilon,
            "WIDTH": sizes.width,
            "PADDED": sizes.padded,
            "CHANNELS": sizes.channels,
            "ROWS": tiles.rows,
            "PANEL": min(tiles.panel, sizes.channels),
            "DEPTH": min(tiles.depth, sizes.padded),
            "PRODUCTS": tuning.PRODUCTS,
            "num_warps": tiles.warps,
            "num_stages": tiles.stages,
        }


def _count(rows: int, tiles: tuning.Tiles) -> int:
    """Tiles for so many rows."""
    return -(-rows // tiles.rows)


_packed: WeakKeyDictionary[Stack, tuple[Hashable, GpuStack]] = WeakKeyDictionary()


def gpu_stack(stack: Stack) -> GpuStack:
    """The kernels of a stack, whose weights are packed anew only after they have changed."""
    state = _state(stack)
    known = _packed.get(stack)
    if state is None or known is None or known[0] != state:
        known = _packed[stack] = (state, GpuStack(stack))
    return known[1]


def _state(stack: Stack) -> Hashable:
    """What changes whenever weights do; None where torch does not count their changes."""
    weights = list(stack.parameters())
    if any(weight.is_inference() for weight in weights):
        return None
    return stack.precision, tuple((w.device, w.data_ptr(), w._version) for w in weights)
