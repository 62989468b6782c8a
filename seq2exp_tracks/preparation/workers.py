"""Chromosomes shared out among processes. Results come in the order of the tasks, whatever the number."""

from collections.abc import Callable, Sequence
from concurrent.futures import as_completed
from contextlib import ExitStack
from pathlib import Path
from typing import Self, TypeVar

from seq2exp_tracks.progress import Progress
from seq2exp_tracks.worker_processes import Processes, told_of_death

Task = TypeVar("Task")
Result = TypeVar("Result")


class Workers:
    """Processes that work on tasks; a context manager that ends them at once when it is left.

    Args:
        count: How many; 1 is this process alone.
        scratch: Folder for what is in the making, which goes with the processes if this one is killed.
        progress: Told of each task that is done.
    """

    def __init__(self, count: int, scratch: Path, progress: Progress) -> None:
        self._processes = Processes(count, scratch, _nothing) if count > 1 else None
        self._progress, self._ending = progress, ExitStack()

    def __enter__(self) -> Self:
        if self._processes is not None:
            self._ending.enter_context(self._processes)
        return self

    def __exit__(self, *error: object) -> None:
        self._ending.close()

    def each(self, label: str, work: Callable[[Task], Result], tasks: Sequence[Task]) -> list[Result]:
        """Does each of the tasks.

        Args:
            label: Of this stage, for whoever waits.
            work: A function of a module, so that other processes find it.
            tasks: Begun in this order: the longest are best first.

        Raises:
            TracksError: What a task raises, or if a process died.
        """
        self._progress.stage(label, len(tasks))
        if self._processes is None:
            return [self._told(work(task)) for task in tasks]
        with told_of_death():
            futures = {self._processes.submit(work, task): place for place, task in enumerate(tasks)}
            done = {futures[future]: self._told(future.result()) for future in as_completed(futures)}
        return [done[place] for place in range(len(tasks))]

    def _told(self, result: Result) -> Result:
        self._progress.advance()
        return result


def _nothing() -> None:
    """Prepares a process that needs no more than its tasks."""
