"""Jobs in threads that a process need not wait for when it ends, or is ended.

A server that is silent holds its thread in a call of the system until a time-out. The threads of
`concurrent.futures` are waited for even as a process ends, so that Ctrl-C would last as long.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from threading import Thread

Job = Callable[[], None]


def begin(jobs: Sequence[Job], at_once: int) -> list[Future[None]]:
    """Begins jobs, some at a time, in their order.

    Args:
        jobs: What is to be done.
        at_once: How many at a time.

    Returns:
        What becomes of each.
    """
    waiting: SimpleQueue[tuple[Future[None], Job]] = SimpleQueue()
    futures: list[Future[None]] = [Future() for _ in jobs]
    for pair in zip(futures, jobs, strict=True):
        waiting.put(pair)
    for _ in range(min(at_once, len(jobs))):
        Thread(target=_work, args=(waiting,), daemon=True).start()
    return futures


def _work(waiting: "SimpleQueue[tuple[Future[None], Job]]") -> None:
    """Does one job after the other until none waits."""
    while True:
        try:
            future, job = waiting.get_nowait()
        except Empty:
            return
        try:
            job()
        except BaseException as error:  # whoever asks for the result is told
            future.set_exception(error)
        else:
            future.set_result(None)
