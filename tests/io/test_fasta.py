import gzip
import os
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_files import write_fasta

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import Interval
from seq2exp_tracks.io.fasta import Fasta

LETTERS = "ACGTNRYSWKMBDHVacgtnryswkmbdhv"


def code(letter: str) -> int:
    """The definition: a base by its place in ACGT, whatever else by 4."""
    place = "ACGT".find(letter.upper())
    return 4 if place < 0 else place


def assert_refused(path: Path, *words: str) -> None:
    """Opening fails with one line that names the file and holds the words."""
    with pytest.raises(InputError) as caught:
        Fasta(path)
    message = str(caught.value)
    assert "\n" not in message
    for word in (str(path), *words):
        assert word in message


@settings(max_examples=40, deadline=None)
@given(
    sequences=st.lists(st.text(LETTERS, min_size=1, max_size=200), min_size=1, max_size=3),
    width=st.integers(1, 70),
    bgzipped=st.booleans(),
    data=st.data(),
)
def test_codes_are_those_of_the_letters_one_by_one(tmp_path_factory, sequences, width, bgzipped, data):
    named = {f"chr{place}": sequence for place, sequence in enumerate(sequences)}
    path = tmp_path_factory.mktemp("fasta") / ("genome.fa.gz" if bgzipped else "genome.fa")
    chrom = data.draw(st.sampled_from(sorted(named)))
    start = data.draw(st.integers(0, len(named[chrom]) - 1))
    end = data.draw(st.integers(start + 1, len(named[chrom])))
    with Fasta(write_fasta(path, named, width)) as fasta:
        codes = fasta.codes(Interval(chrom, start, end))
        assert dict(fasta.sizes) == {name: len(sequence) for name, sequence in named.items()}
    assert codes.dtype == np.uint8
    assert codes.tolist() == [code(letter) for letter in named[chrom][start:end]]


def test_chromosomes_keep_the_order_of_the_file_and_empty_ones_are_left_out(tmp_path):
    path = write_fasta(tmp_path / "genome.fa", {"chr2": "ACGT", "empty": "", "chr10": "A", "chr1": "GG"})
    assert list(Fasta(path).sizes.items()) == [("chr2", 4), ("chr10", 1), ("chr1", 2)]


@pytest.mark.parametrize(
    ("name", "made"), [("g.fa", ["g.fa.fai"]), ("g.fa.gz", ["g.fa.gz.fai", "g.fa.gz.gzi"])]
)
def test_a_missing_index_is_made_whole_and_said(tmp_path, name, made):
    path = write_fasta(tmp_path / name, {"chr1": "ACGTN" * 30})
    assert Fasta(path).note == f"indexed {name}: wrote {' and '.join(made)}"
    assert sorted(file.name for file in tmp_path.iterdir()) == [name, *made]
    assert Fasta(path).note is None


def test_a_missing_block_index_is_made_where_the_other_is_there(tmp_path):
    path = write_fasta(tmp_path / "g.fa.gz", {"chr1": "ACGTN" * 30})
    Fasta(path).close()
    (tmp_path / "g.fa.gz.gzi").unlink()
    assert Fasta(path).codes(Interval("chr1", 148, 150)).tolist() == [3, 4]


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs a folder in which root cannot write")
def test_a_missing_index_that_cannot_be_written_is_one_line_with_the_way_out(tmp_path, capfd):
    write_fasta(tmp_path / "genome.fa", {"chr1": "ACGT"})
    with (tmp_path / "genome.fa").open() as handle:
        # Nobody, root neither, can make a file beside this link.
        assert_refused(Path(f"/proc/self/fd/{handle.fileno()}"), "no index", "samtools faidx")
    assert capfd.readouterr().err == ""


def test_gzip_is_refused_with_bgzip_as_the_way_out(tmp_path):
    path = tmp_path / "genome.fa.gz"
    path.write_bytes(gzip.compress(b">chr1\nACGT\n"))
    assert_refused(path, "gzip", "bgzip")


def test_an_index_older_than_the_sequence_is_refused(tmp_path):
    path = write_fasta(tmp_path / "genome.fa", {"chr1": "ACGT"})
    Fasta(path).close()
    os.utime(f"{path}.fai", (1, 1))
    with pytest.raises(InputError, match=r"genome\.fa\.fai: older than genome\.fa.*samtools faidx"):
        Fasta(path)


@pytest.mark.parametrize(
    ("other", "suffix"),
    [
        ({"chr1": "ACGT" * 20}, ".fa"),
        ({"chr1": "ACGT" * 30}, ".fa"),
        ({"chr1": "ACGT" * 10}, ".fa.gz"),
        ({"chr1": "ACGT" * 10, "chr2": "A"}, ".fa.gz"),
    ],
)
def test_the_index_of_another_sequence_is_refused(tmp_path, capfd, other, suffix):
    path = write_fasta(tmp_path / f"genome{suffix}", {"chr1": "ACGT" * 25})
    Fasta(path).close()
    index = Path(f"{path}.fai").read_text()
    write_fasta(path, other, width=30)
    Path(f"{path}.fai").write_text(index)
    assert_refused(path, "index", "samtools faidx")
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "not a FASTA"),
        (b"ACGT\n", "not a FASTA"),
        (b"\x1f\x8b\x08\x00", "cannot be read"),
        (b">chr1\n", "cannot index"),
        (b">chr1\nACGT\nAC\nACGT\n", "lines of one length"),
        (b">chr1\nLMKV\n", "no base"),
    ],
)
def test_what_is_no_genome_is_one_line_and_quiet(tmp_path, capfd, content, word):
    path = tmp_path / "genome.fa"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        Fasta(path)
    assert str(path) in str(caught.value)
    assert word in str(caught.value)
    assert "\n" not in str(caught.value)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(("index", "word"), [("", "no sequence"), ("chr1\tfour\n", r"fai:1: not the index")])
def test_a_broken_index_is_one_line(tmp_path, index, word):
    path = write_fasta(tmp_path / "genome.fa", {"chr1": "ACGT"})
    Path(f"{path}.fai").write_text(index)
    assert_refused(path, word)


def test_a_missing_file_is_one_line(tmp_path):
    assert_refused(tmp_path / "genome.fa", "No such file")


def test_a_letter_that_is_no_base_is_named_with_its_place(tmp_path):
    path = write_fasta(tmp_path / "genome.fa", {"chr1": "ACG*TACG"})
    with pytest.raises(InputError, match=r"chr1:4 holds '\*'"):
        Fasta(path).codes(Interval("chr1", 0, 8))


def test_a_copy_in_another_process_reads_the_same(tmp_path):
    fasta = Fasta(write_fasta(tmp_path / "genome.fa", {"chr1": "acGTN"}))
    copy = pickle.loads(pickle.dumps(fasta))
    assert copy.codes(Interval("chr1", 0, 5)).tolist() == [0, 1, 2, 3, 4]
    assert dict(copy.sizes) == {"chr1": 5}
