"""Addresses have 64 bits: what kernels touch in the last of 64 windows of 512 kb.

The interpreter writes it down. The memory is not there: kernels get small tensors and are told that they are
large, and loads give zeros.
"""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from triton.runtime.interpreter import InterpreterBuilder, TensorHandle, _get_np_dtype

from seq2exp_tracks.model.gpu.limits import limits
from seq2exp_tracks.model.gpu.rows import couple, project, turn
from seq2exp_tracks.model.gpu.sweep import sweep

WINDOWS, LONGEST = 64, 524_288
WIDTH, CHANNELS, TAPS, RANK, STATES = 128, 256, 4, 2, 1
COUPLINGS = RANK + 2 * STATES
LAST, ROWS = WINDOWS - 1, 3  # only the last window has rows
BYTES = 4

PRODUCTS = {"ROWS": 16, "DEPTH": 128, "PRODUCTS": "ieee", "CHANNELS": CHANNELS}
NETWORK = {**PRODUCTS, "WIDTH": WIDTH, "PADDED": WIDTH, "PANEL": CHANNELS, "epsilon": 1e-5}


class Memory:
    """Memory that is written down and not there, and small tensors that are."""

    def __init__(self) -> None:
        self.there: list[Tensor] = []
        self.touched: set[int] = set()

    def weights(self, *shape: int) -> Tensor:
        """A tensor that can be read."""
        self.there.append(torch.zeros(shape))
        return self.there[-1]

    def limits(self, lengths: list[int], wanted: list[range]) -> Tensor:
        self.there.append(limits(lengths, wanted)[1].clone())
        return self.there[-1]

    def load(
        self, builder: InterpreterBuilder, at: TensorHandle, mask: TensorHandle, *how: object
    ) -> TensorHandle:
        kind = at.get_element_ty()
        loaded = np.zeros(at.data.shape, _get_np_dtype(kind))
        for index, address in np.ndenumerate(at.data):
            if mask.data[index]:
                loaded[index] = self._read(int(address), loaded.dtype)
        return TensorHandle(loaded, kind)

    def store(
        self, builder: InterpreterBuilder, at: TensorHandle, value: object, mask: TensorHandle, *how: object
    ) -> None:
        self.touched |= {int(address) for address in at.data[mask.data]}

    def _read(self, address: int, kind: np.dtype[Any]) -> Any:
        for tensor in self.there:
            offset = address - tensor.data_ptr()
            if 0 <= offset < tensor.nbytes:
                return (
                    tensor.view(torch.uint8).flatten()[offset : offset + kind.itemsize].numpy().view(kind)[0]
                )
        self.touched.add(address)
        return 0


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Memory:
    memory = Memory()
    monkeypatch.setattr(
        InterpreterBuilder, "create_masked_load", lambda builder, *arguments: memory.load(builder, *arguments)
    )
    monkeypatch.setattr(
        InterpreterBuilder,
        "create_masked_store",
        lambda builder, *arguments: memory.store(builder, *arguments),
    )
    return memory


def numbers_of(tensor: Tensor, rows: list[tuple[int, int]], width: int, size: int = BYTES) -> set[int]:
    """The addresses of all numbers of these rows, each given by its window and its place in it."""
    return {
        tensor.data_ptr() + ((window * LONGEST + row) * width + column) * size
        for window, row in rows
        for column in range(width)
    }


def last_rows(first: int = 0, direction: int = 0) -> list[tuple[int, int]]:
    return [(direction * WINDOWS + LAST, first + row) for row in range(ROWS)]


LENGTHS = [0] * LAST + [ROWS]
WANTED = [range(length) for length in LENGTHS]
SIZES = (LONGEST, WINDOWS)


def test_rows_are_projected_in_the_last_window(memory: Memory) -> None:
    rows, x = torch.empty(1), torch.empty(1)
    arguments = (rows, memory.weights(WIDTH, CHANNELS), x, memory.limits(LENGTHS, WANTED), *SIZES)
    project[1, WINDOWS](*arguments, **NETWORK)
    assert memory.touched == numbers_of(rows, last_rows(), WIDTH) | numbers_of(x, last_rows(), CHANNELS)
    assert max(memory.touched) - x.data_ptr() > 2**32


def test_rows_are_coupled_in_the_last_window(memory: Memory) -> None:
    x, couplings = torch.empty(1), torch.empty(1)
    conv = (memory.weights(2, TAPS, CHANNELS), memory.weights(2, CHANNELS))
    weights, where = memory.weights(2, CHANNELS, 16), memory.limits(LENGTHS, WANTED)
    couple[1, WINDOWS, 2](
        *(x, *conv, weights, couplings, where, *SIZES), TAPS=TAPS, NUMBERS=COUPLINGS, COLUMNS=16, **PRODUCTS
    )
    expected = numbers_of(x, last_rows(), CHANNELS)
    for direction in (0, 1):
        expected |= numbers_of(couplings, last_rows(direction=direction), COUPLINGS)
    assert memory.touched == expected


def test_both_readers_sweep_the_last_window_to_its_ends(memory: Memory) -> None:
    x, couplings, y = torch.empty(1), torch.empty(1, dtype=torch.int64), torch.empty(1)
    conv = (memory.weights(2, TAPS, CHANNELS), memory.weights(2, CHANNELS))
    scan = (memory.weights(2, RANK, CHANNELS), memory.weights(2, CHANNELS))
    scan = (*scan, memory.weights(2, STATES, CHANNELS), memory.weights(2, CHANNELS))
    lengths = [0] * LAST + [LONGEST]
    # So that the forward reader takes its first three steps only, and the backward reader its own.
    where = memory.limits(lengths, [range(0)] * LAST + [range(LONGEST - ROWS, ROWS)])
    sweep[1, WINDOWS, 2](
        *(x, couplings, *conv, *scan, y, where, *SIZES),
        CHANNELS=CHANNELS,
        TAPS=TAPS,
        RANK=RANK,
        STATES=STATES,
        BLOCK=CHANNELS,
    )
    expected = set()
    for direction, first in ((0, 0), (1, LONGEST - ROWS)):
        expected |= numbers_of(x, last_rows(first), CHANNELS)
        expected |= numbers_of(couplings, last_rows(first, direction), COUPLINGS // 2, 2 * BYTES)
        expected |= numbers_of(y, last_rows(first, direction), CHANNELS)
    assert memory.touched == expected


def test_a_layer_ends_and_the_next_begins_in_the_last_window(memory: Memory) -> None:
    rows, x, y = torch.empty(1), torch.empty(1), torch.empty(1)
    gate, output = memory.weights(WIDTH, CHANNELS), memory.weights(CHANNELS, WIDTH)
    following, where = memory.weights(WIDTH, CHANNELS), memory.limits(LENGTHS, WANTED)
    turn[1, WINDOWS](*(rows, y, gate, output, following, x, where, *SIZES), LAST=False, **NETWORK)
    expected = numbers_of(rows, last_rows(), WIDTH) | numbers_of(x, last_rows(), CHANNELS)
    for direction in (0, 1):
        expected |= numbers_of(y, last_rows(direction=direction), CHANNELS)
    assert memory.touched == expected
