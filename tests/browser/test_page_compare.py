"""Two runs side by side."""

from collections.abc import Callable

import numpy as np
from chromium import Visit
from playwright.sync_api import expect
from shown_page import Picture, of_colour, region, shapes, tracks, wait_until_drawn

from seq2exp_tracks import palette

Open = Callable[..., Visit]


def test_two_runs_are_drawn_at_one_place_on_one_scale(compared_page: str, visit: Open) -> None:
    page = visit(f"{compared_page}#view=compare&gene=A10&at=chrA:160,001-180,000", height=1500).page
    wait_until_drawn(page, "compare")
    expect(page.locator("#run-names")).to_have_text("run and other")
    found = tracks(page)
    masks = [
        uid for uid, track in found.items() if track.options.get("lineStrokeColor") == palette.TRACKS["mask"]
    ]
    assert len(masks) == 2
    scales = [[found[uid].options[f"valueScale{end}"] for end in ("Min", "Max")] for uid in masks]
    assert scales == [[0, 1], [0, 1]]
    first, second = (shapes(page, uid) for uid in masks)
    assert np.array_equal(first[:, 0], second[:, 0])
    assert not np.allclose(first[:, 1], second[:, 1])
    picture = Picture.of(page)
    for uid in masks:
        assert of_colour(picture.of_track(found[uid]), palette.TRACKS["mask"]).sum() > 100
    start, end = region(page)
    page.get_by_role("button", name="Zoom in").click()
    page.wait_for_function("seq2exp.viewer.region[1] - seq2exp.viewer.region[0] < 10001")
    assert region(page)[0] > start
    assert region(page)[1] < end


def test_a_gene_opened_from_the_comparison_stays_compared(compared_page: str, visit: Open) -> None:
    page = visit(f"{compared_page}#view=compare&gene=A10").page
    wait_until_drawn(page, "compare")
    page.keyboard.press("/")
    page.keyboard.type("A12")
    page.keyboard.press("Enter")
    page.wait_for_url("**/#view=compare&gene=*")
    wait_until_drawn(page, "compare")
    start, end = region(page)
    assert start < 210_316 < end
    predicted = page.locator("#gene dt", has_text="Predicted")
    assert predicted.count() == 2
