"""Processes that work for this one, and who hears that all of it is to end."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def deaf_children() -> Iterator[None]:
    """Processes that are started meanwhile never hear Ctrl-C, which a terminal sends to all of them.

    The parent decides what it means. It hears that, and a queue's SIGTERM, afterwards: nobody is left half
    started, who would complain. The children inherit what is blocked, so that they are deaf from their first
    moment on, and to SIGTERM until they call `hear_termination`.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def hear_termination() -> None:
    """Lets a process that was started deaf end when it is asked to, also if that was a moment ago."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
