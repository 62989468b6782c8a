"""Ctrl-C, and what a queue sends when time is up, held back for the moment in which they would do harm."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def interrupts_held(told: str) -> Iterator[None]:
    """Runs the body to its end, and has an interrupt that came meanwhile take effect after it.

    Signals reach the main thread only: in another one there is nothing to hold back. One that ends the
    process without asking Python, or is ignored, stays as it is. If the body raises, that is what is told.

    Args:
        told: What a `KeyboardInterrupt` says then.

    Raises:
        KeyboardInterrupt: If that is what the interrupt raises.
    """
    came: list[int] = []

    def hold(number: int, frame: FrameType | None) -> None:
        came.append(number)

    before = {}
    if threading.current_thread() is threading.main_thread():
        handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        before = {number: handler for number, handler in handlers.items() if callable(handler)}
    try:
        for number in before:
            signal.signal(number, hold)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if came:
        try:
            signal.raise_signal(came[0])
        except KeyboardInterrupt as error:
            raise KeyboardInterrupt(told) from error
