"""Tables of text with a header: TSV or CSV, plain or gzipped, read whole."""

import csv
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float64

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.io.text import bad_line, numbered_lines

# What programs write for "not known" (R, pandas, spreadsheets).
_MISSING = frozenset({"", "na", "nan", "n/a", "none", "null", "."})


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A table as text.

    Attributes:
        path: The file.
        columns: Names of the columns; a `#` before the first is dropped.
        rows: The cells of each row, as many as there are columns.
        lines: Line of the file on which each row stands, counted from 1.
    """

    path: Path
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]

    def find(self, names: Sequence[str]) -> str | None:
        """The first of several names that is a column here; upper and lower case count the same."""
        ours = {column.casefold(): column for column in reversed(self.columns)}
        return next((ours[name.casefold()] for name in names if name.casefold() in ours), None)

    def require(self, names: Sequence[str]) -> str:
        """Like `find`, for a column that cannot be done without.

        Raises:
            InputError: If there is none; names the file, the column and the columns present.
        """
        column = self.find(names)
        if column is None:
            raise InputError(
                f"{self.path}: no column {' or '.join(names)}; its columns are {', '.join(self.columns)}"
            )
        return column

    def text(self, column: str) -> list[str]:
        """The cells of a column."""
        if self.columns.count(column) > 1:
            raise InputError(f"{self.path}: several columns are called {column}; leave one of them")
        place = self.columns.index(column)
        return [row[place] for row in self.rows]

    def numbers(self, column: str) -> Float64[np.ndarray, " rows"]:
        """The numbers of a column, NaN where a cell says that it is not known.

        Raises:
            InputError: If a cell is no number, or infinite.
        """
        values = np.empty(len(self.rows))
        for row, (line, cell) in enumerate(zip(self.lines, self.text(column), strict=True)):
            values[row] = _number(cell)
            if math.isinf(values[row]):
                raise bad_line(self.path, line, f"{column} is {cell!r}, which is no number")
        return values


def read_table(path: str | Path) -> Table:
    """Reads a table: separated by tabs if its header holds one, by commas otherwise.

    Raises:
        InputError: If the file is missing, empty, or a row has more or fewer cells than the header.
    """
    path = Path(path)
    lines = _numbered_cells(path)
    header = next(lines, None)
    if header is None:
        raise InputError(f"{path}: empty: a table begins with a line of column names")
    columns = (header[1][0].lstrip("#").strip(), *(name.strip() for name in header[1][1:]))
    rows, numbers = [], []
    for number, cells in lines:
        if len(cells) != len(columns):
            raise bad_line(path, number, f"{len(cells)} cells, but the header names {len(columns)} columns")
        rows.append(tuple(cells))
        numbers.append(number)
    return Table(path, columns, tuple(rows), tuple(numbers))


def _numbered_cells(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Splits the lines of a file into cells; empty lines are skipped, and what files of runs begin with."""
    separator = None
    for number, line in numbered_lines(path):
        if not line.strip() or (separator is None and line.startswith("#seq2exp-tracks ")):
            continue
        separator = separator or ("\t" if "\t" in line else ",")
        try:
            cells = next(csv.reader([line], delimiter=separator, strict=True))
        except csv.Error as error:
            raise bad_line(path, number, f"cells cannot be told apart: {error}") from error
        yield number, [cell.strip() for cell in cells]


def _number(cell: str) -> float:
    """A cell as a number: NaN where it is not known, infinity where it is no number."""
    if cell.casefold() in _MISSING:
        return math.nan
    try:
        return float(cell)
    except ValueError:
        return math.inf
