"""Processes that all do the same at the same time, one for each core or GPU, each with a model of its own."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import as_completed
from contextlib import ExitStack, contextmanager
from typing import TypeVar

import torch

from seq2exp_tracks.model.seq2exp import Seq2Exp
from seq2exp_tracks.progress import Progress
from seq2exp_tracks.scoring.decoding import scratch_folder
from seq2exp_tracks.scoring.devices import set_up
from seq2exp_tracks.worker_processes import Processes, told_of_death

Result = TypeVar("Result")
Task = Callable[[Seq2Exp, torch.device], Result]
"""What a process is asked to do; it has to be picklable."""


class Crew:
    """The processes; see `crew`.

    Args:
        members: One process each, so that everyone can be asked by itself.
        progress: Who is told of every task that is done.
    """

    def __init__(self, members: Sequence[Processes], progress: Progress) -> None:
        self._members = members
        self._progress = progress

    def all(self, label: str, task: Task[Result], times: int = 1) -> list[list[Result]]:
        """Every process does the task `times` times, without waiting for the others.

        Args:
            label: What the stage is called.
            task: What to do.
            times: How often.

        Returns:
            What each process found, each time.

        Raises:
            TracksError: If a process dies, most likely for want of memory.
        """
        return self._ask(self._members, label, task, times)

    def one(self, label: str, task: Task[Result]) -> Result:
        """One process does the task while the others rest."""
        return self._ask(self._members[:1], label, task, 1)[0][0]

    def _ask(
        self, members: Sequence[Processes], label: str, task: Task[Result], times: int
    ) -> list[list[Result]]:
        self._progress.stage(label, len(members) * times)
        asked = [[member.submit(_do, task) for _ in range(times)] for member in members]
        with told_of_death():
            for done in as_completed(future for futures in asked for future in futures):
                done.result()
                self._progress.advance()
        return [[future.result() for future in futures] for futures in asked]


@contextmanager
def crew(
    devices: Sequence[torch.device], load_model: Callable[[], Seq2Exp], progress: Progress
) -> Iterator[Crew]:
    """Starts processes and ends them, whatever happens in between.

    Args:
        devices: Where the arithmetic of each happens.
        load_model: Makes the model; it has to be picklable.
        progress: Who is told of every task that is done.
    """
    with scratch_folder() as scratch, ExitStack() as ending:
        members = [Processes(1, scratch, _start, load_model, device) for device in devices]
        yield Crew([ending.enter_context(member) for member in members], progress)


class _Member:
    """What a process holds between tasks."""

    model: Seq2Exp
    device: torch.device


def _start(load_model: Callable[[], Seq2Exp], device: torch.device) -> None:
    """Prepares a process: one thread and a model."""
    torch.set_num_threads(1)
    set_up(device)
    _Member.model, _Member.device = load_model().to(device), device


def _do(task: Task[Result]) -> Result:
    return task(_Member.model, _Member.device)
