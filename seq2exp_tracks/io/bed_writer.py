"""Writes BED: tab-separated rows of which the first six columns are BED's own, the rest ours.

A header line that starts with `#` names the columns, as bedtools and UCSC allow. One before it may say what
made the file.
"""

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType

from seq2exp_tracks.io.whole_file import partial_path, publish
from seq2exp_tracks.io.writing import writing

Field = str | int | float | None


class BedWriter:
    """A BED file that is written row by row; a context manager.

    The file takes its name when the block ends without an error; else nothing is left of it.

    Args:
        path: The file to write; an existing one is replaced when the new one is whole.
        columns: Names of the columns.
        first: A line before them that begins with `#`, without its end; none if it is empty.

    Raises:
        OutputError: If the file cannot be written, also later, when the disk is full.
    """

    def __init__(self, path: Path, columns: Sequence[str], first: str = "") -> None:
        self._path = path
        self._columns = tuple(columns)
        with writing(path):
            self._file = partial_path(path).open("w", encoding="utf-8", newline="\n")
            self._file.write((f"{first}\n" if first else "") + "#" + "\t".join(columns) + "\n")

    def __enter__(self) -> "BedWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            with writing(self._path):
                self._file.close()
            if kind is None:
                publish(self._path)
        finally:
            partial_path(self._path).unlink(missing_ok=True)

    def write(self, row: Sequence[Field]) -> None:
        """Writes one row.

        Args:
            row: As many fields as there are columns. A missing or empty one is written as `.`; white
                space within a name becomes `_`, since it would end the field.

        Raises:
            ValueError: If the number of fields is wrong.
        """
        if len(row) != len(self._columns):
            raise ValueError(f"{self._path.name}: {len(row)} fields for {len(self._columns)} columns: {row}")
        with writing(self._path):
            self._file.write(bed_line(row))

    def copy_rows(self, rows: Path) -> None:
        """Writes the lines of a file as they are."""
        with writing(self._path), rows.open(encoding="utf-8", newline="\n") as file:
            shutil.copyfileobj(file, self._file)


def write_bed(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Field]], first: str = "") -> None:
    """Writes a whole BED file; see `BedWriter`."""
    with BedWriter(path, columns, first) as file:
        for row in rows:
            file.write(row)


def join_bed(path: Path, columns: Sequence[str], parts: Sequence[Path], first: str = "") -> None:
    """Writes a BED file of files that hold its rows, in their order; these are removed.

    Args:
        path: The file to write.
        columns: Names of the columns.
        parts: Files of lines as `bed_line` makes them.
        first: A line before the names; see `BedWriter`.

    Raises:
        OutputError: If the file cannot be written.
    """
    with BedWriter(path, columns, first) as file:
        for part in parts:
            file.copy_rows(part)
            part.unlink()


def bed_line(row: Sequence[Field]) -> str:
    """A row as it is written: a missing or empty field is `.`, white space in a name is `_`."""
    return "\t".join(map(bed_text, row)) + "\n"


def bed_text(field: Field) -> str:
    """A field as it is written: `.` for what is missing, and no white space."""
    if field is None:
        return "."
    if isinstance(field, str):
        return "_".join(field.split()) or "."
    return str(field)
