"""The comparison of shared passes with exact windows: what is compared, and how it is summed up."""

from dataclasses import replace
from functools import partial
from itertools import pairwise

import numpy as np
import pytest
import torch
from genome_reader import GenomeReader, gene
from hypothesis import given
from hypothesis import strategies as st

from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.model import SOFT, Seq2Exp
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.scoring import score_window
from seq2exp_tracks.scoring.calibration import DISTANCES, Difference, Sample, choose_samples, compare
from seq2exp_tracks.scoring.regions import plan_regions
from seq2exp_tracks.scoring.shared_generator import score_region
from seq2exp_tracks.windows import Window

LENGTH = 8000
CHROM = 50_000
TINY = replace(SOFT, window=LENGTH, d_model=8, generator_layers=1, encoder_layers=1, promoter=100)


def window(tss: int) -> Window:
    return Window.around(gene("chrA", tss), LENGTH, CHROM)


def scores(tss: int, learned: np.ndarray, expression: float = 1.0) -> WindowScores:
    one = window(tss)
    inside = len(one.inside)
    flat = np.zeros(inside, np.float32)
    values = np.resize(learned.astype(np.float32), inside)
    return WindowScores(one, values, flat, values / 2, flat > 1, expression, (), None)


def test_a_difference_is_summed_up_by_distance_from_the_nearer_edge() -> None:
    tss = 1000  # 3,000 bp of padding on the left
    exact = scores(tss, np.zeros(1), expression=1.5)
    shared = scores(tss, np.zeros(1), expression=1.25)
    shared.learned[[0, 4999, 4000, 3999]] = [0.5, 0.25, 0.125, -0.25]
    shared.applied[10] = 0.75
    found = Difference.between(exact, shared)
    # Of the window's 8,000 bases 3,000 to 7,999 are inside: base 0 is 3,000 from the edge, the last one 0.
    assert found.bases.tolist() == [1000, 2000, 2000, 0, 0]
    assert found.learned.tolist() == [0.25, 0.25, 0.5, 0, 0]
    assert found.total.tolist() == [0.375, 0.25, 0.5, 0, 0]
    assert found.mean.tolist() == [0.375 / 1000, 0.25 / 2000, 0.5 / 2000, 0, 0]
    assert (found.applied, found.expression) == (0.75, 0.25)


@given(st.lists(st.tuples(st.integers(0, CHROM - 1), st.integers(0, 99)), min_size=1, max_size=5))
def test_joined_differences_are_those_of_all_bases_together(drawn: list[tuple[int, int]]) -> None:
    joined = Difference.none()
    learned: dict[int, list[float]] = {begin: [] for begin in DISTANCES}
    for tss, seed in drawn:
        random = np.random.default_rng(seed)
        exact = scores(tss, random.random(100), expression=random.random())
        shared = scores(tss, random.random(70), expression=random.random())
        joined = joined.joined(Difference.between(exact, shared))
        for row, (one, other) in enumerate(zip(exact.learned, shared.learned, strict=True)):
            place = row + exact.window.pad_left
            begin = max(d for d in DISTANCES if d <= min(place, LENGTH - 1 - place))
            learned[begin].append(abs(float(one) - float(other)))
    assert joined.bases.tolist() == [len(values) for values in learned.values()]
    assert joined.learned.tolist() == [max(values, default=0) for values in learned.values()]
    means = [np.mean(values) if values else 0 for values in learned.values()]
    np.testing.assert_allclose(joined.mean, means, rtol=1e-9)


def test_no_difference_is_within_a_tolerance_that_one_of_its_values_exceeds() -> None:
    zeros = Difference.none()
    assert zeros.within(0)
    larger = np.array([0, 0, 0.02, 0, 0])
    for one in (
        replace(zeros, learned=larger),
        replace(zeros, applied=0.02),
        replace(zeros, expression=0.02),
    ):
        assert one.within(0.02)
        assert not one.within(0.01)
        assert not zeros.joined(one).within(0.01)
        assert not one.joined(zeros).within(0.01)


@pytest.mark.parametrize("name", ["applied", "expression", "learned"])
def test_what_is_no_number_is_within_no_tolerance(name: str) -> None:
    zeros = Difference.none()
    nothing = np.full(len(DISTANCES), np.nan) if name == "learned" else float("nan")
    broken = replace(zeros, **{name: nothing})
    for one in (broken, zeros.joined(broken), broken.joined(zeros)):
        assert not one.within(1e9)


@given(st.lists(st.integers(0, CHROM - 1), max_size=20), st.integers(1, 8))
def test_samples_are_spread_over_the_windows_that_share_a_region(places: list[int], count: int) -> None:
    regions = plan_regions(map(window, sorted(places)))
    shared = [Sample(region, one) for region in regions for one in region.windows if len(region.windows) > 1]
    chosen = choose_samples(regions, count)
    assert len(chosen) == min(count, len(shared))
    at = [index for index, sample in enumerate(shared) if sample in chosen]
    assert [shared.index(one) for one in chosen] == sorted(shared.index(one) for one in chosen)
    if len(shared) >= 2 * count:  # each part of the genome has one
        parts = [len(shared) * part // count for part in range(count + 1)]
        for begin, end in pairwise(parts):
            assert any(begin <= index < end for index in at)


def test_a_window_is_compared_with_itself_in_its_region() -> None:
    model = Seq2Exp.initialised(TINY, seed=1)
    model.mask_output.weight.mul_(50)
    reader = GenomeReader(ChromSizes({"chrA": CHROM}), LENGTH)
    windows = [window(tss) for tss in (3000, 6000, 9000)]
    (region,) = plan_regions(windows)
    read = partial(reader.read, windows[1].gene)
    cpu = torch.device("cpu")
    expected = Difference.between(
        score_window(model, read(), cpu), score_region(model, reader, region, cpu)[1]
    )
    found = compare(model, reader, Sample(region, windows[1]), cpu)
    assert found.learned.tolist() == expected.learned.tolist()
    assert found.learned.max() > 0
    assert (found.applied, found.expression) == (expected.applied, expected.expression)
