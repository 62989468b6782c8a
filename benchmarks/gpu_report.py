"""What `gpu.py` says: lines as it goes, and at the end the table for RESULTS.md."""

import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import click


@dataclass
class Report:
    """Figures as they come.

    Attributes:
        rows: What was measured, the figure, and the goal, for the table.
        missing: Parts that could not be done, each with the reason.
        failed: Parts that ended in an error.
    """

    rows: list[tuple[str, str, str]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def say(self, *lines: str) -> None:
        """Prints lines."""
        for line in lines:
            click.echo(line)

    def figure(self, what: str, figure: str, goal: str = "-") -> None:
        """Notes a figure for the table, and prints it."""
        self.rows.append((what, figure, goal))
        self.say(f"{what}: {figure}" + (f" (goal: {goal})" if goal != "-" else ""))

    def cannot(self, part: str, reason: str) -> None:
        """Says that a part could not be done."""
        self.missing.append(f"{part}: {reason}")
        self.say(f"not done: {part}: {reason}")

    def part(self, name: str, work: Callable[[], None]) -> None:
        """Does a part. An error ends this part alone: time on a GPU is dear, and the others may still run."""
        self.say("", f"== {name}")
        try:
            work()
        except Exception as error:
            traceback.print_exc()
            self.failed.append(f"{name}: {type(error).__name__}: {error}")

    def table(self) -> Iterable[str]:
        """The figures as Markdown, and below it what is missing."""
        if self.rows:
            yield "| what | figure | goal |"
            yield "|---|---|---|"
            yield from (f"| {' | '.join(row)} |" for row in self.rows)
            yield ""
        yield from (f"- not done: {line}" for line in self.missing)
        yield from (f"- FAILED: {line}" for line in self.failed)
