"""What the page saves: pictures of the present view, and its config."""

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from chromium import Visit
from PIL import Image
from playwright.sync_api import Page
from shown_page import of_colour, region, wait_until_drawn

from seq2exp_tracks import palette

Open = Callable[..., Visit]

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def page(example_page: str, visit: Open) -> Page:
    shown = visit(f"{example_page}#view=gene&gene=A10").page
    wait_until_drawn(shown, "gene")
    return shown


def saved(page: Page, button: str, folder: Path) -> Path:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=button, exact=True).click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def test_svg_is_a_whole_document_with_every_track_in_its_colour(page: Page, tmp_path: Path) -> None:
    path = saved(page, "SVG", tmp_path)
    assert path.name == "run.gene.A10.svg"
    text = path.read_text()
    assert "undefined" not in text
    assert "NaN" not in text
    root = ElementTree.fromstring(text)
    assert root.tag == f"{SVG}svg"
    colours = {node.get("fill") for node in root.iter()} | {node.get("stroke") for node in root.iter()}
    wanted = {palette.TRACKS[name] for name in ("DNase", "H3K27ac", "HiC", "mask")}
    assert wanted <= colours
    words = {node.text for node in root.iter(f"{SVG}text")}
    assert "A10" in words


def test_titles_are_not_cut_off_the_svg(page: Page, tmp_path: Path) -> None:
    root = ElementTree.parse(saved(page, "SVG", tmp_path)).getroot()
    clipped = {
        text.text
        for group in root.iter()
        if "clip-path" in group.get("style", "")
        for text in group.iter(f"{SVG}text")
    }
    words = {text.text for text in root.iter(f"{SVG}text")}
    titles = {"DNase [signal of the bigWig]", "Hi-C map, VC [contacts of two bins]", "Elements of A10"}
    assert titles <= words
    assert not titles & clipped


def test_a_map_is_saved_in_its_bins_and_not_smoothed(page: Page, tmp_path: Path) -> None:
    root = ElementTree.parse(saved(page, "SVG", tmp_path)).getroot()
    assert {image.get("style") for image in root.iter(f"{SVG}image")} == {"image-rendering: pixelated"}
    # A row of the PNG through the middle of the map: four bins, in the shades that pairs of them have.
    top, height = page.evaluate("""() => {
        const map = seq2exp.viewer.tracks.find((track) => track.id === "r0-map");
        return [map.position[1], map.dimensions[1]];
    }""")
    with Image.open(saved(page, "PNG", tmp_path)) as picture:
        row = np.asarray(picture.convert("RGB"))[round(2 * (top + height / 2)), 20:-20]
    changes = (row[1:] != row[:-1]).any(axis=1).sum()
    assert changes < 60


def test_png_is_the_view_in_twice_its_pixels_on_white(page: Page, tmp_path: Path) -> None:
    path = saved(page, "PNG", tmp_path)
    assert path.name == "run.gene.A10.png"
    size = page.evaluate("""() => {
        const { width, height } = seq2exp.viewer.container.querySelector("canvas").getBoundingClientRect();
        return [2 * width, 2 * height];
    }""")
    with Image.open(path) as picture:
        picture.load()
        assert picture.size == pytest.approx(size, abs=2)
        colours = np.asarray(picture.convert("RGB")).astype(int)
    assert (colours[0] == 255).all()
    for name in ("DNase", "H3K27ac", "mask"):
        assert of_colour(colours, palette.TRACKS[name]).sum() > 100


def test_json_is_the_view_config_at_the_present_place(page: Page, tmp_path: Path) -> None:
    page.get_by_role("button", name="Zoom in").click()
    page.wait_for_function(
        "(before) => seq2exp.viewer.region[1] - seq2exp.viewer.region[0] < before", arg=10_001
    )
    path = saved(page, "JSON", tmp_path)
    assert path.name == "run.gene.A10.json"
    viewconf = json.loads(path.read_text())
    (view,) = viewconf["views"]
    assert view["initialXDomain"] == pytest.approx(region(page))
    shown = json.dumps(view["tracks"])
    assert "r0-signal0" in shown
    assert "1d-arcs" in shown
