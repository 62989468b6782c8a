"""Finding: one thing that was looked at, and what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from seq2exp_tracks.errors import TracksError


class Level(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    NOTE = "note"  # good to know
    WARN = "warn"  # probably a mistake
    BAD = "bad"  # a mistake, or scoring would refuse it


@dataclass(frozen=True, slots=True)
class Finding:
    """A line of the checkup.

    Attributes:
        section: Part of the checkup: `installation`, `genome`, `genes`, `signals`, `contacts`, `checkpoint`
            or `needs`.
        level: How bad it is.
        what: What was found, with the file or the value that it is about.
        way_out: What to do about it; empty where there is nothing to do.
    """

    section: str
    level: Level
    what: str
    way_out: str = ""

    @classmethod
    def of_error(cls, section: str, error: TracksError) -> Self:
        """What scoring would refuse; its message ends with the way out."""
        what, semicolon, way_out = str(error).rpartition("; ")
        return cls(section, Level.BAD, what if semicolon else str(error), way_out if semicolon else "")

    def __str__(self) -> str:
        arrow = f"  →  {self.way_out}" if self.way_out else ""
        return f"{self.level:<4}  {self.what}{arrow}"


def worst(findings: Iterable[Finding]) -> Level:
    """The worst level of all; `ok` where there are none."""
    order = list(Level)
    return max((finding.level for finding in findings), key=order.index, default=Level.OK)
