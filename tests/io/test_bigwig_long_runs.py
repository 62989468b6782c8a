"""bigWigs of millions of bases: pieces, zoom levels, indices, parts that are joined, and full disks."""

import os
from pathlib import Path

import numpy as np
import pybigtools
import pyBigWig
import pytest
from full_disk import no_file_larger_than
from written_bigwigs import SIZES, Runs, by_pybigtools, by_pybigwig, expected, written

from seq2exp_tracks.errors import OutputError
from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.io import bigwig_zoom
from seq2exp_tracks.io.bigwig_file import join_parts
from seq2exp_tracks.io.bigwig_part import BigWigPartWriter


@pytest.fixture(scope="module")
def long_run() -> tuple[ChromSizes, Runs]:
    """Two and a half million bases: several pieces and an index of two layers."""
    noise = np.random.default_rng(1).random(2_500_000).astype(np.float32)
    noise[1_200_000:1_400_000] = 0.25
    return ChromSizes({"chrA": 300, "chrB": 3_000_000}), [("chrA", 0, noise[:300]), ("chrB", 170_001, noise)]


def test_long_runs_are_whole_however_they_are_cut(long_run: tuple[ChromSizes, Runs], tmp_path: Path) -> None:
    sizes, runs = long_run
    path = written(tmp_path / "long.bw", runs, sizes)
    truth = expected(runs, sizes)["chrB"]
    with pyBigWig.open(str(path)) as file:
        for start in range(0, 3_000_000, 99_991):
            end = min(start + 5000, 3_000_000)
            np.testing.assert_array_equal(
                np.array(file.values("chrB", start, end), np.float32), truth[start:end]
            )
    np.testing.assert_array_equal(by_pybigtools(path)["chrB"], truth)
    halves = [
        runs[0],
        *(("chrB", 170_001 + at, runs[1][2][at : at + 70_003]) for at in range(0, 2_500_000, 70_003)),
    ]
    assert written(tmp_path / "cut.bw", halves, sizes).read_bytes() == path.read_bytes()


def test_zoom_levels_summarise_the_bases_of_their_bins(
    long_run: tuple[ChromSizes, Runs], tmp_path: Path
) -> None:
    sizes, runs = long_run
    file = pybigtools.open(str(written(tmp_path / "long.bw", runs, sizes)))
    assert file.zooms() == [64, 256, 1024, 4096, 16384, 65536, 262144, 1048576]
    for chrom, values in expected(runs, sizes).items():
        for reduction in file.zooms():
            covered = [
                (first, values[first : first + reduction])
                for first in range(0, len(values), reduction)
                if not np.isnan(values[first : first + reduction]).all()
            ]
            records = list(file.zoom_records(reduction, chrom))
            assert len(records) == len(covered)
            for (start, end, found), (first, bin_values) in zip(records, covered, strict=True):
                has_value = first + np.flatnonzero(~np.isnan(bin_values))
                assert (start, end) == (has_value[0], has_value[-1] + 1)
                exact = bin_values[~np.isnan(bin_values)].astype(np.float64)
                assert found["bases_covered"] == len(exact)
                assert (found["min_val"], found["max_val"]) == (exact.min(), exact.max())
                assert found["sum"] == pytest.approx(exact.sum(), rel=1e-6)
                assert found["sum_squares"] == pytest.approx((exact**2).sum(), rel=1e-6)


@pytest.mark.parametrize("drain_at", [2, 3, 5, 16, 64])
def test_no_zoom_level_loses_a_base_however_often_summaries_are_handed_up(
    drain_at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bigwig_zoom, "_DRAIN_AT", drain_at)
    sizes = ChromSizes({"chrA": 300_000, "chrB": 5_000})
    for length in range(1_000, 300_000, 9_973):
        runs = [("chrA", 7, np.full(length, 0.5, np.float32)), ("chrB", 0, np.full(999, 0.25, np.float32))]
        file = pybigtools.open(str(written(tmp_path / f"{length}.bw", runs, sizes)))
        for chrom, covered in (("chrA", length), ("chrB", 999)):
            found = {
                zoom: sum(record["bases_covered"] for _, _, record in file.zoom_records(zoom, chrom))
                for zoom in file.zooms()
            }
            assert found == dict.fromkeys(file.zooms(), covered)


def test_many_single_bases_need_an_index_of_no_more_than_a_few_blocks(tmp_path: Path) -> None:
    sizes = ChromSizes({"chr1": 4_000_000, "chr2": 100})
    runs = [("chr1", base, np.array([base % 97], np.float32)) for base in range(5, 4_000_000, 1000)]
    runs.append(("chr2", 99, np.array([1.5], np.float32)))
    path = written(tmp_path / "points.bw", runs, sizes)
    np.testing.assert_array_equal(by_pybigwig(path)["chr1"], expected(runs, sizes)["chr1"])
    np.testing.assert_array_equal(by_pybigtools(path)["chr2"], expected(runs, sizes)["chr2"])
    with pyBigWig.open(str(path)) as file:
        assert len(file.intervals("chr1")) == 4000


@pytest.mark.parametrize("size", [0, 100_000, 1_500_000, 5_000_000])
def test_a_file_that_cannot_be_written_whole_is_one_line_and_leaves_no_file(
    tmp_path: Path, long_run: tuple[ChromSizes, Runs], size: int, capfd: pytest.CaptureFixture[str]
) -> None:
    sizes, runs = long_run
    path = tmp_path / "track.bw"
    with no_file_larger_than(size), pytest.raises(OutputError) as caught:
        written(path, runs, sizes)
    assert str(caught.value).startswith(f"{path}: cannot be written (")
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []
    assert capfd.readouterr() == ("", "")


def test_parts_of_several_chromosomes_join_to_the_file_of_a_single_writer(
    long_run: tuple[ChromSizes, Runs], tmp_path: Path
) -> None:
    sizes, runs = long_run
    parts = []
    for number, run in enumerate(runs):
        writer = BigWigPartWriter(tmp_path / str(number), tmp_path / "joined.bw", sizes, 3)
        writer.write(*run)
        parts.append(writer.finish())
    join_parts(tmp_path / "joined.bw", sizes, parts)
    assert [path.name for path in tmp_path.iterdir()] == ["joined.bw"]
    assert (tmp_path / "joined.bw").read_bytes() == written(tmp_path / "whole.bw", runs, sizes).read_bytes()


def test_a_part_that_lost_its_end_is_one_line_and_leaves_no_file(tmp_path: Path) -> None:
    path = tmp_path / "joined.bw"
    writer = BigWigPartWriter(tmp_path / "part", path, SIZES, 3)
    writer.write("chr1", 0, np.arange(5000) / 7)
    part = writer.finish()
    os.truncate(part.path, part.path.stat().st_size - 1)
    with pytest.raises(OutputError, match=r"^.*joined\.bw: cannot be written \(part is shorter than it was"):
        join_parts(path, SIZES, [part])
    assert list(tmp_path.iterdir()) == []
