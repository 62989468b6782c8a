"""What a long job tells whoever waits for it."""

from typing import Protocol


class Progress(Protocol):
    """Receives the progress of a job that has several stages, one after another."""

    def stage(self, label: str, total: int) -> None:
        """Begins a stage of `total` steps."""

    def advance(self) -> None:
        """Counts one step of the present stage."""

    def note(self, message: str) -> None:
        """Says something that the user should know; the run goes on."""


class Silent:
    """Progress that nobody watches."""

    def stage(self, label: str, total: int) -> None:
        """Says nothing."""

    def advance(self) -> None:
        """Says nothing."""

    def note(self, message: str) -> None:
        """Says nothing."""
