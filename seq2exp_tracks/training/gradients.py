"""The gradients of a batch, a few windows at a time.

On the CPU several threads compute windows, each with one thread of torch's, and gradients are summed in the
order of the windows: how many threads there are changes no bit. On other devices Fabric does the work.
"""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import NamedTuple

import torch
from lightning_fabric import Fabric
from lightning_fabric.wrappers import _FabricModule
from torch import Tensor, nn

from seq2exp_tracks.model.baselines import Baseline
from seq2exp_tracks.model.config import BetaConfig
from seq2exp_tracks.model.reading import one_thread
from seq2exp_tracks.model.seq2exp import Seq2Exp
from seq2exp_tracks.training.examples import Example, answer
from seq2exp_tracks.training.losses import LossWeights, losses


@dataclass(frozen=True, slots=True)
class Aim:
    """What training minimises.

    Attributes:
        marginal: Has the distribution that the mask is drawn to.
        weights: What the parts of the loss count.
    """

    marginal: BetaConfig
    weights: LossWeights


class Group(NamedTuple):
    """Windows of a batch that are computed together.

    Attributes:
        windows: The windows.
        share: Which share of the whole batch they are, over all processes.
        draws: Where the samples of their masks come from.
    """

    windows: Example
    share: float
    draws: torch.Generator


class Found(NamedTuple):
    """Means over windows: the losses, and how much of a window the mask keeps."""

    total: float
    expression: float
    divergence: float
    continuity: float
    kept: float


def mean_of(parts: Iterable[Found], weights: Iterable[float]) -> Found:
    """The weighted sum of each figure, 0 of no part; weights that sum to 1 make it a mean."""
    weighted = [[weight * x for x in part] for part, weight in zip(parts, weights, strict=True)]
    return Found(*map(sum, zip(*weighted, strict=True))) if weighted else Found(*[0.0] * len(Found._fields))


@contextmanager
def window_threads(count: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that compute a window each, with one thread of torch's."""
    with ThreadPoolExecutor(count, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        try:
            yield pool
        finally:
            pool.shutdown(cancel_futures=True)


def computes_batch_as_one(model: nn.Module) -> bool:
    """Whether windows of a batch cannot be computed apart, because norms are taken over all of them."""
    return isinstance(model, Baseline) and bool(model.config.normalises_batch)


def gradients_in_threads(
    model: nn.Module, groups: Sequence[Group], aim: Aim, pool: ThreadPoolExecutor
) -> Found:
    """Sets the gradients of a model on the CPU, in training mode, to those of a batch."""
    weights = [weight for weight in model.parameters() if weight.requires_grad]

    def work(group: Group) -> tuple[tuple[Tensor | None, ...], Found]:
        total, found = _losses(model, group, aim)
        return torch.autograd.grad(group.share * total, weights, allow_unused=True), found

    sums: list[Tensor | None] = [None] * len(weights)
    parts = []
    with one_thread():
        for gradients, found in pool.map(work, groups):
            parts.append(found)
            sums = [_sum(before, more) for before, more in zip(sums, gradients, strict=True)]
    for weight, gradient in zip(weights, sums, strict=True):
        weight.grad = gradient
    return mean_of(parts, (group.share for group in groups))


def gradients_on_device(fabric: Fabric, model: _FabricModule, groups: Sequence[Group], aim: Aim) -> Found:
    """Sets the gradients of a model on any device to what this process's windows add to those of a batch.

    Processes are not joined here, as some may have fewer windows than others, or none.
    """
    model.zero_grad()
    parts = []
    for group in groups:
        with fabric.no_backward_sync(model, enabled=fabric.world_size > 1):
            total, found = _losses(model, group, aim)
            fabric.backward(group.share * total)
        parts.append(found)
    return mean_of(parts, (group.share for group in groups))


def _losses(model: nn.Module, group: Group, aim: Aim) -> tuple[Tensor, Found]:
    """The loss of some windows, and what there is to tell of them."""
    inner = model.module if isinstance(model, _FabricModule) else model
    ours = isinstance(inner, Seq2Exp)
    with nullcontext() if ours else _global_draws(inner, group.draws):
        output = answer(model, group.windows, **({"generator": group.draws} if ours else {}))
    found = losses(output, group.windows.label, aim.marginal, aim.weights)
    total, expression, divergence, continuity = (part.item() for part in found)
    kept = output.mask.detach().mean().item()
    return found.total, Found(total, expression, divergence, continuity, kept)


@contextmanager
def _global_draws(model: nn.Module, draws: torch.Generator) -> Iterator[None]:
    """Lets a baseline with dropout draw as the group decides, from torch's global numbers.

    Only those whose batch is computed as one have it, so that no other thread draws meanwhile.
    """
    if not computes_batch_as_one(model):
        yield
        return
    with torch.random.fork_rng(devices=[draws.device] if draws.device.type == "cuda" else []):
        torch.manual_seed(draws.initial_seed())
        yield


def _sum(before: Tensor | None, more: Tensor | None) -> Tensor | None:
    if before is None or more is None:
        return more if before is None else before
    return before.add_(more)
