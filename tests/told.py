"""Progress that remembers what it was told."""

from seq2exp_tracks.progress import Silent


class Told(Silent):
    """Remembers stages, notes, and the number of steps."""

    def __init__(self) -> None:
        self.stages: list[str] = []
        self.notes: list[str] = []
        self.steps = 0

    def stage(self, label: str, total: int) -> None:
        self.stages.append(label)

    def advance(self) -> None:
        self.steps += 1

    def note(self, message: str) -> None:
        self.notes.append(message)
