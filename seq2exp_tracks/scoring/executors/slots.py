"""Memory that processes share to hand over results: arrays go into it by one copy, and not through a pipe.

A pipe takes a window's scores in pieces of 64 KiB that two processes pass to each other, and only one process
at a time may write. Knows nothing of what the results are: pickle's protocol 5 tells the arrays from the rest
(PEP 574).
"""

import ctypes
import multiprocessing
import pickle
from typing import Any, NamedTuple

# The start of an array in a slot, so that arrays lie as torch and numpy would have laid them.
_ALIGNMENT = 64


class Parcel(NamedTuple):
    """What is left of a result when its arrays lie in a slot; small, for the pipe."""

    rest: bytes
    lengths: list[int]


class Slots:
    """Places for results in memory that is shared with the processes to which this is given at their start.

    Whoever hands out work says which slot a result goes to, and gives it to nobody else before it has taken
    the result. The memory has no name that could be left behind.

    Args:
        count: Number of slots.
        size: Bytes of the arrays of one result.
    """

    def __init__(self, count: int, size: int) -> None:
        self._size = size + _ALIGNMENT * 16  # for what lies between arrays
        self._memory = multiprocessing.get_context("spawn").RawArray(ctypes.c_ubyte, count * self._size)

    def put(self, slot: int, result: Any) -> Parcel:
        """Lays the arrays of a result into a slot.

        Raises:
            ValueError: If they do not fit.
        """
        arrays: list[pickle.PickleBuffer] = []
        rest = pickle.dumps(result, protocol=5, buffer_callback=arrays.append)
        place, room, lengths = 0, self._room(slot), []
        for array in arrays:
            values = array.raw()
            if place + values.nbytes > len(room):
                raise ValueError(f"a result of more than {len(room):,} bytes in slot {slot}")
            room[place : place + values.nbytes] = values
            lengths.append(values.nbytes)
            place += _aligned(values.nbytes)
        return Parcel(rest, lengths)

    def take(self, slot: int, parcel: Parcel) -> Any:
        """The result that was put into a slot, in memory of its own."""
        place, room, arrays = 0, self._room(slot), []
        for length in parcel.lengths:
            arrays.append(bytearray(room[place : place + length]))
            place += _aligned(length)
        return pickle.loads(parcel.rest, buffers=arrays)

    def _room(self, slot: int) -> memoryview:
        return memoryview(self._memory).cast("B")[slot * self._size : (slot + 1) * self._size]


def _aligned(length: int) -> int:
    return -(-length // _ALIGNMENT) * _ALIGNMENT
