"""Intervals that others called, as scores to compare with: BED, narrowPeak, or a table with a header.

A base or an element gets the highest score of the rows that cover it, and 0 where none does: a row of score 0
is called and ranks with what is not.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float64, Int64

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes, Gene, Interval
from seq2exp_tracks.io.bed import is_bed_comment, parse_bed_interval
from seq2exp_tracks.io.gene_index import without_version
from seq2exp_tracks.io.text import bad_line, numbered_lines

_CHROM, _START, _END = ("chrom", "chr"), ("start", "chromstart"), ("end", "chromend", "stop")
SCORE_COLUMNS = ("encode-re2g.score", "abc.score", "mean_score", "score")
"""Headers of the score in a table, upper and lower case alike; the first that is there counts."""
_GENE_IDS = ("gene_id", "targetgeneensembl_id", "ensembl_id")
_SYMBOLS = ("gene_name", "targetgene", "symbol")
_SIGNAL_VALUE = 6  # column of narrowPeak and broadPeak, from 0
_BED_SCORE = 4


@dataclass(frozen=True, slots=True)
class _Row:
    interval: Interval
    score: float | None
    genes: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class GivenIntervals:
    """Scored intervals.

    Attributes:
        rows: Start, end, and number of the row, ascending by start, by chromosome.
        scores: Score of each row.
        genes: Names of the gene of each row: id, symbol; none where it is of no one gene.
        longest: Length of the longest row.
    """

    rows: Mapping[str, Int64[np.ndarray, "rows 3"]]
    scores: Float64[np.ndarray, " all"]
    genes: Sequence[tuple[str, ...]]
    longest: int

    @classmethod
    def read(cls, path: Path, sizes: ChromSizes) -> "GivenIntervals":
        """Reads a file.

        The score is `SCORE_COLUMNS` of a table with a header, signalValue of a narrowPeak or broadPeak (by
        its name), column 5 of a BED; 1 where there is none, and where a BED has the same in all rows.

        Raises:
            InputError: If it is the table of MACS3 for people, a line is no interval, a score is no number or
                below 0, or no row lies on the genome.
        """
        if path.name.casefold().endswith((".xls", ".xls.gz")):
            raise InputError(f"{path}: MACS3's .xls counts bases from 1 and is no BED; give its narrowPeak")
        found = list(_rows(path, sizes))
        if not found:
            raise InputError(f"{path}: no interval on a chromosome of the genome; is it of another assembly?")
        scores = [row.score for row in found]
        known = np.array([1.0 if score is None else score for score in scores])
        if None in scores or (known == known[0]).all():
            known = np.ones(len(found))
        by_chrom: dict[str, list[tuple[int, int, int]]] = {}
        for number, row in enumerate(found):
            place = row.interval
            by_chrom.setdefault(place.chrom, []).append((place.start, place.end, number))
        rows = {chrom: np.array(sorted(places), np.int64) for chrom, places in by_chrom.items()}
        longest = max(len(row.interval) for row in found)
        return cls(rows, known, [row.genes for row in found], longest)

    def bases(self, interval: Interval) -> Float64[np.ndarray, " length"]:
        """The score of every base of an interval, by the rows of any gene."""
        values = np.zeros(len(interval))
        for start, end, number in self._near(interval):
            inside = values[max(start - interval.start, 0) : max(end - interval.start, 0)]
            np.maximum(inside, self.scores[number], out=inside)
        return values

    def covered(self, interval: Interval) -> Bool[np.ndarray, " length"]:
        """Which bases of an interval lie in a row, whatever its score."""
        inside = np.zeros(len(interval), bool)
        for start, end, _ in self._near(interval):
            inside[max(start - interval.start, 0) : max(end - interval.start, 0)] = True
        return inside

    def of_pair(self, element: Interval, gene: Gene) -> float:
        """The highest score of the rows that overlap an element: of the gene's where rows name genes."""
        names = {without_version(gene.id), gene.name}
        return max(
            (
                float(self.scores[number])
                for _, _, number in self._near(element)
                if not self.genes[number] or names.intersection(self.genes[number])
            ),
            default=0.0,
        )

    def _near(self, interval: Interval) -> Iterator[tuple[int, int, int]]:
        """The rows that overlap an interval."""
        rows = self.rows.get(interval.chrom)
        if rows is None:
            return
        first = int(np.searchsorted(rows[:, 0], interval.start - self.longest))
        last = int(np.searchsorted(rows[:, 0], interval.end))
        for start, end, number in rows[first:last].tolist():
            if end > interval.start:
                yield start, end, number


@dataclass(frozen=True, slots=True)
class _Columns:
    """Which columns of a file count, from 0; None for what it lacks."""

    chrom: int = 0
    start: int = 1
    end: int = 2
    score: int | None = None
    genes: tuple[int, ...] = ()


def _rows(path: Path, sizes: ChromSizes) -> Iterator[_Row]:
    """The rows on the genome; those past an end are cut there."""
    columns: _Columns | None = None
    for number, line in numbered_lines(path):
        cells = line.split("\t")
        if columns is None:
            header = _header(cells)
            if header is not None:
                columns = header
                continue
        if is_bed_comment(line):
            continue
        columns = columns or _of_bed(path, cells)
        most = max(columns.end, columns.score or 0, *columns.genes, columns.chrom, columns.start)
        if len(cells) <= most:
            raise bad_line(path, number, f"{len(cells)} columns, but {most + 1} are needed")
        place = [cells[columns.chrom], cells[columns.start], cells[columns.end]]
        name, start, end = parse_bed_interval(path, number, place)
        chrom = sizes.resolve(name)
        if chrom is None or start >= sizes[chrom]:
            continue
        genes = tuple(without_version(cells[column]) for column in columns.genes)
        named = tuple(gene for gene in genes if gene not in ("", ".", "NA"))
        score = None if columns.score is None else _score(path, number, cells[columns.score])
        yield _Row(Interval(chrom, start, min(end, sizes[chrom])), score, named)


def _header(cells: list[str]) -> _Columns | None:
    """The columns that a header names; None where the line is none."""
    names = [cell.lstrip("#").strip().casefold() for cell in cells]

    def place(wanted: Sequence[str]) -> int | None:
        return next((names.index(name) for name in wanted if name in names), None)

    chrom, start, end = place(_CHROM), place(_START), place(_END)
    if chrom is None or start is None or end is None:
        return None
    genes = tuple(found for wanted in (_GENE_IDS, _SYMBOLS) if (found := place(wanted)) is not None)
    return _Columns(chrom, start, end, place(SCORE_COLUMNS), genes)


def _of_bed(path: Path, cells: list[str]) -> _Columns:
    """The columns of a file without a header, by its name and its first row."""
    if ".narrowpeak" in path.name.casefold() or ".broadpeak" in path.name.casefold():
        return _Columns(score=_SIGNAL_VALUE)
    try:
        float(cells[_BED_SCORE])
    except (IndexError, ValueError):
        return _Columns()
    return _Columns(score=_BED_SCORE)


def _score(path: Path, number: int, cell: str) -> float:
    try:
        score = float(cell)
    except ValueError as error:
        raise bad_line(path, number, f"the score is {cell!r}, which is no number") from error
    if not 0 <= score < np.inf:
        raise bad_line(path, number, f"the score is {cell}; scores are numbers from 0 up")
    return score
