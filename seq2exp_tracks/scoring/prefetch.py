"""Windows on their way to a device: a thread reads them while others are computed.

What it reads lies in buffers that are used in turn, in memory that a GPU fetches from by itself (pinned). It
is copied beside what the GPU computes. The thread asks nothing of the GPU after the first batch: while
kernels are recorded for a CUDA graph, no other thread may. Was never run on a GPU.
"""

import queue
import threading
from collections.abc import Callable, Sequence
from typing import NamedTuple, Self

import torch

from seq2exp_tracks.inputs import WindowInputs
from seq2exp_tracks.scoring.devices import set_up
from seq2exp_tracks.scoring.engine import WindowTensors, as_tensors

Read = Callable[[], Sequence[WindowInputs]]
"""Reads some windows."""

# One batch is computed, one waits for that behind it, one is read.
_BUFFERS = 3


class Batch(NamedTuple):
    """Windows that were read.

    Attributes:
        inputs: The windows.
        tensors: The same, a row each, until the batch is given back.
        buffer: Where these lie.
    """

    inputs: Sequence[WindowInputs]
    tensors: WindowTensors
    buffer: "_Buffer"


class Prefetch:
    """Reads batches of windows in a thread of its own; a context manager that ends it.

    Args:
        device: Where the windows will go.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._asked: queue.SimpleQueue[Read | None] = queue.SimpleQueue()
        self._ready: queue.SimpleQueue[Batch | BaseException] = queue.SimpleQueue()
        self._free: queue.SimpleQueue[_Buffer] = queue.SimpleQueue()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work, name="prefetch", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stopped.set()
        self._asked.put(None)
        self._free.put(_Buffer(pinned=False))  # the thread may wait for one
        self._thread.join()

    def feed(self, read: Read) -> None:
        """Asks for a batch; it is read when those before it were, and a buffer is free."""
        self._asked.put(read)

    def take(self) -> Batch:
        """Waits for the next batch that was asked for, and raises what its reading raised."""
        batch = self._ready.get()
        if isinstance(batch, BaseException):
            raise batch
        return batch

    def give_back(self, batch: Batch) -> None:
        """Says that the tensors of a batch are needed no more."""
        self._free.put(batch.buffer)

    def _work(self) -> None:
        try:
            set_up(self._device)
            first = True
            while (read := self._asked.get()) is not None and not self._stopped.is_set():
                inputs = read()
                if first:
                    self._make_buffers(inputs)
                    first = False
                buffer = self._free.get()
                if self._stopped.is_set():
                    return
                self._ready.put(Batch(inputs, buffer.fill(inputs), buffer))
        except BaseException as error:  # raised by whoever waits
            self._ready.put(error)

    def _make_buffers(self, inputs: Sequence[WindowInputs]) -> None:
        for _ in range(_BUFFERS):
            buffer = _Buffer(pinned=self._device.type == "cuda")
            buffer.fill(inputs)
            self._free.put(buffer)


class Upload:
    """Copies windows from the host to a device, on a GPU while it computes others.

    Args:
        device: Where to.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._stream: torch.cuda.Stream | None = None
        if device.type == "cuda":
            self._stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call] # as torch declares it

    def __call__(self, host: WindowTensors) -> WindowTensors:
        """Begins to copy; the GPU waits for it by itself, and the host's memory has to stay meanwhile."""
        if self._stream is None:
            return WindowTensors(*(each.to(self._device, copy=True) for each in host))
        with torch.cuda.stream(self._stream):
            tensors = WindowTensors(*(each.to(self._device, non_blocking=True) for each in host))
        computing = torch.cuda.current_stream(self._device)
        computing.wait_stream(self._stream)
        for tensor in tensors:
            tensor.record_stream(computing)  # its memory is not used anew before that is done with it
        return tensors


class _Buffer:
    """Host memory for a batch; it has room for the first one, and grows where a larger one comes.

    Args:
        pinned: Whether a GPU is to fetch from it.
    """

    def __init__(self, pinned: bool) -> None:
        self._pinned = pinned
        self._tensors: WindowTensors | None = None

    def fill(self, windows: Sequence[WindowInputs]) -> WindowTensors:
        """Copies windows of one length into it."""
        hosts = [as_tensors(window) for window in windows]
        if self._tensors is None or len(self._tensors.bases) < len(hosts):
            self._tensors = WindowTensors(*(self._room(each, len(hosts)) for each in hosts[0]))
        filled = rows_of(self._tensors, 0, len(hosts))
        for row, host in enumerate(hosts):
            for place, values in zip(filled, host, strict=True):
                place[row].copy_(values[0])
        return filled

    def _room(self, like: torch.Tensor, windows: int) -> torch.Tensor:
        return torch.empty((windows, *like.shape[1:]), dtype=like.dtype, pin_memory=self._pinned)


def rows_of(tensors: WindowTensors, start: int, end: int) -> WindowTensors:
    """Some windows of a batch, in the same memory."""
    return WindowTensors(*(each[start:end] for each in tensors))
