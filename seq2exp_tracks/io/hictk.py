"""hictkpy, without the thread that it starts when it is imported.

The thread hands messages on to Python's logging. In 1.4.0 it waits for them by looking again and again
(`MessageQueue::try_dequeue_timed`), which keeps a core of the machine busy as long as the process lives, in
every process. hictkpy ends it at exit; we do so at once. Errors still arrive as exceptions.
"""

import atexit
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["hictkpy"]

Farewell = Callable[[], object]


@contextmanager
def _farewells() -> Iterator[list[Farewell]]:
    """Collects the functions that are registered to run at exit meanwhile; they stay registered."""
    collected: list[Farewell] = []
    register = atexit.register

    def collect(function: Farewell, *args: Any, **kwargs: Any) -> object:
        collected.append(function)
        return register(function, *args, **kwargs)

    atexit.register = collect  # type: ignore[assignment] # for the time of one import
    try:
        yield collected
    finally:
        atexit.register = register


with _farewells() as registered:
    import hictkpy

for farewell in registered:
    # Others may have been imported for the first time, too. hictkpy's is the one that is compiled.
    if type(farewell).__module__ == "nanobind":
        farewell()
