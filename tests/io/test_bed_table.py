"""Tables of a run are read whole, column by column."""

from pathlib import Path

import pyarrow as pa
import pytest

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.io.bed_table import read_bed_table

COLUMNS = {"chrom": pa.string(), "start": pa.int64(), "score": pa.float64(), "contact": pa.float64()}


def written(folder: Path, text: str) -> Path:
    path = folder / "elements.bed"
    path.write_text(text)
    return path


def test_columns_are_found_by_name_and_a_dot_is_null(tmp_path: Path) -> None:
    path = written(tmp_path, '#chrom\tscore\tstart\nchr1\t0.5\t10\nchr"2\t.\t20\n')
    assert read_bed_table(path, COLUMNS).to_pylist() == [
        {"chrom": "chr1", "start": 10, "score": 0.5, "contact": None},
        {"chrom": 'chr"2', "start": 20, "score": None, "contact": None},
    ]


def test_a_file_without_rows_is_an_empty_table(tmp_path: Path) -> None:
    table = read_bed_table(written(tmp_path, "#chrom\tstart\tscore\n"), COLUMNS)
    assert table.schema == pa.schema(list(COLUMNS.items()))
    assert table.num_rows == 0


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("chr1\t10\t0.5\n", "first line does not name the columns"),
        ("", "first line does not name the columns"),
        ("#chrom\tstart\nchr1\tten\n", r"cannot be read .*ten.*copied whole\?"),
        ("#chrom\tstart\nchr1\t10\t20\n", r"cannot be read .*Expected 2 columns.*copied whole\?"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(InputError, match=rf"elements.bed: .*{problem}"):
        read_bed_table(written(tmp_path, text), COLUMNS)


def test_a_file_that_is_gone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone.bed: cannot be read .*No such file"):
        read_bed_table(tmp_path / "gone.bed", COLUMNS)
