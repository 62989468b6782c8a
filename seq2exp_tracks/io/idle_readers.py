"""Readers of files that wait to be used again: a reader that has found its way in a file once is faster.

One thread at a time has a reader. However many files and threads there are, few readers stay open, and none
for long: pybigtools' remember every part of the index that they came through, megabytes after some thousand
questions.
"""

import threading
from collections import deque
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

MOST_USES = 50
"""A reader is let go after so many uses; opening a new one costs little among so many."""


@dataclass(slots=True)
class _Waiting:
    """A reader between two uses."""

    file: Hashable
    reader: Any
    uses: int = 0


class IdleReaders:
    """Readers that nobody uses at the moment; when they are too many, those that waited longest are let go.

    Args:
        most: Most readers that wait.
    """

    def __init__(self, most: int) -> None:
        self._idle: deque[_Waiting] = deque(maxlen=most)
        self._taking = threading.Lock()

    def __len__(self) -> int:
        return len(self._idle)

    @contextmanager
    def reader(self, file: Hashable, make: Callable[[], Any]) -> Iterator[Any]:
        """Lends a reader; one that met an error or was used up does not come back.

        Args:
            file: What the reader reads, and as of when.
            make: Opens a reader, where none waits.
        """
        taken = self._take(file) or _Waiting(file, make())
        yield taken.reader
        taken.uses += 1
        if taken.uses < MOST_USES:
            with self._taking:
                self._idle.append(taken)

    def _take(self, file: Hashable) -> _Waiting | None:
        with self._taking:
            for waiting in reversed(self._idle):
                if waiting.file == file:
                    self._idle.remove(waiting)
                    return waiting
        return None
