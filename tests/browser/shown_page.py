"""The installed command serving runs, and what its page shows, read from the page itself."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from higlass_views.frontend.bundle import page_is_built

COMMAND = Path(sys.executable).with_name("seq2exp-tracks")

PATIENCE_MS = 60_000

TRACKS = """() => seq2exp.viewer.tracks.map((track) => ({
    uid: track.id,
    kind: track.context.trackType ?? track.type,
    left: track.position[0], top: track.position[1],
    width: track.dimensions[0], height: track.dimensions[1],
    options: track.options,
    bin: track.tilesetInfo?.bins_per_dimension && track.fetchedTiles && Object.keys(track.fetchedTiles).length
        ? track.tilesetInfo.max_width / 2 ** Object.values(track.fetchedTiles)[0].tileData.zoomLevel
            / track.tilesetInfo.bins_per_dimension
        : null,
}))"""

# Points of a drawn line, or the top left corners of drawn bars, in pixels of the track.
SHAPES = """(uid) => {
    const track = seq2exp.viewer.tracks.find((one) => one.id === uid);
    const [drawn] = track.exportSVG();
    const { barFillColor, lineStrokeColor } = track.options;
    if (barFillColor) {
        const bars = [...drawn.querySelectorAll(`rect[fill="${barFillColor}"]`)];
        return bars.map((bar) => [Number(bar.getAttribute("x")), Number(bar.getAttribute("y"))]);
    }
    const lines = [...drawn.querySelectorAll(`path[stroke="${lineStrokeColor}"]:not([id])`)];
    return lines.flatMap((line) => line.getAttribute("d").split(/[ML]/).filter(Boolean)
        .map((point) => point.split(" ").map(Number)));
}"""


@dataclass(frozen=True)
class DrawnTrack:
    """A track as HiGlass holds it; pixels are those of the viewer, `bin` is in bases."""

    uid: str
    kind: str
    left: float
    top: float
    width: float
    height: float
    options: dict[str, Any]
    bin: float | None


def need_bundle() -> None:
    """Skips where the page is not built; where SEQ2EXP_REQUIRE_BROWSER is 1 that is a failure."""
    if page_is_built():
        return
    message = "needs the bundle of the page: run `python -m higlass_views.frontend`"
    if os.environ.get("SEQ2EXP_REQUIRE_BROWSER") == "1":
        pytest.fail(message)
    pytest.skip(message)


@contextmanager
def serving(*runs: Path, options: tuple[str, ...] = ()) -> Iterator[str]:
    """Runs `seq2exp-tracks view` on a free port; yields the address that it prints."""
    need_bundle()
    command = [COMMAND, "view", *map(str, runs), *options, "--no-browser", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            address = server.stdout.readline().partition(" ")[0]
            assert address.startswith("http://127.0.0.1:"), address
            yield address
        finally:
            server.terminate()


def wait_until_drawn(page: Page, view: str | None = None) -> None:
    """Waits until a view is there and all its tiles are."""
    wanted = f"=== '{view}'" if view else ""
    page.wait_for_function(f"document.documentElement.dataset.ready {wanted}", timeout=PATIENCE_MS)
    page.wait_for_function("seq2exp.viewer.settled", timeout=PATIENCE_MS)
    page.wait_for_timeout(300)  # arcs come from a worker, and the graphics card draws at its next frame


def tracks(page: Page) -> dict[str, DrawnTrack]:
    return {found["uid"]: DrawnTrack(**found) for found in page.evaluate(TRACKS)}


def region(page: Page) -> tuple[float, float]:
    start, end = page.evaluate("seq2exp.viewer.region")
    return start, end


def shapes(page: Page, uid: str) -> np.ndarray:
    """Points of a line or corners of bars, one row each: x, y in pixels of the track, y downwards."""
    return np.array(page.evaluate(SHAPES, uid), dtype=float).reshape(-1, 2)


def origin(page: Page) -> tuple[float, float]:
    """Where the viewer's pixel 0, 0 is in the window."""
    box = "seq2exp.viewer.api.getComponent().topDivRef.current.getBoundingClientRect()"
    x, y = page.evaluate(f"[{box}.left, {box}.top]")
    return x, y


@dataclass(frozen=True)
class Picture:
    """The window as it is on the screen: rows, columns, red green blue; and where the viewer is in it."""

    colours: np.ndarray
    left: float
    top: float

    @classmethod
    def of(cls, page: Page) -> "Picture":
        shown = Image.open(BytesIO(page.screenshot())).convert("RGB")
        return cls(np.asarray(shown).astype(int), *origin(page))

    def of_track(self, track: DrawnTrack) -> np.ndarray:
        """A track's rectangle."""
        left, top = round(self.left + track.left), round(self.top + track.top)
        return self.colours[top : top + round(track.height), left : left + round(track.width)]


def of_colour(picture: np.ndarray, colour: str, tolerance: int = 40) -> np.ndarray:
    """Which pixels have a colour, `#RRGGBB`, or one very like it."""
    wanted = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)])
    return np.asarray((abs(picture - wanted) <= tolerance).all(axis=2))
