from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from full_disk import no_file_larger_than

from seq2exp_tracks.errors import OutputError
from seq2exp_tracks.io.parquet import write_parquet

SCHEMA = {"name": pa.string(), "length": pa.float64(), "flags": pa.list_(pa.string())}
ROWS = [
    {"name": "a", "length": 1.5, "flags": ("padded", "x"), "not asked for": 1},
    {"name": "b", "length": None, "flags": ()},
]


def test_rows_come_back_with_their_types_and_missing_values(tmp_path: Path) -> None:
    write_parquet(tmp_path / "t.parquet", SCHEMA, ROWS)
    table = pq.read_table(tmp_path / "t.parquet")
    assert table.schema == pa.schema(list(SCHEMA.items()))
    assert table.to_pylist() == [
        {"name": "a", "length": 1.5, "flags": ["padded", "x"]},
        {"name": "b", "length": None, "flags": []},
    ]


def test_the_same_rows_are_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_parquet(tmp_path / name, SCHEMA, ROWS)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_table_without_rows_has_its_columns(tmp_path: Path) -> None:
    write_parquet(tmp_path / "t.parquet", SCHEMA, [])
    assert pq.read_table(tmp_path / "t.parquet").column_names == ["name", "length", "flags"]


def test_a_file_that_cannot_be_written_whole_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    with no_file_larger_than(5), pytest.raises(OutputError) as caught:
        write_parquet(path, SCHEMA, ROWS)
    assert str(caught.value).startswith(f"{path}: cannot be written (File too large); ")
