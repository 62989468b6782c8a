"""Evaluation of a stack in chunks of rows: the numbers of `Stack.forward` in a small part of the memory.

In every layer one reader starts at each end of the window. They meet in the middle; then each goes on
through the half that the other has read, and adds both readings to the residual:

    forwards    1 > > > > | 2 + + + +
    backwards   + + + + 2 | < < < < 1

So one buffer of readings is enough, and the two can run on two cores. Chunks are the same on one core and
on two, and so is the result, to the last bit. For inference only: it writes in place.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar, cast

import torch
from jaxtyping import Float
from torch import Tensor

from seq2exp_tracks.model.caduceus import Layer, Stack
from seq2exp_tracks.model.mamba import Carry
from seq2exp_tracks.model.scan import runs_fast

Result = TypeVar("Result")

CHUNK = 512
"""Rows that are evaluated together: few enough to stay in a core's cache."""

_HELPER: ContextVar[Executor | None] = ContextVar("helper", default=None)
"""The second thread of the `cores` that we are inside of."""


def read(stack: Stack, x: Float[Tensor, "batch length d_model"]) -> Float[Tensor, "batch length d_model"]:
    """Reads windows: as below where no gradient is needed and all is on the CPU, else by definition."""
    if not runs_fast(x, *stack.parameters()):
        return cast("Tensor", stack(x))
    with cores() as helper:
        return evaluate(stack, x, helper)


def evaluate(
    stack: Stack, x: Float[Tensor, "batch length d_model"], helper: Executor | None, chunk: int = CHUNK
) -> Float[Tensor, "batch length d_model"]:
    """Reads windows one by one, so that no number of one depends on the windows beside it.

    Args:
        stack: The stack.
        x: Its input.
        helper: A second thread; None to use one core.
        chunk: Rows that are evaluated together.
    """
    residuals = x.clone()
    chunks = [slice(start, start + chunk) for start in range(0, x.shape[1], chunk)]
    for index in range(len(residuals)):
        residual = residuals[index : index + 1]
        for layer in stack.layers:
            _add_reading(cast("Layer", layer), residual, chunks, helper)
        for rows in chunks:
            residual[:, rows] = stack.norm(residual[:, rows])
    return residuals


@contextmanager
def cores() -> Iterator[Executor | None]:
    """Makes room for the two readers: a second thread, or None where torch is told to use one core.

    Inside, torch's own threads rest: in operations as small as a chunk they wait for each other more than
    they work, and how they share a matrix product can change its last bit. More cores than two are for
    more windows.
    """
    if (threads := torch.get_num_threads()) == 1:
        yield _HELPER.get()
        return
    torch.set_num_threads(1)
    with ThreadPoolExecutor(1, initializer=torch.set_num_threads, initargs=(1,)) as helper:
        token = _HELPER.set(helper)
        try:
            yield helper
        finally:
            _HELPER.reset(token)
            torch.set_num_threads(threads)


def _add_reading(layer: Layer, residual: Tensor, chunks: list[slice], helper: Executor | None) -> None:
    """Adds what a layer's readers say to the residual."""
    if layer.backwards is None:
        carry = None
        for rows in chunks:
            v = layer.norm(residual[:, rows])
            y, carry = layer.read_forwards(v, carry)
            residual[:, rows] += layer.join(v, y, None)
        return
    readings = residual.new_empty(*residual.shape[:2], layer.backwards.D.shape[0])
    middle = len(chunks) // 2
    left, right = chunks[:middle], chunks[middle:]
    from_left, from_right = _both(
        helper,
        lambda: _start(layer.read_forwards, layer, residual, left, readings),
        lambda: _start(layer.read_backwards, layer, residual, right[::-1], readings),
    )
    _both(
        helper,
        lambda: _finish_forwards(layer, residual, right, readings, from_left),
        lambda: _finish_backwards(layer, residual, left[::-1], readings, from_right),
    )


def _start(
    read: Callable[[Tensor, Carry | None], tuple[Tensor, Carry]],
    layer: Layer,
    residual: Tensor,
    chunks: list[slice],
    readings: Tensor,
) -> Carry | None:
    carry = None
    for rows in chunks:
        readings[:, rows], carry = read(layer.norm(residual[:, rows]), carry)
    return carry


def _finish_forwards(
    layer: Layer, residual: Tensor, chunks: list[slice], readings: Tensor, carry: Carry | None
) -> None:
    for rows in chunks:
        v = layer.norm(residual[:, rows])
        y, carry = layer.read_forwards(v, carry)
        residual[:, rows] += layer.join(v, y, readings[:, rows])


def _finish_backwards(
    layer: Layer, residual: Tensor, chunks: list[slice], readings: Tensor, carry: Carry | None
) -> None:
    for rows in chunks:
        v = layer.norm(residual[:, rows])
        y, carry = layer.read_backwards(v, carry)
        residual[:, rows] += layer.join(v, readings[:, rows], y)


def _both(
    helper: Executor | None, first: Callable[[], Result], second: Callable[[], Result]
) -> tuple[Result, Result]:
    """Runs two functions, side by side where there is a helper."""
    if helper is None:
        return first(), second()
    inference = torch.is_inference_mode_enabled()  # torch's modes belong to a thread

    def in_same_mode() -> Result:
        with torch.inference_mode(inference), torch.no_grad():
            return second()

    pending = helper.submit(in_same_mode)
    return first(), pending.result()
