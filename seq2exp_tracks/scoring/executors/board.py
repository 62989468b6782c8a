"""What every worker is doing: on a board in shared memory, which outlives the worker.

When a worker dies nobody else knows which gene it was at; when one hangs nobody else sees it.
"""

import multiprocessing
import os
import time
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future, wait
from contextlib import suppress
from signal import SIGKILL
from typing import NamedTuple, TypeVar

from seq2exp_tracks.errors import TracksError

Result = TypeVar("Result")

PATIENCE = 1800.0
"""Seconds that a worker may take for one window: the published model takes some seconds on a slow core."""

STARTING = 300.0
"""Seconds that a worker has at least until it is ready: torch and the model may come from slow storage."""

EVERY = 1.0
"""Seconds between two looks at the board while somebody waits."""

_NOTHING = -1


class NotReadyError(TracksError):
    """Workers take too long until they can begin."""


class Entry(NamedTuple):
    """What one worker is doing.

    Attributes:
        process: Its process.
        task: Number of what it does.
        since: When it began, in seconds of the machine's monotonic clock: tells one turn from another.
    """

    process: int
    task: int
    since: float


class Watch:
    """Counts how long something is waited for.

    What counts is time in which somebody looked: after a run was stopped (Ctrl-Z, or a queue that suspends
    it) nobody is late.

    Args:
        patience: Seconds that anything may take.
    """

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._waited: dict[Hashable, float] = {}
        self._looked = time.monotonic()

    def late(self, things: Sequence[Hashable]) -> list[bool]:
        """Looks at what is not done yet, and says of each whether it takes too long; forgets the others."""
        passed = min(time.monotonic() - self._looked, 2 * EVERY)
        self._looked = time.monotonic()
        # What is seen for the first time may have begun just now.
        self._waited = {one: self._waited.get(one, -passed) + passed for one in things}
        return [self._waited[one] > self._patience for one in things]


def result_within(future: "Future[Result]", patience: float) -> Result:
    """Waits for a result, but not longer than some seconds.

    Raises:
        TimeoutError: If it takes longer.
    """
    watch = Watch(patience)
    while not wait([future], timeout=EVERY).done:
        if watch.late(["result"])[0]:
            raise TimeoutError
    return future.result()


class Board:
    """One line for each of a number of workers; given to them at their start.

    Args:
        workers: Number of workers.
        patience: Seconds that a task may take, and, if they are more than `STARTING`, getting ready.
    """

    def __init__(self, workers: int, patience: float = PATIENCE) -> None:
        context = multiprocessing.get_context("spawn")
        self._lines = context.RawArray("d", [0, _NOTHING, 0] * workers)
        self._taken = context.Value("i", 0)
        self._watch = Watch(patience)
        self._start_within = max(patience, STARTING)
        self._start = Watch(self._start_within)
        self._line = _NOTHING

    def join(self) -> None:
        """Takes a line for this process, which is ready to work."""
        with self._taken.get_lock():
            self._line = self._taken.value
            self._taken.value += 1
        self._lines[3 * self._line] = os.getpid()

    def begin(self, task: int) -> None:
        """Says what this process begins to do."""
        line = 3 * self._line
        self._lines[line + 2] = time.monotonic()
        self._lines[line + 1] = task  # last: with it the line counts

    def end(self) -> None:
        """Says that this process waits."""
        self._lines[3 * self._line + 1] = _NOTHING

    def entries(self) -> list[Entry]:
        """What the workers are doing; those that wait are left out."""
        lines = [self._lines[start : start + 3] for start in range(0, len(self._lines), 3)]
        return [
            Entry(int(process), int(task), since) for process, task, since in lines if int(task) != _NOTHING
        ]

    def result(self, future: "Future[Result]", hung: Callable[[Entry | None], None]) -> Result:
        """Waits for a result and ends workers that take too long for one task.

        All of them are ended where nobody does anything for so long: one that hangs while it asks for
        work keeps the others from it.

        Args:
            future: The result.
            hung: Is told of a worker before it is ended; of None before all are.

        Raises:
            NotReadyError: If nobody works for too long since workers are not ready yet.
        """
        while not wait([future], timeout=EVERY).done:
            entries = self.entries()
            if not entries and not self._all_ready():
                if self._start.late(["ready"])[0]:
                    raise NotReadyError(
                        f"no worker was ready within {self._start_within:g} s; see whether the storage of "
                        "the checkpoint and of Python's packages answers, or allow for more with --patience"
                    )
                continue
            seen: list[Entry | None] = [*entries] or [None]
            for entry, late in zip(seen, self._watch.late(seen), strict=True):
                if late:
                    hung(entry)
                    _kill(self._processes() if entry is None else [entry.process])
        return future.result()

    def _all_ready(self) -> bool:
        return all(self._processes())

    def _processes(self) -> list[int]:
        """The process of each worker; 0 where it is not ready yet."""
        return [int(process) for process in self._lines[::3]]


def _kill(processes: Sequence[int]) -> None:
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, SIGKILL)
