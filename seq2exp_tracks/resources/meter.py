"""Counts the bytes of files that arrive at the same time."""

import threading

from seq2exp_tracks.progress import Progress

_STEP = 1_000_000  # bytes that count as one step of the progress


class Meter:
    """Counts the bytes of all files together, whichever thread they come from."""

    def __init__(self, progress: Progress, label: str, total: int) -> None:
        self._progress, self._lock = progress, threading.Lock()
        self._bytes = self._steps = 0
        self._most = -(-total // _STEP)
        progress.stage(label, self._most)

    def add(self, count: int) -> None:
        """Counts bytes that have arrived, or were thrown away."""
        with self._lock:
            self._bytes += count
            while self._steps < min(self._bytes // _STEP, self._most):
                self._steps += 1
                self._progress.advance()
