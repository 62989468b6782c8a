"""The line of the mask and the band around it, as the screen shows them: where they are, and whole."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyBigWig
import pytest
from chromium import Visit
from example_run import ExampleRun
from playwright.sync_api import Page
from shown_page import Picture, of_colour, tracks, wait_until_drawn

from higlass_views.tilesets.axis import BINS_PER_TILE
from higlass_views.tracks import lighter
from seq2exp_tracks.palette import TRACKS

pytestmark = pytest.mark.slow

Open = Callable[..., Visit]

LINE, BAND = TRACKS["mask"], lighter(TRACKS["mask"])
# Bases that a view shows, so that each has 8 pixels and is a bin of its own.
SHOWN = 100
# Where the axis beside the line has a value, in pixels from the top of the track.
ROW = "(value) => seq2exp.viewer.tracks.find((one) => one.id === 'r0-mask').valueScale(value)"


def values(path: Path) -> np.ndarray:
    with pyBigWig.open(str(path)) as file:
        return np.asarray(file.values("chrA", 0, 400_000, numpy=True), dtype=float)


def show(visit: Open, address: str, middle: int) -> Page:
    """The region view with a base of chrA (0-based) right of its middle."""
    start = middle - SHOWN // 2
    page = visit(f"{address}#view=region&at=chrA:{start + 1:,}-{start + SHOWN:,}").page
    wait_until_drawn(page, "region")
    return page


@pytest.mark.parametrize("which", ["lowest", "highest"])
def test_line_and_band_are_where_the_axis_has_mean_and_sd(
    example_page: str, example: ExampleRun, visit: Open, which: str
) -> None:
    mask, sd = (values(example.folder / name) for name in ("mask.bw", "mask.sd.bw"))
    base = int(np.nanargmin(mask) if which == "lowest" else np.nanargmax(mask))
    page = show(visit, example_page, base)
    picture = Picture.of(page).of_track(tracks(page)["r0-mask"])
    # A base's bar begins in the middle of the picture, and the line has its value there.
    left, width = picture.shape[1] // 2, picture.shape[1] // SHOWN
    line = np.flatnonzero(of_colour(picture, LINE)[:, left])
    assert line.mean() == pytest.approx(page.evaluate(ROW, mask[base]), abs=1.2)
    band = np.flatnonzero(of_colour(picture, BAND, 20)[:, left + width // 2])
    upper, lower = (
        page.evaluate(ROW, float(np.clip(mask[base] + side * sd[base], 0, 1))) for side in (1, -1)
    )
    assert lower - upper > 8
    assert (band.min(), band.max() + 1) == (pytest.approx(upper, abs=1.2), pytest.approx(lower, abs=1.2))


def test_the_line_has_no_hole_where_a_tile_ends(example_page: str, example: ExampleRun, visit: Open) -> None:
    mask = values(example.folder / "mask.bw")
    edges = range(BINS_PER_TILE, len(mask) - BINS_PER_TILE, BINS_PER_TILE)
    # One around which every base was scored.
    edge = min(edges, key=lambda place: np.max(np.nan_to_num(mask[place - SHOWN : place + SHOWN], nan=1)))
    page = show(visit, example_page, edge)
    track = tracks(page)["r0-mask"]
    assert track.bin == 1
    inked = of_colour(Picture.of(page).of_track(track), LINE, 90).any(axis=0)
    assert np.flatnonzero(~inked[:-2]).tolist() == []
