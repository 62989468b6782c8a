"""Writes a table as parquet, the same bytes for the same rows: it holds neither time nor place."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from seq2exp_tracks.io.writing import writing


def write_parquet(
    path: Path,
    schema: Mapping[str, pa.DataType],
    rows: Sequence[Mapping[str, object]],
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Writes rows as a parquet file, compressed with zstd.

    Args:
        path: The file to write; an existing one is replaced.
        schema: Type of each column, in their order.
        rows: One mapping a row with a value, or None, for every column.
        metadata: What the file is to say of itself, by key.

    Raises:
        OutputError: If the file cannot be written.
    """
    fields = pa.schema([pa.field(name, kind) for name, kind in schema.items()], metadata)
    columns = [pa.array([row[name] for row in rows], kind) for name, kind in schema.items()]
    table = pa.Table.from_arrays(columns, schema=fields)
    # Through a file of Python's own: Arrow's says of a full disk only that writing failed.
    with writing(path), path.open("wb") as file:
        pq.write_table(table, file, compression="zstd")
