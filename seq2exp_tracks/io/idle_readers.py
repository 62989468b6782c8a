"""Readers of files that wait to be used again: a reader that has found its way in a file once is faster.

One thread at a time has a reader. However many files and threads there are, few readers stay open.
"""

import threading
from collections import deque
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any


class IdleReaders:
    """Readers that nobody uses at the moment; when they are too many, those that waited longest are let go.

    Args:
        most: Most readers that wait.
    """

    def __init__(self, most: int) -> None:
        self._idle: deque[tuple[Hashable, Any]] = deque(maxlen=most)
        self._taking = threading.Lock()

    def __len__(self) -> int:
        return len(self._idle)

    @contextmanager
    def reader(self, file: Hashable, make: Callable[[], Any]) -> Iterator[Any]:
        """Lends a reader; one that met an error does not come back.

        Args:
            file: What the reader reads, and as of when.
            make: Opens a reader, where none waits.
        """
        reader = self._take(file)
        if reader is None:
            reader = make()
        yield reader
        with self._taking:
            self._idle.append((file, reader))

    def _take(self, file: Hashable) -> Any:
        with self._taking:
            for entry in reversed(self._idle):
                if entry[0] == file:
                    self._idle.remove(entry)
                    return entry[1]
        return None
