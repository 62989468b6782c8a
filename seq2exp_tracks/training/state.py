"""The last state of a run, from which it goes on as if it had never stopped."""

from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.io.whole_file import whole_file


class Position(NamedTuple):
    """How far a run is.

    Attributes:
        step: Updates that are done.
        best: Lowest validation error so far.
        best_step: Updates that were done when it was measured.
    """

    step: int = 0
    best: float = float("inf")
    best_step: int = 0


def save_state(
    path: Path, position: Position, model: nn.Module, optimiser: Optimizer, scheduler: LRScheduler
) -> None:
    """Writes all that decides the rest of a run; the order of genes and all samples follow from the step.

    Raises:
        OutputError: If the file cannot be written.
    """
    state = {
        "position": tuple(position),
        "model": model.state_dict(),
        "optimiser": optimiser.state_dict(),
        "scheduler": scheduler.state_dict(),
    }
    with whole_file(path) as partial:
        torch.save(state, partial)


def load_state(path: Path, model: nn.Module, optimiser: Optimizer, scheduler: LRScheduler) -> Position:
    """Puts a run back where `save_state` left it.

    Raises:
        InputError: If the file is damaged or of another model.
    """
    try:
        state: dict[str, Any] = torch.load(path, weights_only=True, map_location="cpu")
        model.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        scheduler.load_state_dict(state["scheduler"])
        return Position(*state["position"])
    except Exception as error:  # a damaged pickle can raise anything
        raise InputError(
            f"{path}: the last state cannot be read ({type(error).__name__}); train anew with --overwrite"
        ) from error
