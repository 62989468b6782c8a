"""Where reads lie: told where it changes what the numbers of a signal mean; and no file is opened twice."""

import pickle
from collections import Counter
from pathlib import Path

import numpy as np
import pyBigWig
import pytest
from small_alignments import Read, write_alignments

from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.io.alignments import Alignments
from seq2exp_tracks.io.bigwig_file import join_parts
from seq2exp_tracks.preparation.counting import Counting
from seq2exp_tracks.preparation.coverage import (
    ChromCount,
    CountTask,
    SignalCount,
    WriteTask,
    count_chromosome,
    write_chromosome,
)
from seq2exp_tracks.preparation.places_of_reads import notes_on_places

SIZES = ChromSizes({"chr1": 6_000, "chr2": 3_000, "chrM": 1_000})


def counted(**intervals: int) -> SignalCount:
    """A signal of which so much counts on each chromosome."""
    nothing = np.zeros(0, np.int64)
    chroms = [
        ChromCount(chrom, SIZES[chrom], Path(), count, count, count, nothing, Counter())
        for chrom, count in intervals.items()
    ]
    return SignalCount(Path("a.bam"), Counting(), tuple(chroms))


MITOCHONDRION = (
    "DNase: 25% of what counts is on chrM, which lowers reads per million and folds everywhere else; leave "
    "it out with a BED of chrM as --exclude"
)
PART = (
    "DNase: what counts is on 1 of 3 chromosomes, 30% of the bases; reads per million, folds and promoter "
    "activity are not those of a whole experiment"
)


@pytest.mark.parametrize(
    ("intervals", "notes"),
    [
        ({"chr1": 100, "chr2": 95, "chrM": 5}, []),
        ({"chr1": 50, "chr2": 25, "chrM": 25}, [MITOCHONDRION]),
        ({"chr1": 10}, []),
        ({"chr1": 0, "chr2": 10}, [PART]),
    ],
)
def test_what_the_user_should_know(intervals: dict[str, int], notes: list[str]) -> None:
    assert notes_on_places("DNase", counted(**intervals), SIZES) == notes


def test_a_mitochondrion_goes_by_each_of_its_names() -> None:
    nothing = np.zeros(0, np.int64)
    chroms = (ChromCount("MT", 10, Path(), 1, 1, 1, nothing, Counter()),)
    (note,) = notes_on_places("DNase", SignalCount(Path(), Counting(), chroms), ChromSizes({"MT": 10}))
    assert note.startswith("DNase: 100% of what counts is on MT, which")


def test_what_was_counted_is_written_without_opening_the_reads_again(tmp_path: Path) -> None:
    sizes = ChromSizes({"HLA/A*01:01": 300})
    bam = write_alignments(tmp_path / "a.bam", sizes, [Read("HLA/A*01:01", 100, 36)])
    promoters = np.array([[0, 101]], np.int64)
    counting = Counting(count="read", scale="raw")
    with Alignments(bam, sizes) as reads:
        task = CountTask(reads, "HLA/A*01:01", 300, counting, None, promoters, tmp_path / "0.npy")
        found = count_chromosome(task)
    bam.unlink()
    found = pickle.loads(pickle.dumps(found))  # as it comes from another process and goes to the next
    assert (found.intervals, found.bases, found.reads, found.in_promoters.tolist()) == (1, 36, 1, [1])
    part = write_chromosome(WriteTask(found, sizes, 2.0, tmp_path / "out.bw"))
    join_parts(tmp_path / "out.bw", sizes, [part])
    with pyBigWig.open(str(tmp_path / "out.bw")) as file:
        values = file.values("HLA/A*01:01", 0, 300, numpy=True)
    assert values.tolist() == [0.0] * 100 + [2.0] * 36 + [0.0] * 164
