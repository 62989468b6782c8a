"""Processes that work for this one: how many there may be, and who hears that all of it is to end."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def deaf_children() -> Iterator[None]:
    """Processes that are started meanwhile never hear Ctrl-C, which a terminal sends to all of them.

    The parent decides what it means, and hears it afterwards. The children inherit what is blocked, so that
    they are deaf from their first moment on.
    """
    with _held_back():
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _held_back() -> Iterator[None]:
    """Whoever wants to end this process is heard afterwards: a child that is half started would complain.

    What is blocked is so for one thread alone, and the system may hand the signal to another one.
    """
    if threading.current_thread() is not threading.main_thread():  # Python calls handlers in that one only
        yield
        return
    heard: list[int] = []
    ends = (signal.SIGINT, signal.SIGTERM)
    before = {end: signal.signal(end, lambda number, _: heard.append(number)) for end in ends}
    try:
        yield
    finally:
        for end, handler in before.items():
            signal.signal(end, handler)
        if heard:
            signal.raise_signal(heard[0])


def usable_cores() -> int:
    """How many cores this process may use."""
    # macOS cannot say which.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
