"""Distributions of tracks read in pieces are those of all values at once."""

from pathlib import Path

import numpy as np
import pytest
from example_run import SIZES, WINDOW, ExampleRun
from hypothesis import given
from hypothesis import strategies as st

from seq2exp_tracks.exports import distribution
from seq2exp_tracks.exports.distribution import (
    QUANTILES,
    Counted,
    count_track,
    scored_stretches,
    summary_of,
)
from seq2exp_tracks.genome import Interval
from seq2exp_tracks.run_reader import Run


@given(st.lists(st.integers(0, 100), min_size=1, max_size=60))
def test_mean_and_quantiles_of_counted_values_are_numpys(steps: list[int]) -> None:
    counted = Counted(0.01, np.bincount(steps, minlength=101)).summary()
    values = np.array(steps) / 100
    assert counted.count == len(values)
    assert counted.mean == pytest.approx(values.mean())
    assert counted.quantiles == pytest.approx(tuple(np.quantile(values, QUANTILES)))
    assert summary_of(values).quantiles == pytest.approx(counted.quantiles)


def test_no_value_has_no_summary() -> None:
    assert Counted(0.1, np.zeros(11, np.int64)).summary().count == 0
    assert np.isnan(summary_of(np.empty(0)).quantiles).all()


@pytest.mark.parametrize("piece", [999, 1_000_000])
def test_a_track_is_counted_whole_whatever_the_size_of_the_pieces(
    example: ExampleRun, piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distribution, "PIECE", piece)
    run = Run.open(example.folder)
    for name in ("mask", "mask.sd", "mask.applied"):
        entry = run.track(name)
        assert entry is not None
        whole = [run.values(entry, Interval(chrom, 0, length)) for chrom, length in SIZES.items()]
        values = np.concatenate(whole)
        values = values[np.isfinite(values)]
        found = count_track(run, entry).summary()
        assert found.count == len(values)
        assert found.mean == pytest.approx(values.mean(), abs=1e-6)
        assert found.quantiles == pytest.approx(tuple(np.quantile(values, QUANTILES)), abs=1e-6)


def test_the_stretches_are_the_union_of_the_windows(example: ExampleRun, tmp_path: Path) -> None:
    run = Run.open(example.folder)
    covered = {chrom: np.zeros(length, bool) for chrom, length in SIZES.items()}
    for scored in run.genes.values():
        start = scored.gene.tss - WINDOW // 2
        covered[scored.gene.chrom][max(start, 0) : start + WINDOW] = True
    counted = {chrom: np.zeros(length, int) for chrom, length in SIZES.items()}
    for stretch in scored_stretches(run):
        counted[stretch.chrom][stretch.start : stretch.end] += 1
    for chrom in SIZES:
        np.testing.assert_array_equal(counted[chrom], covered[chrom])
