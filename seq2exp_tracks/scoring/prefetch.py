"""Windows on their way to a device: a thread reads them and copies them there while others are computed.

A GPU fetches by itself from pinned host memory only. There are two such buffers: one is filled while the
other is copied. Other devices get a copy that is there when the thread goes on. Was never run on a GPU.
"""

import queue
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import torch

from seq2exp_tracks.inputs import WindowInputs
from seq2exp_tracks.scoring.engine import WindowTensors, as_tensors

# Windows on the device beside the one that is computed.
_AHEAD = 2


class Loaded(NamedTuple):
    """A window on the device.

    Attributes:
        inputs: The window on the host.
        tensors: The same on the device.
        arrived: When a GPU has it; None where it is there.
    """

    inputs: WindowInputs
    tensors: WindowTensors
    arrived: torch.cuda.Event | None


@contextmanager
def prefetched(
    windows: Iterator[WindowInputs], device: torch.device
) -> Iterator[Generator[Loaded, None, None]]:
    """Reads windows and copies them to a device in a thread of its own, a few ahead.

    Args:
        windows: The windows. They are iterated in the thread; an error that this meets is raised where the
            result is iterated, when the windows before it have been taken.
        device: Where they go.

    Yields:
        The windows on the device, in their order. The thread ends when the context is left, at the latest
        when the window is read that is being read.
    """
    ready: queue.SimpleQueue[Loaded | BaseException | None] = queue.SimpleQueue()
    room, stopped = threading.Semaphore(_AHEAD), threading.Event()

    def work() -> None:
        try:
            copier = _Copier(device)
            for inputs in windows:
                room.acquire()
                if stopped.is_set():
                    return
                ready.put(copier.copy(inputs))
            ready.put(None)
        except BaseException as error:  # raised by whoever waits
            ready.put(error)

    def taken() -> Generator[Loaded, None, None]:
        while (loaded := ready.get()) is not None:
            if isinstance(loaded, BaseException):
                raise loaded
            room.release()
            _await(loaded, device)
            yield loaded

    thread = threading.Thread(target=work, name="prefetch", daemon=True)
    thread.start()
    try:
        yield taken()
    finally:
        stopped.set()
        room.release()
        thread.join()


class _Copier:
    """Copies windows to a device through two buffers in turn."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._stream: torch.cuda.Stream | None = None
        if device.type == "cuda":
            self._stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call] # as torch declares it
        self._buffers: list[WindowTensors | None] = [None, None]
        self._copied: list[torch.cuda.Event | None] = [None, None]

    def copy(self, inputs: WindowInputs) -> Loaded:
        """Fills the buffer whose turn it is, and begins to copy it."""
        self._buffers.reverse()
        self._copied.reverse()
        buffer, copied = self._buffers[0], self._copied[0]
        if copied is not None:
            copied.synchronize()  # what was in it is on the GPU
        host = as_tensors(inputs)
        if buffer is None:
            buffer = WindowTensors(
                *(torch.empty_like(each, pin_memory=self._stream is not None) for each in host)
            )
            self._buffers[0] = buffer
        for place, values in zip(buffer, host, strict=True):
            place.copy_(values)
        if self._stream is None:
            return Loaded(inputs, WindowTensors(*(each.to(self._device, copy=True) for each in buffer)), None)
        with torch.cuda.stream(self._stream):
            tensors = WindowTensors(*(each.to(self._device, non_blocking=True) for each in buffer))
            arrived = torch.cuda.Event()  # type: ignore[no-untyped-call] # as torch declares it
            arrived.record(self._stream)
        self._copied[0] = arrived
        return Loaded(inputs, tensors, arrived)


def _await(loaded: Loaded, device: torch.device) -> None:
    """Lets the GPU, not this process, wait for a copy; and keeps its memory until the GPU has used it."""
    if loaded.arrived is None:
        return
    stream = torch.cuda.current_stream(device)
    stream.wait_event(loaded.arrived)
    for tensor in loaded.tensors:
        tensor.record_stream(stream)
