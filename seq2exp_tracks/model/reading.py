"""How a stack reads windows: the one door to its definition and to the compiled kernels.

Kernels run where no gradient is needed and all is float32 on the CPU, for stacks as they are published; the
definition runs everywhere. A window is read by one thread, so that no number depends on how many there are.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import NamedTuple, TypeVar, cast

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import linear

from seq2exp_tracks.model.caduceus import Layer, Stack
from seq2exp_tracks.model.compiled.machine import Machine, chosen_machine
from seq2exp_tracks.model.compiled.stack import CompiledStack
from seq2exp_tracks.model.config import Directions

Result = TypeVar("Result")


class Embedded(NamedTuple):
    """Rows that are made from a few numbers each, which is cheaper to read than the rows.

    Attributes:
        numbers: What is known of each base.
        weights: What they are multiplied by.
    """

    numbers: Float[Tensor, "batch length numbers"]
    weights: Float[Tensor, "d_model numbers"]

    def rows(self) -> Float[Tensor, "batch length d_model"]:
        """The rows."""
        return linear(self.numbers, self.weights)


def read(
    stack: Stack, x: Embedded | Float[Tensor, "batch length d_model"], wanted: range | None = None
) -> Float[Tensor, "batch rows d_model"]:
    """Reads windows.

    Args:
        stack: The stack.
        x: Its input.
        wanted: The rows that are asked for; all if None.

    Returns:
        The wanted rows of the output.
    """
    given, embedding = x if isinstance(x, Embedded) else (x, None)
    machine = machine_of(stack) if in_inference(given, *stack.parameters()) else None
    if machine is None:
        hidden: Tensor = stack(x.rows() if isinstance(x, Embedded) else x)
        return hidden if wanted is None else hidden[:, wanted.start : wanted.stop]
    compiled = CompiledStack(stack, machine, embedding)
    if len(given) == 1:  # the usual case, without a copy
        return compiled.read(given[0], wanted)[None]
    return torch.stack([compiled.read(window, wanted) for window in given])


def in_inference(*tensors: Tensor) -> bool:
    """Tells whether tensors are float32 on the CPU and nobody asks for their gradients."""
    if torch.is_grad_enabled() and any(tensor.requires_grad for tensor in tensors):
        return False
    return all(tensor.device.type == "cpu" and tensor.dtype == torch.float32 for tensor in tensors)


def one_by_one(work: Callable[[int], Result], count: int) -> list[Result]:
    """Does a piece of work for each of `count` windows, one thread a window, in as many threads as torch has.

    Inside, torch's own threads rest: how they share a product can change its last bit.
    """
    threads = min(torch.get_num_threads(), count)
    with one_thread():
        if threads == 1:
            return [work(index) for index in range(count)]
        inference = torch.is_inference_mode_enabled()  # torch's modes belong to a thread

        def in_same_mode(index: int) -> Result:
            with torch.inference_mode(inference), torch.no_grad():
                return work(index)

        with ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            return list(pool.map(in_same_mode, range(count)))


@contextmanager
def one_thread() -> Iterator[None]:
    """Keeps torch to one thread meanwhile: with more, a sum's order depends on how many there are."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def machine_of(stack: Stack) -> Machine | None:
    """What kernels for a stack are compiled for; None where there are none.

    There are kernels for layers that read in both directions, share their projections, and add.

    Raises:
        TracksError: If the environment asks for a machine that cannot be had.
    """
    layers = [cast("Layer", layer) for layer in stack.layers]
    published = all(
        layer.directions is Directions.ADD and layer.backward_projections is None for layer in layers
    )
    return chosen_machine() if published else None
