"""Scoring in processes of this machine: one window a process, one thread a window.

Windows share nothing, so as many processes as cores is the fastest way to use a CPU; a window that
is shared among threads spends its time waiting for them.
"""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager

import torch

from seq2exp_tracks.errors import TracksError
from seq2exp_tracks.genome import Gene
from seq2exp_tracks.inputs import InputReader
from seq2exp_tracks.model.seq2exp import Seq2Exp
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.scoring.engine import score_window

# A worker with a 200 kb window of the published model, in bytes (benchmarks/RESULTS.md), and the part of
# the machine's memory that workers may fill.
_WORKER_BYTES = 1.5e9
_SHARE_OF_MEMORY = 0.8

# Windows handed out ahead of the one that is waited for: enough that no worker idles while this
# process writes, few enough that results which wait for their turn stay small.
_AHEAD = 2


def score_in_processes(
    load_model: Callable[[], Seq2Exp], reader: InputReader, genes: Sequence[Gene], workers: int
) -> Generator[WindowScores, None, None]:
    """Scores genes on the CPU in `workers` processes and yields them in their order.

    Raises:
        TracksError: If a worker dies, most likely for want of memory.
    """
    # Spawned, not forked: torch and numba start threads, which a forked child does not have.
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(
        workers,
        multiprocessing.get_context("spawn"),
        initializer=_start_worker,
        initargs=(load_model, reader),
    )
    waiting: deque[Future[WindowScores]] = deque()
    try:
        for gene in genes:
            with _deaf_children():
                waiting.append(pool.submit(_score, gene))
            if len(waiting) >= workers * _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool as error:
        raise TracksError(
            "a worker process died, most likely because memory ran out; use fewer with --workers"
        ) from error
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        # A window takes seconds: nobody who interrupts a run wants to wait for those under way.
        for child in set(multiprocessing.active_children()) - others:
            child.terminate()


def default_workers() -> int:
    """As many workers as this process may use cores, or fewer where the memory would not do."""
    # macOS cannot say which cores a process may use.
    allowed = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return max(1, min(len(allowed), int(memory * _SHARE_OF_MEMORY / _WORKER_BYTES)))


class _Worker:
    """What a worker process holds between windows."""

    model: Seq2Exp
    reader: InputReader


def _start_worker(load_model: Callable[[], Seq2Exp], reader: InputReader) -> None:
    """Prepares a worker: one thread, a model, open files, and no life after the parent's."""
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    torch.set_num_threads(1)
    _Worker.model = load_model()
    _Worker.reader = reader


@contextmanager
def _deaf_children() -> Iterator[None]:
    """Processes that are started meanwhile never hear Ctrl-C, which a terminal sends to all of them.

    The parent decides what it means, and hears it afterwards. The children inherit what is blocked, so that
    they are deaf from their first moment on.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _leave_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _score(gene: Gene) -> WindowScores:
    return score_window(_Worker.model, _Worker.reader.read(gene), torch.device("cpu"))
