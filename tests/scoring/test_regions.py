"""Regions: which windows share a pass of the generator."""

from itertools import pairwise

import numpy as np
import pytest
from genome_reader import gene
from hypothesis import given
from hypothesis import strategies as st

from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.scoring.regions import LEAST_OVERLAP, plan_regions
from seq2exp_tracks.tracks.merge import merge_order
from seq2exp_tracks.windows import Window

LENGTH = 100
SIZES = ChromSizes({"chrA": 1000, "chrB": 70, "chrC": 500})


@st.composite
def drawn_windows(draw: st.DrawFn) -> list[Window]:
    """Windows in merge order; several may have one TSS, and some lie over a chromosome's end."""
    places = draw(st.lists(st.tuples(st.sampled_from(list(SIZES)), st.floats(0, 1)), max_size=30))
    genes = [gene(chrom, int(share * (SIZES[chrom] - 1))) for chrom, share in places]
    windows = [Window.around(one, LENGTH, SIZES[one.chrom]) for one in genes]
    return sorted(windows, key=lambda window: merge_order(window, SIZES))


@given(drawn_windows(), st.integers(50, 600), st.integers(1, 8))
def test_every_window_lies_in_one_region_as_a_whole_and_in_the_order_given(
    windows: list[Window], longest: int, most: int
) -> None:
    regions = plan_regions(windows, longest, most)
    assert [window for region in regions for window in region.windows] == windows
    for region in regions:
        bases = np.arange(region.start, region.start + len(region))
        for window in region.windows:
            np.testing.assert_array_equal(
                bases[region.rows_of(window)], np.arange(window.start, window.start + LENGTH)
            )
        assert len(region) <= max(longest, LENGTH)
        assert len(region.windows) <= most
        assert len({window.inside.chrom for window in region.windows}) == 1


@given(drawn_windows(), st.integers(50, 600), st.integers(1, 8))
def test_neighbours_share_a_region_unless_they_overlap_little_or_it_is_full(
    windows: list[Window], longest: int, most: int
) -> None:
    regions = plan_regions(windows, longest, most)
    for region in regions:
        for one, other in pairwise(region.windows):
            assert one.start + LENGTH - other.start >= LEAST_OVERLAP * LENGTH
        assert region.start == region.windows[0].start
        assert region.start + len(region) == region.windows[-1].start + LENGTH
    for one, other in pairwise(regions):
        last, first = one.windows[-1], other.windows[0]
        assert (
            last.inside.chrom != first.inside.chrom
            or last.start + LENGTH - first.start < LEAST_OVERLAP * LENGTH
            or first.start + LENGTH - one.start > longest
            or len(one.windows) == most
        )


@given(drawn_windows())
def test_the_plan_of_a_chromosome_depends_on_no_other_chromosome(windows: list[Window]) -> None:
    for chrom in SIZES:
        alone = [window for window in windows if window.inside.chrom == chrom]
        assert plan_regions(alone, 300, 4) == [
            region for region in plan_regions(windows, 300, 4) if region.windows[0].inside.chrom == chrom
        ]


def test_a_region_begins_in_the_padding_of_its_first_window() -> None:
    windows = [Window.around(gene("chrA", tss), LENGTH, SIZES["chrA"]) for tss in (10, 60, 200)]
    first, second = plan_regions(windows)
    assert (first.start, len(first)) == (-40, 150)
    assert [one.tss for one in first.genes] == [10, 60]
    assert first.rows_of(windows[1]) == slice(50, 150)
    assert (second.start, len(second)) == (150, 100)


@pytest.mark.parametrize(("gap", "regions"), [(75, 1), (76, 2)])
def test_windows_share_a_region_from_a_quarter_in_common_on(gap: int, regions: int) -> None:
    windows = [Window.around(gene("chrA", tss), LENGTH, SIZES["chrA"]) for tss in (300, 300 + gap)]
    assert len(plan_regions(windows)) == regions
