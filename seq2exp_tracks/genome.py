"""The things of a genome: intervals, strands, genes, chromosome lengths.

Coordinates are 0-based and half-open, in base pairs, everywhere in this package; other conventions
(1-based GTF, samtools regions) are turned into this one where a file or an option is read.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from seq2exp_tracks.errors import InputError


class Strand(StrEnum):
    """The strand that a gene is read from."""

    PLUS = "+"
    MINUS = "-"


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """A stretch of one chromosome, 0-based and half-open: bases `start` to `end - 1`.

    Attributes:
        chrom: Name of the chromosome, as in the genome's FASTA.
        start: First base, counted from 0.
        end: One past the last base; greater than `start`.

    Raises:
        ValueError: If the interval is empty, reversed, or starts before 0.
    """

    chrom: str
    start: int
    end: int

    def __post_init__(self) -> None:
        if not self.chrom:
            raise ValueError("an interval needs the name of a chromosome")
        if self.start < 0 or self.end <= self.start:
            raise ValueError(f"not an interval: {self.chrom}:{self.start}-{self.end} (0-based, half-open)")

    def __len__(self) -> int:
        return self.end - self.start

    def __str__(self) -> str:
        """The interval as samtools and UCSC write it: 1-based, inclusive."""
        return f"{self.chrom}:{self.start + 1:,}-{self.end:,}"

    def contains(self, position: int) -> bool:
        """Tells whether a base (0-based) of the same chromosome lies inside."""
        return self.start <= position < self.end

    def overlap(self, other: Self) -> "Interval | None":
        """The bases that both share, or None where they share none."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        if self.chrom != other.chrom or end <= start:
            return None
        return Interval(self.chrom, start, end)


@dataclass(frozen=True, slots=True)
class Gene:
    """A gene as the model sees it: a transcription start site with a strand.

    Attributes:
        id: Unique identifier, an Ensembl id without version where the annotation has one.
        name: Symbol shown to people; the id where there is none.
        chrom: Name of the chromosome, as in the genome's FASTA.
        tss: Transcription start site, 0-based. It may lie off the chromosome: the window is padded.
        strand: Strand of the gene. Seq2Exp ignores it (every window is read on the plus strand); it
            decides the TSS and the track that predicted expression is written to.
    """

    id: str
    name: str
    chrom: str
    tss: int
    strand: Strand

    def __post_init__(self) -> None:
        if not self.id:
            raise ValueError(f"a gene needs an id: {self.name!r} at {self.chrom}:{self.tss}")


class ChromSizes(Mapping[str, int]):
    """Lengths of the chromosomes of a genome in their order, and the one authority on their names.

    Args:
        sizes: Length in base pairs by name, in the genome's order.

    Raises:
        ValueError: If there is no chromosome or a length is not positive.
    """

    def __init__(self, sizes: Mapping[str, int]) -> None:
        if not sizes:
            raise ValueError("a genome needs at least one chromosome")
        for name, length in sizes.items():
            if length <= 0:
                raise ValueError(f"chromosome {name!r} has length {length}")
        self._sizes = dict(sizes)
        self._ranks = {name: rank for rank, name in enumerate(sizes)}

    def __getitem__(self, chrom: str) -> int:
        return self._sizes[chrom]

    def __iter__(self) -> Iterator[str]:
        return iter(self._sizes)

    def __len__(self) -> int:
        return len(self._sizes)

    def __repr__(self) -> str:
        return f"ChromSizes({self._sizes!r})"

    def rank(self, chrom: str) -> int:
        """Position of a chromosome in the genome's order, for sorting."""
        return self._ranks[chrom]

    def resolve(self, name: str) -> str | None:
        """This genome's name for a chromosome that another file calls `name`.

        Ensembl and UCSC differ by the prefix `chr`, and in `MT` against `chrM`; nothing else is
        guessed.

        Returns:
            The name in this genome, or None where it has no such chromosome.
        """
        bare = name.removeprefix("chr")
        bare = "M" if bare == "MT" else bare
        for candidate in (name, f"chr{bare}", bare, "MT" if bare == "M" else bare):
            if candidate in self._sizes:
                return candidate
        return None

    def reconcile(self, theirs: Mapping[str, int], source: object) -> dict[str, str]:
        """Matches the chromosomes of another file with this genome's, by name and length.

        Args:
            theirs: Length by name, as the other file has them.
            source: The file, for the message.

        Returns:
            Their name for each of our chromosomes that they have.

        Raises:
            InputError: If no chromosome is shared, or a shared one differs in length.
        """
        names: dict[str, str] = {}
        for name, length in theirs.items():
            ours = self.resolve(name)
            if ours is None:
                continue
            if length != self[ours]:
                raise InputError(
                    f"{source}: {name} has {length:,} bp, but {ours} of the genome has {self[ours]:,}: "
                    "the file belongs to another assembly; use one made on the same genome"
                )
            names[ours] = name
        if not names:
            raise InputError(
                f"{source}: no chromosome in common with the genome "
                f"(file: {_some(theirs)}; genome: {_some(self._sizes)}); is it of the same assembly?"
            )
        return names


def _some(names: Mapping[str, int]) -> str:
    """The first few names of a file, for a message."""
    listed = list(names)
    return ", ".join(listed[:3]) + (", …" if len(listed) > 3 else "")
