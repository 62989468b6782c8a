"""The scores of a shard in a file: exactly as the model gave them, a row a gene.

A parquet file, one row group a window, so that neither who writes nor who reads holds more than one. Most of
it is the learned mask and its spread, whose bytes are sorted by place before they are compressed. The applied
mask is the learned one nearly everywhere, so that its bits are kept as what differs from that one's.
docs/formats.md describes the columns.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from jaxtyping import Shaped

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.io.writing import writing
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.windows import Window

_SCHEMA = pa.schema(
    [
        pa.field("gene_id", pa.string()),
        pa.field("expression", pa.float64()),
        pa.field("imputed", pa.list_(pa.string())),
        pa.field("learned", pa.list_(pa.float32())),
        pa.field("sd", pa.list_(pa.float32())),
        pa.field("applied_xor_learned", pa.list_(pa.uint32())),
        pa.field("excluded", pa.list_(pa.bool_())),
        pa.field("contact", pa.list_(pa.float32())),
    ]
)
_BY_PLACE = {f"{name}.list.element": "BYTE_STREAM_SPLIT" for name in ("learned", "sd")}
# A window's contacts are some dozens of values, each for many bases.
_REPEATED = ["contact.list.element"]


class ShardFile:
    """Writes the scores of a shard; a context manager.

    Args:
        file: An open file, which stays open; Arrow asks of it to `write`, `tell`, `flush` and `close`.
        path: Its name, for messages.
        provenance: What the file is to say of its origin.

    Raises:
        OutputError: If it cannot be written, also later, when the disk is full.
    """

    def __init__(self, file: Any, path: Path, provenance: str) -> None:
        self._file, self._path = file, path
        self._schema = _SCHEMA.with_metadata({"prov": provenance})

    def __enter__(self) -> Self:
        with writing(self._path):
            self._writer = pq.ParquetWriter(
                self._file,
                self._schema,
                compression="zstd",
                compression_level=1,
                use_dictionary=_REPEATED,
                column_encoding=_BY_PLACE,
                write_statistics=False,
                write_page_checksum=True,
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with writing(self._path):
            self._writer.close()

    def add(self, scores: WindowScores) -> None:
        """Writes one window."""
        applied = scores.applied.view(np.uint32) ^ scores.learned.view(np.uint32)
        columns = [
            pa.array([scores.window.gene.id]),
            pa.array([scores.expression]),
            pa.array([list(scores.imputed)], pa.list_(pa.string())),
            _row(scores.learned, pa.float32()),
            _row(scores.sd, pa.float32()),
            _row(applied, pa.uint32()),
            _row(scores.excluded, pa.bool_()),
            pa.array([None], pa.list_(pa.float32()))
            if scores.contact is None
            else _row(scores.contact, pa.float32()),
        ]
        with writing(self._path):
            self._writer.write_table(pa.Table.from_arrays(columns, schema=self._schema))


def read_scores(path: Path, windows: Sequence[Window]) -> Iterator[WindowScores]:
    """The scores of a shard, window by window.

    Args:
        path: The file.
        windows: The windows of its genes, in their order.

    Raises:
        InputError: If the file is damaged or holds other windows.
    """
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            if file.num_row_groups != len(windows):
                raise InputError(f"{path}: holds {file.num_row_groups} windows, and not {len(windows)}")
            for group, window in enumerate(windows):
                yield _scores(path, file.read_row_group(group), window)
    except (OSError, ValueError, LookupError, TypeError, pa.ArrowException) as error:
        raise InputError(f"{path}: damaged ({' '.join(str(error).split())[:200]})") from error


def _scores(path: Path, table: pa.Table, window: Window) -> WindowScores:
    found = table["gene_id"][0].as_py()
    if found != window.gene.id:
        raise InputError(f"{path}: holds {found} where {window.gene.id} is expected")
    bases = len(window.inside)
    learned = _values(table, "learned", np.float32, bases)
    applied = _values(table, "applied_xor_learned", np.uint32, bases) ^ learned.view(np.uint32)
    return WindowScores(
        window=window,
        learned=learned,
        sd=_values(table, "sd", np.float32, bases),
        applied=applied.view(np.float32),
        excluded=_values(table, "excluded", np.bool_, bases),
        expression=table["expression"][0].as_py(),
        imputed=tuple(table["imputed"][0].as_py()),
        contact=_values(table, "contact", np.float32, bases) if table["contact"][0].is_valid else None,
    )


def _row(values: Shaped[np.ndarray, " inside"], kind: pa.DataType) -> pa.Array:
    """An array as the one value of a row."""
    return pa.ListArray.from_arrays(pa.array([0, len(values)], pa.int32()), pa.array(values, kind))


def _values(table: pa.Table, name: str, kind: type[np.generic], bases: int) -> Shaped[np.ndarray, " inside"]:
    """The array of the one row of a table, in memory of its own.

    Raises:
        ValueError: If it is not of so many bases.
    """
    values = table[name].chunk(0).flatten().to_numpy(zero_copy_only=False)
    if len(values) != bases:
        raise ValueError(f"{name} of {len(values)} bases, and not {bases}")
    return np.array(values, kind)
