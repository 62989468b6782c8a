"""One progress over all trainings: which of how many it is, and how long all of them will take."""

from collections.abc import Callable, Sequence

from seq2exp_tracks.progress import Progress, Silent
from seq2exp_tracks.training.loop import TRAINING


class Pace:
    """How long a method takes on a case, from those that are done: trained, scored and measured."""

    def __init__(self) -> None:
        self._seconds: dict[str, list[float]] = {}

    def add(self, method: str, seconds: float | None) -> None:
        """Learns how long one took, if that is known."""
        if seconds is not None:
            self._seconds.setdefault(method, []).append(seconds)

    def to_go(self, methods: Sequence[str]) -> float | None:
        """Seconds for some methods; one that was not seen counts as the mean of the others.

        Returns:
            None where none is done.
        """
        means = {name: sum(seconds) / len(seconds) for name, seconds in self._seconds.items()}
        if not means:
            return None
        other = sum(means.values()) / len(means)
        return sum(means.get(method, other) for method in methods)


class Told:
    """Hands the stages of one training on, each under its place in the whole.

    Args:
        progress: Who is told.
        place: Its place, such as `3 of 20: default, seed 11, soft`.
        said: Notes that need not be said again; those of this training are added.
    """

    def __init__(self, progress: Progress, place: str, said: set[str]) -> None:
        self._progress = progress
        self._place = place
        self._said = said
        self._training = False

    def stage(self, label: str, total: int) -> None:
        """Begins a stage."""
        self._training = label == TRAINING
        self._progress.stage(f"{self._place} · {label}", total)

    def advance(self) -> None:
        """Counts one step."""
        self._progress.advance()

    def note(self, message: str) -> None:
        """Says what was not said yet, but for the evaluations of a training."""
        if not self._training and message not in self._said:
            self._said.add(message)
            self._progress.note(message)


class Sent(Silent):
    """Progress of a training in another process: its updates, and notes that are not evaluations.

    Args:
        send: Takes a note, or None for an update.
    """

    def __init__(self, send: Callable[[str | None], None]) -> None:
        self._send = send
        self._training = False

    def stage(self, label: str, total: int) -> None:
        """Begins a stage."""
        self._training = label == TRAINING

    def advance(self) -> None:
        """Sends an update."""
        if self._training:
            self._send(None)

    def note(self, message: str) -> None:
        """Sends a note."""
        if not self._training:
            self._send(message)


class Sum:
    """One stage over trainings that run side by side: the updates of all of them.

    It begins with the first update, so that the time to go is not reckoned from how long processes take to
    start and to read their inputs.

    Args:
        progress: Who is told.
        at_once: How many run at a time.
        updates: How many updates each training has to do.
    """

    def __init__(self, progress: Progress, at_once: int, updates: Sequence[int]) -> None:
        self._progress = progress
        self._label = f"{TRAINING}, {at_once} at a time"
        self._left, self._total = list(updates), sum(updates)
        self._said = set[str]()
        progress.stage(f"Starting {at_once} trainings", at_once)

    def hear(self, number: int, note: str | None) -> None:
        """Counts an update of a training, or says its note, if nobody has said it yet."""
        if note is None:
            self._advance(number, 1)
        elif note not in self._said:
            self._said.add(note)
            self._progress.note(note)

    def end(self, number: int) -> None:
        """Counts what a training did not tell: updates that were done before it was broken off."""
        self._advance(number, self._left[number])

    def _advance(self, number: int, updates: int) -> None:
        for _ in range(min(updates, self._left[number])):
            if sum(self._left) == self._total:
                self._progress.stage(self._label, self._total)
            self._left[number] -= 1
            self._progress.advance()


def place(number: int, total: int, name: str, seconds: float | None) -> str:
    """The place of a training in the whole, with the time to go where it is known."""
    of_all = f"{number} of {total}: {name}"
    return of_all if seconds is None else f"{of_all} (about {_clock(seconds)} to go in all)"


def _clock(seconds: float) -> str:
    """Seconds as people read them."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return f"{max(round(seconds), 1)} s"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"
