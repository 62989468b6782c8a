"""The published optimiser: AdamW in two groups, a linear warm-up, then a cosine."""

import math
from dataclasses import dataclass

from torch import nn
from torch.optim import AdamW
from torch.optim.lr_scheduler import LambdaLR

# Biases and what decides a state's memory are not drawn to 0.
_WITHOUT_DECAY = ("bias", "A_log", "D")


@dataclass(frozen=True, slots=True)
class Schedule:
    """Learning rates over a training run.

    Attributes:
        steps: Updates in all.
        warmup: Of them, updates of the linear warm-up.
        start: Learning rate of the first update.
        peak: Learning rate after the warm-up.
        end: Learning rate of the last updates.
    """

    steps: int = 50_000
    warmup: int = 5_000
    start: float = 1e-5
    peak: float = 5e-4
    end: float = 1e-4

    def __post_init__(self) -> None:
        if not 0 <= self.warmup < self.steps:
            raise ValueError(f"a warm-up of {self.warmup} in {self.steps} steps")

    def rate(self, step: int) -> float:
        """Learning rate of update number `step`, counted from 0."""
        if step < self.warmup:
            return self.start + (self.peak - self.start) * step / self.warmup
        share = min(1.0, (step - self.warmup) / (self.steps - self.warmup))
        return self.end + (self.peak - self.end) * (1 + math.cos(math.pi * share)) / 2


def make_optimiser(model: nn.Module, schedule: Schedule, weight_decay: float = 1e-6) -> AdamW:
    """AdamW over the weights that are trained.

    Args:
        model: Parameters with gradients are trained.
        schedule: Its peak is the optimiser's base rate; see `make_scheduler`.
        weight_decay: Of all but biases, A_log and D.
    """
    decayed: list[nn.Parameter] = []
    free: list[nn.Parameter] = []
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            (free if name.endswith(_WITHOUT_DECAY) else decayed).append(parameter)
    groups = [{"params": decayed, "weight_decay": weight_decay}, {"params": free, "weight_decay": 0.0}]
    return AdamW(groups, lr=schedule.peak, betas=(0.9, 0.95), eps=1e-8)


def make_scheduler(optimiser: AdamW, schedule: Schedule) -> LambdaLR:
    """Sets the rate of every update; step it after each."""
    return LambdaLR(optimiser, lambda step: schedule.rate(step) / schedule.peak)
