from pathlib import Path

import pytest
from full_disk import no_file_larger_than

from seq2exp_tracks.errors import OutputError
from seq2exp_tracks.io.bed_writer import BedWriter, write_bed


def test_columns_are_named_in_a_header_line_and_rows_are_tab_separated(tmp_path: Path) -> None:
    write_bed(tmp_path / "a.bed", ("chrom", "start", "score"), [("chr1", 0, "0.500"), ("chr2", 7, 1.5)])
    assert (tmp_path / "a.bed").read_bytes() == b"#chrom\tstart\tscore\nchr1\t0\t0.500\nchr2\t7\t1.5\n"


def test_missing_fields_are_dots_and_white_space_cannot_break_a_row(tmp_path: Path) -> None:
    write_bed(tmp_path / "a.bed", ("a", "b", "c"), [(None, "", "two\twords here\n")])
    assert (tmp_path / "a.bed").read_text().splitlines()[1] == ".\t.\ttwo_words_here"


def test_a_row_of_the_wrong_length_is_refused_and_the_file_removed(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="1 fields for 2 columns"):
        write_bed(tmp_path / "a.bed", ("a", "b"), [("x",)])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("rows", [10, 100_000])
def test_a_file_that_cannot_be_written_whole_is_one_line_and_leaves_no_file(
    tmp_path: Path, rows: int
) -> None:
    path = tmp_path / "a.bed"
    with no_file_larger_than(5), pytest.raises(OutputError) as caught:
        write_bed(path, ("a",), [("x",)] * rows)
    assert str(caught.value).startswith(f"{path}: cannot be written (File too large); ")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"no/a\.bed: cannot be written \(No such file"):
        BedWriter(tmp_path / "no" / "a.bed", ("a",))
