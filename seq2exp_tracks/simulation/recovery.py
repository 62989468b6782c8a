"""How much of the planted truth called elements cover, against what chance would cover."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Bool

from seq2exp_tracks.genome import Interval
from seq2exp_tracks.io.tables import Table, read_table
from seq2exp_tracks.io.text import bad_line
from seq2exp_tracks.manifest import Manifest
from seq2exp_tracks.simulation.elements import ElementClass


@dataclass(frozen=True, slots=True)
class Recovery:
    """Shares of bases that called elements cover, all of scored bases only.

    Attributes:
        by_chance: Share of all scored bases that is called: what calls without any knowledge would cover.
        covered: Share of the bases of each class of planted elements that is called; classes without a
            scored base are left out.
        active: Number of planted active elements with a scored base.
        found: How many of them are called over at least half of their scored bases.
    """

    by_chance: float
    covered: Mapping[ElementClass, float]
    active: int
    found: int

    def __str__(self) -> str:
        """One line for people."""
        names = {
            ElementClass.PROMOTER: "promoters",
            ElementClass.ENHANCER: "enhancers",
            ElementClass.PEAK_DECOY: "open decoys",
            ElementClass.MOTIF_DECOY: "closed decoys",
        }
        shares = ", ".join(
            f"{name} {self.covered[kind]:.0%}" for kind, name in names.items() if kind in self.covered
        )
        return (
            f"called elements cover {self.found} of {self.active} planted active elements by half or more; "
            f"bases covered: {shares}, by chance {self.by_chance:.0%}"
        )


def recovered(
    truth: Mapping[Interval, ElementClass], called: Iterable[Interval], scored: Sequence[Interval]
) -> Recovery:
    """Compares called elements with the planted ones, base by base.

    Args:
        truth: Class of every planted element.
        called: Called elements of any genes; they may overlap.
        scored: Windows that were scored; they may overlap. At least one.
    """
    in_window = _bases(scored, _lengths([*truth, *scored]))
    in_call = _bases(called, {chrom: len(bases) for chrom, bases in in_window.items()})
    inside: dict[ElementClass, int] = dict.fromkeys(ElementClass, 0)
    hit: dict[ElementClass, int] = dict.fromkeys(ElementClass, 0)
    active = found = 0
    for place, kind in truth.items():
        window = in_window[place.chrom][place.start : place.end]
        call = in_call[place.chrom][place.start : place.end] & window
        bases, hits = int(window.sum()), int(call.sum())
        inside[kind] += bases
        hit[kind] += hits
        if kind.is_active and bases:
            active += 1
            found += 2 * hits >= bases
    scored_bases = sum(int(bases.sum()) for bases in in_window.values())
    called_bases = sum(int((in_call[chrom] & bases).sum()) for chrom, bases in in_window.items())
    covered = {kind: hit[kind] / inside[kind] for kind in ElementClass if inside[kind]}
    return Recovery(called_bases / scored_bases, covered, active, found)


def recovery_of_run(run: Path, truth: Path) -> Recovery:
    """Compares the called elements of a run over a simulated genome with its truth.

    Args:
        run: Folder of the run.
        truth: The `truth.bed` of the genome.

    Raises:
        InputError: If the folder holds no run, or a file is damaged.
    """
    beds = {entry.content: run / entry.path for entry in Manifest.read(run).files if entry.kind == "bed"}
    called = _intervals(read_table(beds["elements"]), "start", "end")
    scored = _intervals(read_table(beds["genes"]), "window_start", "window_end")
    return recovered(read_truth(truth), called, scored)


def read_truth(path: Path) -> dict[Interval, ElementClass]:
    """Reads the planted elements of a simulated genome's `truth.bed`.

    Raises:
        InputError: If the file is not of that kind.
    """
    table = read_table(path)
    kinds = table.text(table.require(("class",)))
    truth = {}
    for line, place, kind in zip(table.lines, _intervals(table, "start", "end"), kinds, strict=True):
        try:
            truth[place] = ElementClass(kind)
        except ValueError as error:
            raise bad_line(path, line, f"no planted element: {error}") from error
    return truth


def _intervals(table: Table, start: str, end: str) -> list[Interval]:
    """The intervals of a table that names its columns; `start` and `end` name the two that count."""
    columns = [table.text(table.require((name,))) for name in ("chrom", start, end)]
    places = []
    for line, chrom, first, last in zip(table.lines, *columns, strict=True):
        try:
            places.append(Interval(chrom, int(first), int(last)))
        except ValueError as error:
            raise bad_line(table.path, line, str(error)) from error
    return places


def _lengths(places: Iterable[Interval]) -> dict[str, int]:
    """Room that the places need on each chromosome."""
    lengths: dict[str, int] = {}
    for place in places:
        lengths[place.chrom] = max(lengths.get(place.chrom, 0), place.end)
    return lengths


def _bases(places: Iterable[Interval], lengths: Mapping[str, int]) -> dict[str, Bool[np.ndarray, " bases"]]:
    """Which bases of each chromosome lie in one of the places."""
    inside = {chrom: np.zeros(length, bool) for chrom, length in lengths.items()}
    for place in places:
        if place.chrom in inside:
            inside[place.chrom][place.start : place.end] = True
    return inside
