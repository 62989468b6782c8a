"""Chromosomes shared out among processes. Results come in the order of the tasks, whatever the number."""

import multiprocessing
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any, TypeVar

from seq2exp_tracks.errors import TracksError
from seq2exp_tracks.processes import deaf_children
from seq2exp_tracks.progress import Progress

Task = TypeVar("Task")
Result = TypeVar("Result")


def default_workers() -> int:
    """As many as this process may use cores."""
    # macOS cannot say which cores a process may use.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Workers:
    """Processes that work on tasks; a context manager that ends them at once when it is left.

    Args:
        count: How many; 1 is this process alone.
        progress: Told of each task that is done.
    """

    def __init__(self, count: int, progress: Progress) -> None:
        self._count = count
        self._progress = progress
        self._context = _Spawning()
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> "Workers":
        if self._count > 1:
            self._pool = ProcessPoolExecutor(self._count, self._context, initializer=_leave_with_parent)
        return self

    def __exit__(self, *error: object) -> None:
        if self._pool is None:
            return
        # Its thread is waited for: Python 3.11 wakes it at its exit, with a traceback if it ends just then.
        ending = threading.Thread(target=self._pool.shutdown, kwargs={"cancel_futures": True})
        ending.start()
        started = [process for process in self._context.started if process.pid is not None]
        for process in started:
            process.terminate()
        for process in started:
            process.join()
        ending.join()

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
        if self._pool is None:
            return [self._told(work(task)) for task in tasks]
        try:
            with deaf_children():
                futures = {self._pool.submit(work, task): place for place, task in enumerate(tasks)}
            done = {futures[future]: self._told(future.result()) for future in as_completed(futures)}
        except BrokenProcessPool as error:
            raise TracksError(
                "a worker process died, most likely because memory ran out; use fewer with --workers"
            ) from error
        return [done[place] for place in range(len(tasks))]

    def _told(self, result: Result) -> Result:
        self._progress.advance()
        return result


class _Spawning(SpawnContext):
    """Starts processes and knows which."""

    def __init__(self) -> None:
        self.started: list[SpawnProcess] = []

    # Stands in for the class, which the pool calls to make a process.
    def Process(self, *args: Any, **kwargs: Any) -> SpawnProcess:  # type: ignore[override] # noqa: N802
        process = SpawnProcess(*args, **kwargs)
        self.started.append(process)
        return process


def _leave_with_parent() -> None:
    """Ends this process when its parent has ended, also if that was killed."""

    def watch() -> None:
        parent = multiprocessing.parent_process()
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
