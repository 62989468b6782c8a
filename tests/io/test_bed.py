import gzip

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes, Interval
from seq2exp_tracks.io.bed import IntervalSet, read_intervals

SIZES = ChromSizes({"chr1": 60, "chr2": 30})
PLACES = st.tuples(st.integers(0, 59), st.integers(1, 60)).filter(lambda place: place[0] < place[1])


def write(folder, text):
    path = folder / "blacklist.bed"
    path.write_text(text)
    return path


@given(places=st.lists(PLACES, max_size=12), asked=PLACES)
def test_the_mask_covers_the_bases_that_a_plain_loop_covers(tmp_path_factory, places, asked):
    path = write(tmp_path_factory.mktemp("bed"), "".join(f"chr1\t{start}\t{end}\n" for start, end in places))
    expected = [any(start <= base < end for start, end in places) for base in range(*asked)]
    assert IntervalSet.from_bed(path, SIZES).mask(Interval("chr1", *asked)).tolist() == expected


@given(places=st.lists(PLACES, min_size=1, max_size=12))
def test_intervals_come_ascending_and_apart(tmp_path_factory, places):
    path = write(tmp_path_factory.mktemp("bed"), "".join(f"chr1\t{start}\t{end}\n" for start, end in places))
    merged = read_intervals(path, SIZES)[0]["chr1"]
    assert merged.dtype == np.int64
    assert (merged[:, 0] < merged[:, 1]).all()
    assert (merged[1:, 0] > merged[:-1, 1]).all()


def test_comments_headers_and_further_columns_are_passed_over(tmp_path):
    path = write(
        tmp_path,
        'track name="x y"\nbrowser position chr1\n# made by hand\n\nchr1\t5\t9\tname\t0\t+\r\nchr2\t1\t2\n',
    )
    intervals, dropped = read_intervals(path, SIZES)
    assert {chrom: rows.tolist() for chrom, rows in intervals.items()} == {"chr1": [[5, 9]], "chr2": [[1, 2]]}
    assert dropped == 0


def test_a_gzipped_file_is_told_by_its_content(tmp_path):
    path = tmp_path / "blacklist.bed"
    path.write_bytes(gzip.compress(b"chr1\t5\t9\n"))
    assert read_intervals(path, SIZES)[0]["chr1"].tolist() == [[5, 9]]


def test_rows_on_chromosomes_that_the_genome_lacks_are_counted(tmp_path):
    path = write(tmp_path, "1\t0\t3\nchrUn\t5\t9\nchr2_alt\t0\t5\nchr1\t10\t20\n")
    found = IntervalSet.from_bed(path, SIZES)
    assert found.dropped == 2
    assert found.intervals["chr1"].tolist() == [[0, 3], [10, 20]]
    assert not found.mask(Interval("chr2", 0, 30)).any()


def test_it_is_an_error_if_no_row_is_left(tmp_path):
    with pytest.raises(InputError, match=r"blacklist\.bed: none of its 2 intervals"):
        read_intervals(write(tmp_path, "chr3\t0\t3\nchrUn\t5\t9\n"), SIZES)


def test_a_file_without_rows_covers_nothing(tmp_path):
    assert read_intervals(write(tmp_path, "# none known\n"), SIZES) == ({}, 0)


def test_an_interval_over_the_end_is_cut_and_one_past_it_refused(tmp_path):
    assert read_intervals(write(tmp_path, "chr2\t20\t99\n"), SIZES)[0]["chr2"].tolist() == [[20, 30]]
    with pytest.raises(InputError, match=r"blacklist\.bed:1: chr2:30-99 lies past the end of chr2 \(30 bp\)"):
        read_intervals(write(tmp_path, "chr2\t30\t99\n"), SIZES)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("chr1 5 9", "1 columns, BED needs at least 3"),
        ("chr1\t5", "2 columns, BED needs at least 3"),
        ("chr1\tfive\t9", "not an interval: chr1 five 9"),
        ("chr1\t-5\t9", "not an interval: chr1 -5 9"),
        ("chr1\t9\t9", "not an interval: chr1 9 9"),
        ("chr1\t9\t5", "not an interval: chr1 9 5"),
    ],
)
def test_a_malformed_line_is_named_with_its_number(tmp_path, line, problem):
    with pytest.raises(InputError) as caught:
        read_intervals(write(tmp_path, f"chr1\t0\t3\n{line}\n"), SIZES)
    assert f"blacklist.bed:2: {problem}" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (gzip.compress(b"chr1\t0\t3\n" * 999, mtime=0)[:30], "cannot be read"),
        (b"\x1f\x8bnot gzip", "cannot be read"),
        (b"chr1\t0\t3\n\xff\xfe\n", "not a text file"),
    ],
)
def test_a_damaged_file_is_one_line(tmp_path, content, problem):
    path = tmp_path / "blacklist.bed"
    path.write_bytes(content)
    with pytest.raises(InputError, match=problem):
        read_intervals(path, SIZES)


def test_a_missing_file_is_one_line(tmp_path):
    with pytest.raises(InputError, match=r"none\.bed: cannot be read: No such file"):
        read_intervals(tmp_path / "none.bed", SIZES)
