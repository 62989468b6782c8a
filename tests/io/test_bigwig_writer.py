import os
from itertools import pairwise
from pathlib import Path

import bbi
import numpy as np
import pybigtools
import pyBigWig
import pytest
from full_disk import no_file_larger_than
from hypothesis import given, settings
from hypothesis import strategies as st

from seq2exp_tracks.errors import OutputError
from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.io import bigwig_zoom
from seq2exp_tracks.io.bigwig_file import join_parts
from seq2exp_tracks.io.bigwig_part import BigWigPartWriter
from seq2exp_tracks.io.bigwig_writer import BigWigWriter

SIZES = ChromSizes({"chr1": 5000, "chr2": 900, "chr10": 700, "chrM": 40})
Runs = list[tuple[str, int, np.ndarray]]


def written(path: Path, runs: Runs, sizes: ChromSizes = SIZES, decimals: int = 3) -> Path:
    with BigWigWriter(path, sizes, decimals) as file:
        for chrom, start, values in runs:
            file.write(chrom, start, values)
    return path


def expected(runs: Runs, sizes: ChromSizes = SIZES, decimals: int = 3) -> dict[str, np.ndarray]:
    """Values of every base of the genome, NaN where there is none."""
    tracks = {chrom: np.full(length, np.nan, np.float32) for chrom, length in sizes.items()}
    for chrom, start, values in runs:
        tracks[chrom][start : start + len(values)] = [np.float32(round(float(x), decimals)) for x in values]
    return tracks


def by_pybigwig(path: Path) -> dict[str, np.ndarray]:
    with pyBigWig.open(str(path)) as file:
        return {c: np.array(file.values(c, 0, n), np.float32) for c, n in file.chroms().items()}


def by_pybigtools(path: Path) -> dict[str, np.ndarray]:
    file = pybigtools.open(str(path))
    return {c: file.values(c, 0, n, fillna=None).astype(np.float32) for c, n in file.chroms().items()}


def assert_holds(path: Path, runs: Runs, sizes: ChromSizes = SIZES, decimals: int = 3) -> None:
    """Both readers find the chromosomes in the genome's order and each base's value."""
    truth = expected(runs, sizes, decimals)
    for read in (by_pybigwig(path), by_pybigtools(path)):
        assert list(read) == list(truth)
        for chrom, values in truth.items():
            np.testing.assert_array_equal(read[chrom], values, err_msg=chrom)


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


def test_a_folder_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"missing/track\.bw: cannot be written"):
        BigWigWriter(tmp_path / "missing" / "track.bw", SIZES, 3)


def test_more_chromosomes_than_the_format_holds_are_refused(tmp_path: Path) -> None:
    sizes = ChromSizes({f"scaffold{index}": 10 for index in range(70_000)})
    with pytest.raises(OutputError, match="70,000; leave out the smallest scaffolds"):
        BigWigWriter(tmp_path / "track.bw", sizes, 3)


@st.composite
def drawn_bins(draw: st.DrawFn) -> tuple[int, Runs]:
    """Bases a bin, and runs of one value a bin in the order of the genome, up to the ends of chromosomes."""
    span = draw(st.integers(2, 30))
    runs: Runs = []
    for chrom, length in SIZES.items():
        cuts = draw(st.lists(st.integers(0, -(-length // span)), max_size=6, unique=True).map(sorted))
        for start, end in pairwise(cuts):
            pattern = draw(st.lists(st.integers(0, 9).map(lambda n: n / 10), min_size=1, max_size=4))
            runs.append((chrom, start * span, np.resize(np.array(pattern, np.float32), end - start)))
    return span, runs


@given(drawn=drawn_bins())
def test_a_value_may_stand_for_several_bases(
    drawn: tuple[int, Runs], tmp_path_factory: pytest.TempPathFactory
) -> None:
    span, runs = drawn
    path = tmp_path_factory.mktemp("bins") / "track.bw"
    with BigWigWriter(path, SIZES, 3, span) as file:
        for run in runs:
            file.write(*run)
    single = [
        (chrom, start, np.repeat(values, span)[: SIZES[chrom] - start]) for chrom, start, values in runs
    ]
    assert_holds(path, single)
    for chrom, values in expected(single).items():
        with pyBigWig.open(str(path)) as file:
            assert max((end for _, end, _ in file.intervals(chrom) or ()), default=0) <= len(values)
        found = bbi.fetch(str(path), chrom, 0, len(values), missing=np.nan, oob=np.nan)
        np.testing.assert_array_equal(found.astype(np.float32), values)
        for zoom in pybigtools.open(str(path)).zooms():
            records = list(pybigtools.open(str(path)).zoom_records(zoom, chrom))
            bins = [values[first : first + zoom] for first in range(0, len(values), zoom)]
            bins = [one[~np.isnan(one)].astype(np.float64) for one in bins if not np.isnan(one).all()]
            summaries = [[r["bases_covered"], r["min_val"], r["max_val"], r["sum"]] for _, _, r in records]
            wanted = [[len(one), one.min(), one.max(), one.sum()] for one in bins]
            np.testing.assert_allclose(summaries, wanted, rtol=1e-6, atol=1e-7)
    summary = pybigtools.open(str(path)).info()["summary"]
    assert summary["basesCovered"] == sum(len(values) for _, _, values in single)


@pytest.mark.parametrize(
    ("start", "values", "message"),
    [
        (15, [0.5], "chrM:15-25 is not on the genome"),
        (30, [0.5, 0.5], "chrM:30-50 is not on the genome"),
    ],
)
def test_bins_lie_on_their_grid(tmp_path: Path, start: int, values: list[float], message: str) -> None:
    with (
        pytest.raises(ValueError, match=message),
        BigWigWriter(tmp_path / "track.bw", SIZES, 3, 10) as file,
    ):
        file.write("chrM", start, np.array(values))


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
