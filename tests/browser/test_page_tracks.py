"""Every track is drawn, and drawn where its file has its values."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyBigWig
import pytest
from chromium import Visit
from drawn_extremes import AXIS_WIDTH, check_extremes
from example_run import SIZES, ExampleRun
from shown_page import Picture, origin, region, tracks, wait_until_drawn

Open = Callable[..., Visit]

VIEWS = {
    "gene": "#view=gene&gene=A10",
    "region": "#view=region&at=chrA:60,001-110,000",
    "genome": "#view=genome",
}
# 20 kb around a gene, 700 bases of which each has a pixel, and a chromosome's end in the middle.
REGIONS = ("chrA:160,000-180,000", "chrA:169,501-170,200", "chrA:380,001-chrB:30,000")


def whole_genome(path: Path) -> np.ndarray:
    """Values of a bigWig for all bases, chromosome after chromosome, NaN where it has none."""
    with pyBigWig.open(str(path)) as file:
        return np.concatenate([file.values(name, 0, length, numpy=True) for name, length in SIZES.items()])


@pytest.mark.parametrize("view", VIEWS)
def test_every_track_of_a_view_has_something_on_it(example_page: str, visit: Open, view: str) -> None:
    page = visit(example_page + VIEWS[view], height=1400).page
    wait_until_drawn(page, view)
    found = tracks(page)
    picture = Picture.of(page)
    assert len(found) >= 8
    for uid, track in found.items():
        # The axis does not count; what is paler is the mark of the promoter.
        dark = picture.of_track(track)[:, :-AXIS_WIDTH].min(axis=2) < 215
        assert dark.sum() > 20, uid


@pytest.mark.parametrize("at", REGIONS)
def test_extremes_of_the_mask_and_of_a_signal_are_where_the_files_have_them(
    example_page: str, example: ExampleRun, visit: Open, at: str
) -> None:
    page = visit(f"{example_page}#view=genome&at={at}").page
    wait_until_drawn(page)
    check_extremes(page, "r0-mask", whole_genome(example.folder / "mask.bw"))
    (uid,) = [uid for uid, track in tracks(page).items() if track.options.get("name", "").startswith("DNase")]
    check_extremes(page, uid, whole_genome(example.genome.dnase))


def test_tracks_keep_their_place_when_the_view_is_moved_and_narrowed(
    example_page: str, example: ExampleRun, visit: Open
) -> None:
    page = visit(f"{example_page}#view=region&at=chrA:100,001-140,000").page
    wait_until_drawn(page)
    x, y = origin(page)
    page.mouse.move(x + 400, y + 200)
    page.mouse.down()
    page.mouse.move(x + 523, y + 200, steps=5)
    page.mouse.up()
    wait_until_drawn(page)
    mask = whole_genome(example.folder / "mask.bw")
    check_extremes(page, "r0-mask", mask)
    page.get_by_role("button", name="Zoom in").click()
    page.wait_for_function("seq2exp.viewer.region[1] - seq2exp.viewer.region[0] < 20001")
    wait_until_drawn(page)
    start, end = region(page)
    assert end - start == pytest.approx(20_000)
    assert start < 110_000 - 3_000
    check_extremes(page, "r0-mask", mask)
