"""Lines of GTF and GFF3 as tables, one for each kind of line, read at the speed of the disk.

An annotation of a genome has millions of lines. pyarrow parses them in blocks, and of their attributes only
those that are asked for. Both formats are 1-based and inclusive; the tables are 0-based and half-open.
"""

import codecs
import gzip
import io
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from seq2exp_tracks.errors import InputError

_COLUMNS = ["chrom", "source", "kind", "start", "end", "score", "strand", "frame", "attributes"]
_TYPES = {
    "chrom": pa.string(),
    "kind": pa.string(),
    "start": pa.int64(),
    "end": pa.int64(),
    "strand": pa.string(),
    "attributes": pa.string(),
}
_BLOCK = 8 << 20
_GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Lines to read.

    Attributes:
        takes: Tells of kinds of lines (the third column) whether they are wanted.
        attributes: Regular expression of each column that is made of the attributes; what its group `value`
            matches first is the column's value.
    """

    takes: Callable[[pa.ChunkedArray], pa.ChunkedArray]
    attributes: Mapping[str, str]


def read_lines(path: Path, wanted: Mapping[str, Wanted]) -> dict[str, pa.Table]:
    """Reads the lines of an annotation that are wanted.

    Args:
        path: GTF or GFF3, plain or gzipped.
        wanted: The lines that make each table, by its name.

    Returns:
        Tables with the columns `place` (chromosome and strand), `chrom`, `start`, `end`, `strand` and those
        of the attributes, null where a line has none.

    Raises:
        InputError: If the file cannot be read, or a line is malformed.
    """
    parts = {name: [_chosen(path, _no_lines(), lines)] for name, lines in wanted.items()}
    try:
        with _opened(path) as file:
            for batch in _batches(file):
                lines = pa.Table.from_batches([batch])
                for name, part in parts.items():
                    part.append(_chosen(path, lines, wanted[name]))
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, pa.ArrowInvalid) as error:
        reason = " ".join(str(getattr(error, "strerror", None) or error).split())[:200]
        raise InputError(f"{path}: cannot be read as GTF or GFF3: {reason}") from error
    return {name: pa.concat_tables(tables).combine_chunks() for name, tables in parts.items()}


class _Utf8(io.RawIOBase):
    """A file of bytes, as long as they are UTF-8: pyarrow shows comments that are not as an error of its own.

    Args:
        file: The file; it is closed with this one.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._decoder = file, codecs.getincrementaldecoder("utf-8")()

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int = -1) -> bytes:
        """The next bytes.

        Raises:
            UnicodeDecodeError: If they are no text.
        """
        data = self._file.read(size)
        self._decoder.decode(data, final=not data)
        return data

    def close(self) -> None:
        """Closes the file."""
        self._file.close()
        super().close()


def _opened(path: Path) -> _Utf8:
    with path.open("rb") as file:
        gzipped = file.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC
    return _Utf8(gzip.open(path) if gzipped else path.open("rb"))  # type: ignore[arg-type] # reads bytes as well


def _batches(file: _Utf8) -> csv.CSVStreamingReader | tuple[()]:
    ended = False

    def other_line(row: csv.InvalidRow) -> str:
        """A comment, or the sequences that may follow a GFF3 after the line ##FASTA."""
        nonlocal ended
        ended = ended or row.text.startswith("##FASTA")
        return "skip" if ended or row.text.startswith("#") or not row.text.strip() else "error"

    try:
        return csv.open_csv(
            file,
            read_options=csv.ReadOptions(column_names=_COLUMNS, block_size=_BLOCK, use_threads=False),
            parse_options=csv.ParseOptions(delimiter="\t", quote_char=False, invalid_row_handler=other_line),
            convert_options=csv.ConvertOptions(column_types=_TYPES, include_columns=list(_TYPES)),
        )
    except pa.ArrowInvalid as error:
        if "Empty CSV" in str(error):
            return ()
        raise


def _no_lines() -> pa.Table:
    return pa.schema(list(_TYPES.items())).empty_table()


def _chosen(path: Path, lines: pa.Table, wanted: Wanted) -> pa.Table:
    chosen = lines.filter(wanted.takes(lines["kind"]))
    bad = pc.or_(pc.less(chosen["start"], 1), pc.greater(chosen["start"], chosen["end"]))
    bad = pc.fill_null(bad, True)  # an empty cell
    if pc.any(bad).as_py():
        line = chosen.filter(bad).slice(0, 1).to_pylist()[0]
        place = f"{line['chrom']} {line['start']} {line['end']}"
        raise InputError(f"{path}: not an interval: {place} (1-based, inclusive); mend the {line['kind']}")
    columns = {
        "place": pc.binary_join_element_wise(chosen["chrom"], chosen["strand"], "\t"),
        "chrom": chosen["chrom"],
        "start": pc.subtract(chosen["start"], 1),
        "end": chosen["end"],
        "strand": chosen["strand"],
    }
    for name, pattern in wanted.attributes.items():
        columns[name] = pc.struct_field(pc.extract_regex(chosen["attributes"], pattern), "value")
    return pa.table(columns)
