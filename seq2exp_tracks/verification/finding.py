"""What is wrong with a run."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        file: The file, relative to the run's folder if it lies there.
        what: What is wrong with it, in one line.
    """

    file: str
    what: str

    def __str__(self) -> str:
        return f"{self.file}: {self.what}"
