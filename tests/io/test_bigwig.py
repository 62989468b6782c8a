import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_files import write_bigwig

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes, Interval
from seq2exp_tracks.io.bigwig import BigWig

SIZES = ChromSizes({"chr1": 1000, "chr2": 300})


@settings(max_examples=40, deadline=None)
@given(
    cuts=st.lists(st.integers(0, 1000), min_size=2, max_size=12, unique=True),
    values=st.lists(st.floats(0, 1e6, width=32), min_size=12, max_size=12),
    first=st.integers(0, 999),
    length=st.integers(1, 1000),
)
def test_every_base_reads_as_its_interval_says_and_as_0_outside_it(
    tmp_path_factory, cuts, values, first, length
):
    ends = sorted(cuts)
    # Every second stretch between the cuts has a value.
    intervals = [
        ("chr1", start, end, value)
        for start, end, value in zip(ends[:-1:2], ends[1::2], values, strict=False)
    ]
    expected = np.zeros(1000, np.float32)
    for _, start, end, value in intervals:
        expected[start:end] = value
    path = write_bigwig(tmp_path_factory.mktemp("bigwig") / "signal.bw", SIZES, intervals)
    asked = Interval("chr1", first, min(first + length, 1000))
    read = BigWig(path, SIZES).read(asked)
    assert read.dtype == np.float32
    np.testing.assert_array_equal(read, expected[asked.start : asked.end])


def test_nan_reads_as_0(tmp_path):
    path = write_bigwig(tmp_path / "a.bw", SIZES, [("chr1", 0, 3, float("nan")), ("chr1", 3, 4, 2)])
    assert BigWig(path, SIZES).read(Interval("chr1", 1, 5)).tolist() == [0, 0, 2, 0]


@pytest.mark.parametrize("names", [("1", "2"), ("chr1", "chr2")])
def test_names_with_and_without_chr_are_the_same_chromosome(tmp_path, names):
    path = write_bigwig(tmp_path / "a.bw", dict(zip(names, (1000, 300), strict=True)), [(names[1], 5, 7, 3)])
    for genome in (SIZES, ChromSizes({"1": 1000, "2": 300})):
        signal = BigWig(path, genome)
        assert signal.read(Interval(list(genome)[1], 4, 8)).tolist() == [0, 3, 3, 0]
        assert signal.missing == ()


def test_a_chromosome_that_the_file_lacks_reads_as_0_and_is_named(tmp_path):
    signal = BigWig(write_bigwig(tmp_path / "a.bw", {"chr2": 300, "chrUn": 7}), SIZES)
    assert signal.missing == ("chr1",)
    assert signal.read(Interval("chr1", 0, 3)).tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"chr1": 999, "chr2": 300}, r"a\.bw: chr1 has 999 bp, but chr1 of the genome has 1,000.*assembly"),
        ({"chrX": 1000}, r"a\.bw: no chromosome in common"),
    ],
)
def test_a_file_of_another_assembly_is_refused_at_the_door(tmp_path, sizes, message):
    path = write_bigwig(tmp_path / "a.bw", sizes, [(next(iter(sizes)), 0, 1, 1)])
    with pytest.raises(InputError, match=message):
        BigWig(path, SIZES)


def test_a_negative_value_is_refused_at_the_door_with_its_place_and_the_option(tmp_path):
    path = write_bigwig(tmp_path / "a.bw", SIZES, [("chr1", 0, 4, 1), ("chr2", 41, 44, -2.5)])
    with pytest.raises(InputError, match=r"a\.bw: negative value -2\.5 at chr2:42; .*--clip-negative"):
        BigWig(path, SIZES)


def test_negative_values_of_chromosomes_that_the_genome_lacks_do_not_matter(tmp_path):
    path = write_bigwig(
        tmp_path / "a.bw", {"chr1": 1000, "chrUn": 9}, [("chr1", 0, 4, 1), ("chrUn", 0, 4, -1)]
    )
    assert BigWig(path, SIZES).read(Interval("chr1", 3, 5)).tolist() == [1, 0]


def test_negative_values_read_as_0_where_that_is_asked_for(tmp_path):
    path = write_bigwig(tmp_path / "a.bw", SIZES, [("chr1", 0, 2, -1), ("chr1", 2, 4, 3)])
    assert BigWig(path, SIZES, negatives="clip").read(Interval("chr1", 1, 4)).tolist() == [0, 3, 3]


def test_an_infinite_value_is_refused_with_its_place(tmp_path):
    path = write_bigwig(tmp_path / "a.bw", SIZES, [("chr1", 10, 12, float("inf"))])
    with pytest.raises(InputError, match=r"a\.bw: infinite value at chr1:11"):
        BigWig(path, SIZES).read(Interval("chr1", 5, 20))


def test_a_truncated_file_is_one_quiet_line_wherever_it_is_cut(tmp_path, capfd):
    whole = write_bigwig(tmp_path / "whole.bw", SIZES, [("chr1", at, at + 1, at) for at in range(300)])
    content = whole.read_bytes()
    cut = tmp_path / "cut.bw"
    for length in (*range(4, len(content), 97), len(content) - 1):
        cut.write_bytes(content[:length])
        with pytest.raises(InputError, match=r"cut\.bw: truncated: .* get it again$"):
            BigWig(cut, SIZES)
    assert capfd.readouterr().err == ""


def test_a_bigbed_is_told_from_a_bigwig(tmp_path):
    path = tmp_path / "elements.bb"
    path.write_bytes((0x8789F2EB).to_bytes(4, "little") + bytes(100))
    with pytest.raises(InputError, match="a bigBed, not a bigWig"):
        BigWig(path, SIZES)


@pytest.mark.parametrize("content", [b"", b"chr1\t0\t10\t1\n", b">chr1\nACGT\n" * 50])
def test_what_is_no_bigwig_is_one_quiet_line(tmp_path, capfd, content):
    path = tmp_path / "signal.bw"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"signal\.bw: not a bigWig file; .* \(seq2exp-tracks prepare .*\)$"):
        BigWig(path, SIZES)
    assert capfd.readouterr().err == ""


def test_a_missing_file_is_one_line(tmp_path):
    with pytest.raises(InputError, match=r"none\.bw: .*No such file"):
        BigWig(tmp_path / "none.bw", SIZES)


def test_damaged_data_are_named_when_they_are_read(tmp_path):
    path = write_bigwig(tmp_path / "a.bw", SIZES, [("chr1", at, at + 1, at) for at in range(300)])
    content = bytearray(path.read_bytes())
    # The offset of the data stands at byte 16 of the header; a count of blocks comes first there.
    data = int.from_bytes(content[16:24], "little") + 8
    content[data : data + 200] = bytes(200)
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"a\.bw: the data of chr1:1-300 are damaged"):
        BigWig(path, SIZES).read(Interval("chr1", 0, 300))


def test_a_copy_in_another_process_reads_the_same(tmp_path):
    path = write_bigwig(tmp_path / "a.bw", SIZES, [("chr1", 0, 2, -1), ("chr1", 2, 4, 3)])
    copy = pickle.loads(pickle.dumps(BigWig(path, SIZES, negatives="clip")))
    assert copy.read(Interval("chr1", 1, 4)).tolist() == [0, 3, 3]
