"""One of the parts that a run's shards are dealt to: jobs of an array, or machines that share a disk."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from seq2exp_tracks.shards.plan import Shard, part_of

LOCKS = "part-*.lock"
"""Names of the files, in the folder of shards, that say who computes a part."""


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """One of the parts of a run.

    Attributes:
        of: How many parts there are.
        number: Which one, counted from 1.
    """

    of: int
    number: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= self.of:
            raise ValueError(f"{self}: there are parts 1/{self.of} to {self.of}/{self.of}")

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads `2/8`.

        Raises:
            ValueError: If it is something else, or there is no such part.
        """
        found = re.fullmatch(r"([0-9]{1,9})/([0-9]{1,9})", text)
        if found is None:
            raise ValueError(f"{text!r} is not I/N, for example 2/8")
        return cls(of=int(found[2]), number=int(found[1]))

    @classmethod
    def of_lock(cls, name: str) -> Self:
        """The part whose lock has a name.

        Raises:
            ValueError: If it is the name of another file.
        """
        found = re.fullmatch(r"part-(\d+)-of-(\d+)\.lock", name)
        if found is None:
            raise ValueError(f"{name} is not the lock of a part")
        return cls(of=int(found[2]), number=int(found[1]))

    @property
    def lock(self) -> str:
        """Name of the file that says who computes it."""
        return f"part-{self.number}-of-{self.of}.lock"

    def shards(self, shards: Sequence[Shard]) -> list[Shard]:
        """Its own of all shards."""
        return part_of(shards, self.number, self.of)
