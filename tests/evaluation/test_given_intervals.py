"""Files of intervals as scores: every base and element gets the highest score that covers it."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.evaluation.given import GivenIntervals
from seq2exp_tracks.genome import ChromSizes, Gene, Interval, Strand

SIZES = ChromSizes({"chr1": 1_000})
GENE = Gene("ENSG00000000001", "ONE", "chr1", 500, Strand.PLUS)


def written(path: Path, *rows: str) -> Path:
    path.write_text("".join("\t".join(row.split()) + "\n" for row in rows))
    return path


rows = st.lists(st.tuples(st.integers(0, 90), st.integers(1, 30), st.integers(0, 9)), min_size=1, max_size=12)


@given(rows, st.integers(0, 80), st.integers(1, 60))
def test_bases_and_elements_are_the_definition(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[int, int, int]], start: int, length: int
) -> None:
    path = tmp_path_factory.mktemp("given") / "a.bed"
    written(path, *(f"chr1 {first} {first + size} x {score}" for first, size, score in drawn))
    same = len({score for _, _, score in drawn}) == 1
    values = np.zeros(1_000)
    for first, size, score in drawn:
        values[first : first + size] = np.maximum(values[first : first + size], 1 if same else score)
    found, place = GivenIntervals.read(path, SIZES), Interval("chr1", start, start + length)
    np.testing.assert_array_equal(found.bases(place), values[start : start + length])
    assert found.of_pair(place, GENE) == values[start : start + length].max()


def score_at(path: Path, position: int) -> float:
    return float(GivenIntervals.read(path, SIZES).bases(Interval("chr1", position, position + 1))[0])


def test_the_score_is_that_of_the_format(tmp_path: Path) -> None:
    plain = written(tmp_path / "a.bed", "chr1 10 20", "1 30 40")
    assert [score_at(plain, at) for at in (9, 10, 19, 20, 35)] == [0, 1, 1, 0, 1]
    peaks = written(tmp_path / "a.narrowPeak", "chr1 10 20 p 53 . 2.5 5 3 4", "chr1 30 40 p 99 . 7.5 5 3 4")
    assert [score_at(peaks, at) for at in (10, 30)] == [2.5, 7.5]
    named = written(tmp_path / "a.bed6", "chr1 10 20 x . +", "chr1 30 40 x . -")
    assert score_at(named, 10) == 1
    table = written(tmp_path / "a.tsv", "chr start end ABC.Score ENCODE-rE2G.Score", "chr1 10 20 0.5 0.25")
    assert score_at(table, 10) == 1  # one row: the same in all rows
    table = written(
        tmp_path / "b.tsv",
        "chr start end ABC.Score ENCODE-rE2G.Score",
        "chr1 10 20 .5 .25",
        "chr1 30 40 .5 .75",
    )
    assert [score_at(table, at) for at in (10, 30)] == [0.25, 0.75]


def test_a_row_of_score_0_is_called_and_ranks_with_the_background(tmp_path: Path) -> None:
    found = GivenIntervals.read(written(tmp_path / "a.bed", "chr1 10 20 x 0", "chr1 15 30 x 7"), SIZES)
    place = Interval("chr1", 8, 32)
    assert np.flatnonzero(found.covered(place)).tolist() == list(range(2, 22))
    assert np.flatnonzero(found.bases(place)).tolist() == list(range(7, 22))


def test_rows_that_name_a_gene_count_for_that_gene_only(tmp_path: Path) -> None:
    path = written(
        tmp_path / "links.tsv",
        "chr start end TargetGene TargetGeneEnsembl_ID ABC.Score",
        "chr1 10 20 ONE ENSG00000000001.4 0.2",
        "chr1 10 20 TWO ENSG00000000002 0.9",
        "chr1 50 60 . . 0.4",
    )
    links = GivenIntervals.read(path, SIZES)
    assert links.of_pair(Interval("chr1", 0, 15), GENE) == 0.2
    assert links.of_pair(Interval("chr1", 0, 55), GENE) == 0.4
    assert links.bases(Interval("chr1", 10, 11)).tolist() == [0.9]


def test_the_calls_of_abc_and_re2g_are_read(real: Path) -> None:
    sizes = ChromSizes({"chr22": 50_818_468})
    abc = GivenIntervals.read(real / "predictions" / "K562.ABC.threshold0.027.chr22.tsv.gz", sizes)
    gene = Gene("ENSG00000198445", "CCT8L2", "chr22", 16_592_810, Strand.MINUS)
    assert len(abc.scores) == 1353
    assert abc.of_pair(Interval("chr22", 16_586_161, 16_586_661), gene) == pytest.approx(0.077423)
    re2g = GivenIntervals.read(real / "predictions" / "K562.ENCODE_rE2G.dhs_intact_hic.chr22.tsv.gz", sizes)
    gene = Gene("ENSG00000100181", "TPTEP1", "chr22", 16_601_910, Strand.PLUS)
    assert re2g.of_pair(Interval("chr22", 16_595_163, 16_595_663), gene) == pytest.approx(0.2768531722)


def test_what_is_wrong_with_a_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no interval on a chromosome of the genome"):
        GivenIntervals.read(written(tmp_path / "a.bed", "chr9 1 2"), SIZES)
    for name in ("f_peaks.xls", "f_peaks.XLS"):
        with pytest.raises(InputError, match=r"counts bases from 1 and is no BED; give its narrowPeak"):
            GivenIntervals.read(written(tmp_path / name, "chr start end", "chr1 1 2"), SIZES)
    with pytest.raises(InputError, match=r"b\.bed:2: the score is -3; scores are numbers from 0 up"):
        GivenIntervals.read(written(tmp_path / "b.bed", "chr1 1 2 x 3", "chr1 3 4 x -3"), SIZES)
    with pytest.raises(InputError, match=r"c\.bed:2: the score is 'x', which is no number"):
        GivenIntervals.read(written(tmp_path / "c.bed", "chr1 1 2 x 3", "chr1 3 4 x x"), SIZES)
    with pytest.raises(InputError, match=r"d\.bed:1: not an interval"):
        GivenIntervals.read(written(tmp_path / "d.bed", "chr1 5 2"), SIZES)
    with pytest.raises(InputError, match=r"e\.narrowPeak:1: 3 columns, but 7 are needed"):
        GivenIntervals.read(written(tmp_path / "e.narrowPeak", "chr1 1 2"), SIZES)
