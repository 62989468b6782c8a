"""bigWigs in which a value stands for several bases."""

from itertools import pairwise
from pathlib import Path

import bbi
import numpy as np
import pybigtools
import pyBigWig
import pytest
from hypothesis import given
from hypothesis import strategies as st
from written_bigwigs import SIZES, Runs, assert_holds, expected

from seq2exp_tracks.io.bigwig_writer import BigWigWriter


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
