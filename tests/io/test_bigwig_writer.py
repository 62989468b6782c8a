"""The values of a bigWig as other libraries read them, and what is refused."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pybigtools
import pyBigWig
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from written_bigwigs import SIZES, Runs, assert_holds, by_pybigwig, expected, written

from seq2exp_tracks.errors import OutputError
from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.io.bigwig_writer import BigWigWriter


@st.composite
def drawn_runs(draw: st.DrawFn) -> Runs:
    """Runs of a few values in the order of the genome: smooth, constant, alternating, with gaps or none."""
    runs: Runs = []
    for chrom, length in (("chr1", 5000), ("chr2", 900), ("chr10", 700), ("chrM", 40)):
        cuts = draw(st.lists(st.integers(0, length), max_size=6, unique=True).map(sorted))
        for start, end in pairwise(cuts):
            if draw(st.booleans()):
                pattern = draw(
                    st.lists(st.integers(-5, 2000).map(lambda n: n / 1000), min_size=1, max_size=4)
                )
                runs.append((chrom, start, np.resize(np.array(pattern, np.float32), end - start)))
    return runs


@settings(deadline=None)
@given(runs=drawn_runs())
def test_other_libraries_read_every_base_and_every_gap(
    runs: Runs, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = written(tmp_path_factory.mktemp("drawn") / "track.bw", runs)
    assert_holds(path, runs)
    covered = [values[~np.isnan(values)] for values in expected(runs).values()]
    values = np.concatenate(covered).astype(np.float64)
    summary = pybigtools.open(str(path)).info()["summary"]
    assert summary["basesCovered"] == len(values)
    assert summary["sum"] == pytest.approx(values.sum())
    if len(values):
        assert (summary["min"], summary["max"]) == (values.min(), values.max())


@settings(deadline=None)
@given(runs=drawn_runs(), cut=st.integers(1, 300))
def test_bytes_depend_on_values_and_positions_not_on_the_calls(
    runs: Runs, cut: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("cut")
    pieces = [
        (chrom, start + at, values[at : at + cut])
        for chrom, start, values in runs
        for at in range(0, len(values), cut)
    ]
    assert written(folder / "a.bw", runs).read_bytes() == written(folder / "b.bw", pieces).read_bytes()


def test_zero_one_masks_are_written_as_intervals(tmp_path: Path) -> None:
    mask = np.zeros(5000, np.float32)
    mask[100:300] = mask[4000:] = 1
    path = written(tmp_path / "hard.bw", [("chr1", 0, mask)])
    with pyBigWig.open(str(path)) as file:
        assert file.intervals("chr1") == ((0, 100, 0.0), (100, 300, 1.0), (300, 4000, 0.0), (4000, 5000, 1.0))


def test_a_file_without_any_value_is_a_valid_bigwig(tmp_path: Path) -> None:
    path = written(tmp_path / "empty.bw", [])
    assert_holds(path, [])
    assert pybigtools.open(str(path)).info()["summary"]["basesCovered"] == 0
    with pyBigWig.open(str(path)) as file:
        assert file.intervals("chr1") is None
        assert file.stats("chr1", nBins=2) == [None, None]


def test_a_single_value_is_the_least_and_the_largest(tmp_path: Path) -> None:
    path = written(tmp_path / "one.bw", [("chr2", 7, np.array([0.5]))])
    with pyBigWig.open(str(path)) as file:
        assert file.stats("chr2", type="max", exact=False) == [0.5]
    summary = pybigtools.open(str(path)).info()["summary"]
    assert (summary["min"], summary["max"], summary["mean"]) == (0.5, 0.5, 0.5)


@pytest.mark.parametrize(("decimals", "kept"), [(3, 0.123), (4, 0.1235), (0, 0.0)])
def test_values_are_the_float32_nearest_to_the_rounded_decimal(
    tmp_path: Path, decimals: int, kept: float
) -> None:
    path = written(tmp_path / "rounded.bw", [("chrM", 0, np.array([0.12347]))], decimals=decimals)
    assert by_pybigwig(path)["chrM"][0] == np.float32(kept)


def test_a_negative_zero_is_written_as_zero(tmp_path: Path) -> None:
    path = written(tmp_path / "zero.bw", [("chrM", 0, np.array([-0.0001]))])
    assert not np.signbit(by_pybigwig(path)["chrM"][0])


@pytest.mark.parametrize(
    ("chrom", "start", "values", "message"),
    [
        ("chrM", 39, [0.5, 0.5], "chrM:39-41 is not on the genome"),
        ("chrM", -1, [0.5], "not on the genome"),
        ("chrX", 0, [0.5], "chrX:0-1 is not on the genome"),
        ("chr2", 20, [0.5, np.nan], "the value at chr2:21 is not a finite number"),
        ("chr2", 20, [np.inf], "not a finite number"),
        ("chr2", 10, [0.5], "chr2:10 is out of order, after chr2:11"),
        ("chr1", 20, [0.5], "chr1:20 is out of order"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_leaves_no_file(
    tmp_path: Path, chrom: str, start: int, values: list[float], message: str
) -> None:
    runs = [("chr2", 10, np.array([0.5])), (chrom, start, np.array(values))]
    with pytest.raises(ValueError, match=message):
        written(tmp_path / "track.bw", runs)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"missing/track\.bw: cannot be written"):
        BigWigWriter(tmp_path / "missing" / "track.bw", SIZES, 3)


def test_more_chromosomes_than_the_format_holds_are_refused(tmp_path: Path) -> None:
    sizes = ChromSizes({f"scaffold{index}": 10 for index in range(70_000)})
    with pytest.raises(OutputError, match="70,000; leave out the smallest scaffolds"):
        BigWigWriter(tmp_path / "track.bw", sizes, 3)
