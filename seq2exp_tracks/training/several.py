"""What several processes of a run do together: one of them writes, and what fails there ends all of them."""

from collections.abc import Callable

import torch
from lightning_fabric import Fabric
from torch import distributed, nn

from seq2exp_tracks.errors import TracksError
from seq2exp_tracks.training.gradients import Found


def on_first(fabric: Fabric, work: Callable[[], object]) -> None:
    """Does some work in the first process while the others wait.

    Raises:
        Exception: What the work raises, in the first process.
        TracksError: The same in every other, so that none waits for one that has ended; of an error that is
            no TracksError what it says, as not every error can be sent.
    """
    failure: Exception | None = None
    if fabric.is_global_zero:
        try:
            work()
        except Exception as error:
            failure = error
    told = fabric.broadcast(None if failure is None else _told(failure))
    if failure is not None:
        raise failure
    if told is not None:
        raise TracksError(told)


def _told(failure: Exception) -> str:
    """What other processes say of an error."""
    if isinstance(failure, TracksError):
        return str(failure)
    return f"the first process failed: {type(failure).__name__}: {failure}"


def leave() -> None:
    """Ends the threads by which processes talk, before the interpreter ends: gloo's abort it now and then."""
    if distributed.is_initialized():
        distributed.destroy_process_group()


def sum_found(fabric: Fabric, found: Found) -> Found:
    """The sum of each figure over all processes."""
    if fabric.world_size == 1:
        return found
    figures = torch.tensor(found, dtype=torch.float64, device=fabric.device)
    return Found(*_sum(fabric, figures).tolist())


def sum_gradients(fabric: Fabric, model: nn.Module) -> None:
    """Sets every gradient to its sum over all processes; none where no process has one.

    A process without windows has no gradients and takes part all the same.
    """
    if fabric.world_size == 1:
        return
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    grads = [torch.zeros_like(weight) if weight.grad is None else weight.grad for weight in weights]
    there = torch.tensor([float(weight.grad is not None) for weight in weights], device=fabric.device)
    summed = _sum(fabric, torch.cat([there, *(grad.flatten() for grad in grads)]))
    there, flat = summed[: len(weights)], summed[len(weights) :]
    parts = torch.split(flat, [weight.numel() for weight in weights])
    for weight, any_there, part in zip(weights, there.tolist(), parts, strict=True):
        weight.grad = part.view_as(weight) if any_there else None


def _sum(fabric: Fabric, values: torch.Tensor) -> torch.Tensor:
    summed = fabric.all_reduce(values, reduce_op="sum")
    assert isinstance(summed, torch.Tensor)
    return summed
