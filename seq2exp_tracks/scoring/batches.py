"""Batches of windows through a model on one device, which always has the next one to compute.

While the device computes a batch, the one after it is read, and the scores of the one before it come back.
Where its memory does not hold so many windows, fewer are launched at once. No result depends on how many.
"""

from collections import deque
from types import TracebackType
from typing import NamedTuple, Self

import torch

from seq2exp_tracks.errors import TracksError
from seq2exp_tracks.model.seq2exp import Seq2Exp
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.scoring.devices import let_go
from seq2exp_tracks.scoring.engine import Launched, collect, launch
from seq2exp_tracks.scoring.prefetch import Batch, Prefetch, Read, Upload, rows_of


class Scored(NamedTuple):
    """A batch that was scored.

    Attributes:
        scores: Of each window, in their order.
        remarks: What the user should know of how it went, one line each.
    """

    scores: list[WindowScores]
    remarks: list[str]


class BatchScorer:
    """Scores batches of windows in the order in which they are fed; a context manager.

    Args:
        model: The model, in evaluation mode and on `device`.
        device: Where the arithmetic happens.
        most: Windows that are launched at once.
    """

    def __init__(self, model: Seq2Exp, device: torch.device, most: int) -> None:
        self._model, self._device, self._most = model, device, most
        self._prefetch, self._upload = Prefetch(device), Upload(device)
        self._fed = 0
        self._launched: deque[Batch] = deque()
        self._under_way: deque[Launched] = deque()
        self._scores: deque[WindowScores] = deque()
        self._remarks: list[str] = []

    def __enter__(self) -> Self:
        self._prefetch.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._prefetch.__exit__(kind, error, trace)

    def feed(self, read: Read) -> None:
        """Begins to read a batch, when those before it are read."""
        self._prefetch.feed(read)
        self._fed += 1

    def take(self) -> Scored:
        """Waits for the scores of the oldest batch that was fed.

        If one was fed after it, that is launched before: the device goes on with it at once.

        Raises:
            TracksError: If there is not enough memory for a single window, or a window cannot be read.
        """
        while self._fed and len(self._launched) < 2:
            self._launch(self._prefetch.take())
            self._fed -= 1
        batch = self._launched.popleft()
        self._collect(keep=1 if self._launched else 0)
        self._prefetch.give_back(batch)
        scores = [self._scores.popleft() for _ in batch.inputs]
        remarks, self._remarks = self._remarks, []
        return Scored(scores, remarks)

    def _launch(self, batch: Batch) -> None:
        """Launches a batch in as few parts as there is memory for."""
        start = 0
        while start < len(batch.inputs):
            end = min(start + self._most, len(batch.inputs))
            launched = self._try(batch, start, end)
            if launched is None:
                self._retreat(end - start)
                continue
            self._under_way.append(launched)
            self._collect(keep=1)
            start = end
        self._launched.append(batch)

    def _try(self, batch: Batch, start: int, end: int) -> Launched | None:
        """Launches some windows; None if they had no room. What was allocated for them is free then."""
        try:
            tensors = self._upload(rows_of(batch.tensors, start, end))
            return launch(self._model, batch.inputs[start:end], tensors)
        except RuntimeError as error:
            # Triton and the CUDA runtime say it in their own words.
            if isinstance(error, torch.OutOfMemoryError) or "out of memory" in str(error):
                return None
            raise

    def _retreat(self, windows: int) -> None:
        """Makes room, and launches half as many windows from now on."""
        self._collect(keep=0)
        let_go(self._device)
        if windows == 1:
            raise TracksError(
                f"{self._device}: its memory does not hold a single window; end other programs that use it, "
                "or use --device cpu"
            )
        self._most = windows // 2
        self._remarks.append(
            f"{self._device}: out of memory with {windows} windows in flight, going on with {self._most} "
            f"(--windows-in-flight {self._most} begins so)"
        )

    def _collect(self, keep: int) -> None:
        """Waits for the scores of all launches but the last `keep`."""
        while len(self._under_way) > keep:
            self._scores.extend(collect(self._under_way.popleft()))
