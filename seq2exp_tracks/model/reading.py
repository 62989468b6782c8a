"""How a stack reads windows: the one door to its definition, to the CPU's kernels and to the GPU's.

Kernels run where all is float32, for stacks as they are published, on a GPU only where no gradient is needed;
the definition runs everywhere. On a CPU a window is read by one thread, so that no number depends on how many
there are; on a GPU many are read at once, and none depends on those beside it.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple, TypeVar, cast

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import linear
from torch.nn.utils.rnn import pad_sequence

from seq2exp_tracks.model.apart import aligned
from seq2exp_tracks.model.caduceus import Layer, Stack
from seq2exp_tracks.model.compiled.machine import Machine, chosen_machine
from seq2exp_tracks.model.compiled.stack import CompiledStack
from seq2exp_tracks.model.compiled.training import read_in_training
from seq2exp_tracks.model.config import Directions
from seq2exp_tracks.model.gpu.door import kernels_for

if TYPE_CHECKING:
    from seq2exp_tracks.model.gpu.stack import GpuStack

Result = TypeVar("Result")


class Embedded(NamedTuple):
    """Rows that are made from a few numbers each, which is cheaper to read than the rows.

    Attributes:
        numbers: What is known of each base.
        weights: What they are multiplied by.
        positions: What is added to the rows of every window.
    """

    numbers: Float[Tensor, "batch length numbers"]
    weights: Float[Tensor, "d_model numbers"]
    positions: Float[Tensor, "length d_model"] | None = None

    def rows(self) -> Float[Tensor, "batch length d_model"]:
        """The rows."""
        rows = linear(self.numbers, self.weights)
        return rows if self.positions is None else rows + self.positions

    def rows_apart(self) -> Float[Tensor, "batch length d_model"]:
        """The rows, made window by window in the memory that they stay in."""
        rows = self.numbers.new_empty(*self.numbers.shape[:2], len(self.weights))
        for window, numbers in zip(rows, self.numbers, strict=True):
            window.copy_(linear(aligned(numbers), self.weights))
            if self.positions is not None:
                window += self.positions
        return rows


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
    if on_gpu(stack, x.numbers if isinstance(x, Embedded) else x):
        rows = x.rows_apart() if isinstance(x, Embedded) else x.clone(memory_format=torch.contiguous_format)
        wanted = range(rows.shape[1]) if wanted is None else wanted
        _gpu_stack(stack).read(rows, [rows.shape[1]] * len(rows), [wanted] * len(rows))
        return rows[:, wanted.start : wanted.stop]
    if isinstance(x, Embedded) and x.positions is not None:
        x = x.rows()
    given, embedding = (x.numbers, x.weights) if isinstance(x, Embedded) else (x, None)
    machine = machine_of(stack) if in_inference(given, *stack.parameters()) else None
    if machine is None:
        hidden = _read_with_autograd(stack, x.rows() if isinstance(x, Embedded) else x)
        return hidden if wanted is None else hidden[:, wanted.start : wanted.stop]
    compiled = CompiledStack(stack, machine, embedding)
    if len(given) == 1:  # the usual case, without a copy
        return compiled.read(given[0], wanted)[None]
    return torch.stack([compiled.read(window, wanted) for window in given])


def _read_with_autograd(stack: Stack, rows: Tensor) -> Tensor:
    """Reads windows so that autograd can go back, by kernels where they can."""
    if in_float32(rows, *stack.parameters()) and not torch.is_autocast_enabled("cpu"):
        machine = machine_of(stack)
        if machine is not None:
            return read_in_training(stack, rows, machine)
    hidden: Tensor = stack(rows)
    return hidden


def read_each(
    stack: Stack, windows: Sequence[Float[Tensor, "_ d_model"]], wanted: Sequence[range]
) -> list[Float[Tensor, "_ d_model"]]:
    """Reads windows of unlike lengths, each as if alone.

    Args:
        stack: The stack.
        windows: The rows of each.
        wanted: The rows that are asked for of each.

    Returns:
        The wanted rows of the output of each.
    """
    if on_gpu(stack, *windows):
        rows = pad_sequence(list(windows), batch_first=True)
        _gpu_stack(stack).read(rows, [len(window) for window in windows], wanted)
        return [read[where.start : where.stop] for read, where in zip(rows, wanted, strict=True)]
    return [read(stack, window[None], where)[0] for window, where in zip(windows, wanted, strict=True)]


def on_gpu(stack: Stack, *tensors: Tensor) -> bool:
    """Tells whether the GPU's kernels are to read these; they have no gradients."""
    if torch.is_grad_enabled() and any(x.requires_grad for x in (*tensors, *stack.parameters())):
        return False
    floats = all(tensor.dtype == torch.float32 for tensor in tensors)
    return floats and _as_published(stack) and kernels_for(tensors[0].device)


def _gpu_stack(stack: Stack) -> "GpuStack":
    from seq2exp_tracks.model.gpu.stack import gpu_stack  # not above: it needs Triton

    return gpu_stack(stack)


def in_inference(*tensors: Tensor) -> bool:
    """Tells whether tensors are float32 on the CPU and nobody asks for their gradients."""
    if torch.is_grad_enabled() and any(tensor.requires_grad for tensor in tensors):
        return False
    return in_float32(*tensors)


def in_float32(*tensors: Tensor) -> bool:
    """Tells whether tensors are float32 on the CPU."""
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
    return chosen_machine() if _as_published(stack) else None


def _as_published(stack: Stack) -> bool:
    layers = [cast("Layer", layer) for layer in stack.layers]
    return all(layer.directions is Directions.ADD and layer.backward_projections is None for layer in layers)
