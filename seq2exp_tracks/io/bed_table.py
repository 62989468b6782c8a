"""Reads a BED file that names its columns, such as those that a run writes, as one table.

Whole and at once, column by column: a genome has some million elements.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import IO

import pyarrow as pa
from pyarrow import csv

from seq2exp_tracks.errors import InputError

MISSING = "."

# Names of columns are no longer than this; a file that has no lines is not read as one.
_LONGEST_LINE = 1 << 16


def read_bed_table(path: Path, columns: Mapping[str, pa.DataType]) -> pa.Table:
    """Reads named columns of a BED file.

    Args:
        path: The file; before its rows a line is `#` and the names of the columns, between tabs. Other lines
            may begin with `#` before it.
        columns: Type of each column that is wanted, by name. A column that the file lacks is all null.

    Returns:
        One row a line, in the file's order; `.` is null.

    Raises:
        InputError: If the file cannot be read, or a value is not of its column's type.
    """
    try:
        with path.open("rb") as file:
            header = _header(file)
            if not header.startswith("#chrom"):
                raise InputError(f"{path}: its first line does not name the columns; was it edited?")
            table = csv.read_csv(
                file,
                read_options=csv.ReadOptions(column_names=header[1:].rstrip("\n").split("\t")),
                parse_options=csv.ParseOptions(delimiter="\t", quote_char=False),
                convert_options=csv.ConvertOptions(
                    column_types=dict(columns),
                    include_columns=list(columns),
                    include_missing_columns=True,
                    null_values=[MISSING],
                    strings_can_be_null=True,
                    quoted_strings_can_be_null=False,
                ),
            )
    except (OSError, UnicodeDecodeError, pa.ArrowInvalid) as error:
        if isinstance(error, pa.ArrowInvalid) and "Empty CSV" in str(error):
            return pa.schema(list(columns.items())).empty_table()
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"{path}: cannot be read ({reason}); was the run copied whole?") from error
    return table


def _header(file: IO[bytes]) -> str:
    """The line that names the columns; that before the rows if none does. The file is then at the rows."""
    line = file.readline(_LONGEST_LINE)
    while line.startswith(b"#") and not line.startswith(b"#chrom"):
        line = file.readline(_LONGEST_LINE)
    return line.decode()
