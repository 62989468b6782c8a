"""Whether a track is drawn where its file has its values.

Positions are read from what HiGlass draws, as its export tells it in pixels, and compared with plain numpy on
the file; a part of the points is looked up on the screen, too. Tolerance: one bin of the tiles in sight along
the genome (a base where one has room for it), two pixels on the screen.
"""

import numpy as np
from playwright.sync_api import Page
from shown_page import DrawnTrack, Picture, of_colour, region, shapes, tracks

# Tiles may hold half precision: 11 bits.
PRECISION = 1e-3
# HiGlass draws the axis over the right end of a track.
AXIS_WIDTH = 60


def binned(values: np.ndarray, width: int, mode: str) -> np.ndarray:
    """Maximum or mean of the known values of each bin, NaN where it has none."""
    padded = np.full(-(-len(values) // width) * width, np.nan)
    padded[: len(values)] = values
    rows = padded.reshape(-1, width)
    known = ~np.isnan(rows)
    filled = np.where(known, rows, -np.inf if mode == "max" else 0)
    found = filled.max(axis=1) if mode == "max" else filled.sum(axis=1) / known.sum(axis=1).clip(1)
    return np.where(known.any(axis=1), found, np.nan)


def check_extremes(page: Page, uid: str, values: np.ndarray) -> None:
    """Asserts that the drawn maximum and minimum are those of the file.

    Args:
        page: The page, drawn.
        uid: The track.
        values: Values of the file for every base of the genome, NaN where it has none.
    """
    track = tracks(page)[uid]
    assert track.bin is not None
    assert track.bin == int(track.bin)
    start, end = region(page)
    width = int(track.bin)
    drawn = shapes(page, uid)
    places = np.rint((start + drawn[:, 0] / track.width * (end - start)) / width).astype(int)
    first, last = -(-int(start) // width), int(end) // width
    seen = (places >= first) & (places < last)
    places, heights = places[seen], -drawn[seen, 1]
    expected = binned(values, width, track.options.get("aggregationMode", "mean"))[first:last]
    # Every bin that the file has values in is drawn, and no other.
    assert np.array_equal(np.unique(places), first + np.flatnonzero(~np.isnan(expected)))
    spread = np.nanmax(expected) - np.nanmin(expected)
    assert spread > 0
    for extreme, found in ((np.nanmax, heights.max()), (np.nanmin, heights.min())):
        ours = places[abs(heights - found) < 1e-6]
        wanted = extreme(expected)
        theirs = first + np.flatnonzero(abs(expected - wanted) <= PRECISION * abs(wanted))
        assert min(abs(ours[:, None] - theirs[None, :]).min(axis=1)) <= 1
        assert abs(expected[ours - first] - wanted).min() <= PRECISION * max(abs(wanted), spread)
    _check_screen(page, track, drawn)


def _check_screen(page: Page, track: DrawnTrack, drawn: np.ndarray) -> None:
    """Asserts that points of the export have the track's colour on the screen."""
    colour = track.options.get("barFillColor") or track.options["lineStrokeColor"]
    ink = of_colour(Picture.of(page).of_track(track), colour)
    x, y = drawn[:, 0], drawn[:, 1]
    free = (x > 2) & (x < track.width - AXIS_WIDTH)
    # Bars of no height, and points on the very edge, have no pixel of their own.
    free &= (y > 2) & (y < track.height - 3)
    sample = drawn[free][:: max(1, int(free.sum()) // 200)].astype(int)
    assert len(sample) > 0
    hits = [ink[max(0, row - 2) : row + 3, max(0, column - 2) : column + 3].any() for column, row in sample]
    assert np.mean(hits) >= 0.95
