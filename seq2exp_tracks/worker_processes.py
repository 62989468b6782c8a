"""Processes of this machine that end with the run, however it ends. Knows nothing of what they do."""

import multiprocessing
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.context import SpawnContext, SpawnProcess
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from seq2exp_tracks.errors import TracksError
from seq2exp_tracks.processes import deaf_children

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


FEWER_WORKERS = "use fewer with --workers"

# Seconds that processes are given to end.
_GRACE = 5.0


class WorkerDiedError(TracksError):
    """A process ended that should not have: killed, for want of memory most likely, or crashed."""


class Processes:
    """Spawned processes that take work in turn; a context manager that ends them at once when it is left.

    They start when it is entered, never hear Ctrl-C, and leave with the process that started them, also if
    that one is killed; the folder of the run goes with it then.

    Args:
        count: Number of processes.
        scratch: Folder of the run, which the processes remove if they are all that is left of it.
        prepare: Called in each process before it works.
        arguments: Its arguments; shared memory among them is shared.
        way_out: What the user is told to do where one of them dies.
    """

    def __init__(
        self,
        count: int,
        scratch: Path,
        prepare: Callable[..., None],
        *arguments: Any,
        way_out: str = FEWER_WORKERS,
    ) -> None:
        self._count, self._way_out = count, way_out
        self._context = _Spawning()
        self._pool = ProcessPoolExecutor(
            count, self._context, initializer=_prepare, initargs=(scratch, prepare, arguments)
        )

    def __enter__(self) -> "Processes":
        try:
            for _ in range(self._count):
                # The pool starts a process when there is something to do and nobody idle.
                self.submit(os.getpid)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        # Its thread is waited for: Python 3.11 wakes it at its exit, with a traceback if it ends just then.
        ending = threading.Thread(target=self._pool.shutdown, kwargs={"cancel_futures": True})
        ending.start()
        # A window takes seconds: nobody who interrupts a run wants to wait for those under way.
        started = [process for process in self._context.started if process.pid is not None]
        for process in started:
            process.terminate()
        _wait_for(started, _GRACE)
        # One that is stopped, or hangs in the system, does not hear that.
        for process in started:
            process.kill()
        _wait_for(started, _GRACE)
        ending.join(_GRACE)

    def submit(
        self, function: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> Future[Result]:
        """Gives one of the processes something to do.

        Raises:
            WorkerDiedError: If one of them died.
        """
        with deaf_children(), told_of_death(self._way_out):
            return self._pool.submit(function, *args, **kwargs)

    def died(self) -> set[int]:
        """Those that ended by themselves or were killed, once one of them has; the pool ends the others."""
        started = [process for process in self._context.started if process.pid is not None]
        _wait_for(started, _GRACE)
        ended = (None, 0, -signal.SIGTERM)
        return {process.pid for process in started if process.pid and process.exitcode not in ended}


class _Spawning(SpawnContext):
    """Starts processes and knows which.

    Spawned, not forked: torch starts threads, which a forked child does not have.
    """

    def __init__(self) -> None:
        self.started: list[SpawnProcess] = []

    # Stands in for the class, which the pool calls to make a process.
    def Process(self, *args: Any, **kwargs: Any) -> SpawnProcess:  # type: ignore[override] # noqa: N802
        process = SpawnProcess(*args, **kwargs)
        self.started.append(process)
        return process


def _wait_for(processes: Sequence[SpawnProcess], seconds: float) -> None:
    """Waits until processes have ended, some seconds at most.

    By looking, as the pool's thread waits for them as well, and the system tells only one how a child ended.
    """
    until = time.monotonic() + seconds
    while any(process.exitcode is None for process in processes) and time.monotonic() < until:
        time.sleep(0.01)


@contextmanager
def told_of_death(way_out: str = FEWER_WORKERS) -> Iterator[None]:
    """One line instead of a traceback where a process died while its result is waited for.

    Args:
        way_out: What the user is told to do.

    Raises:
        WorkerDiedError: If the body raises `BrokenProcessPool`.
    """
    try:
        yield
    except BrokenProcessPool as error:
        raise WorkerDiedError(
            f"a worker process died, most likely because memory ran out; {way_out}"
        ) from error


def _leave_with_parent(scratch: Path) -> None:
    """Ends this process when its parent has ended, and removes what that one left in its folder."""

    def watch() -> None:
        parent = multiprocessing.parent_process()
        if parent is not None:
            parent.join()
            shutil.rmtree(scratch, ignore_errors=True)
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _prepare(scratch: Path, prepare: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    _leave_with_parent(scratch)
    prepare(*arguments)
