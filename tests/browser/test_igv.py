"""An IGV session of a run is opened by igv.js, which draws every track of it and asks nobody else."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyBigWig
import pytest
from chromium import Visit, visited
from example_run import ExampleRun, write_run
from node_packages import package
from playwright.sync_api import Browser
from run_variants import copy_of_run
from static_server import served

from seq2exp_tracks.exports.igv import export_igv
from seq2exp_tracks.exports.request import ExportOptions
from seq2exp_tracks.tracks.bins import Bins

TITLES = [
    "Genes scored",
    "DNase",
    "H3K27ac",
    "Learned mask",
    "Learned mask, sd",
    "Applied mask",
    "Called elements",
    "Elements to genes",
    "Expression, + strand",
    "Expression, - strand",
]

PAGE = """<!DOCTYPE html>
<meta charset="utf-8">
<link rel="icon" href="data:,">
<div id="igv"></div>
<script type="module">
  import igv from "/igv/igv.esm.js"
  const options = {loadDefaultGenomes: false, sessionURL: "SESSION"}
  window.browser = await igv.createBrowser(document.getElementById("igv"), options)
  document.body.dataset.ready = "yes"
</script>
"""

# How many colours each drawn track has: one where nothing was drawn.
COLOURS = """() => browser.trackViews
  .filter((view) => view.track.url)
  .map((view) => {
    const canvas = view.viewports[0].viewportElement.querySelector("canvas")
    if (!canvas) return [view.track.name, 0]
    const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
    return [view.track.name, new Set(new Uint32Array(data.buffer)).size]
  })"""


# What igv.js reads of a track at a place, as start, end and value.
READ = """async ([name, chr, start, end]) => {
  const {track} = browser.trackViews.find((view) => view.track.name === name)
  const features = await track.featureSource.getFeatures({chr, start, end, bpPerPixel: 0.1})
  return features.map(({start, end, value}) => [start, end, value])
}"""


@dataclass(frozen=True)
class Opened:
    folder: Path
    visit: Visit
    first: str
    tracks: dict[str, int]
    state: dict[str, Any]


def exported(example: ExampleRun, place: Path) -> Path:
    run = copy_of_run(example, place)
    export_igv(run, place / "out", ExportOptions(signals=True), gene="A10")
    return place / "out"


@pytest.fixture(scope="module")
def folder(example: ExampleRun, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exported(example, tmp_path_factory.mktemp("igv"))


@pytest.fixture(scope="module")
def folder_in_bins(example: ExampleRun, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("igv-bins")
    return exported(write_run(place / "run", example.genome, bins=Bins(10)), place)


@pytest.fixture(
    scope="module",
    params=[("folder", "session.json"), ("folder", "session.xml"), ("folder_in_bins", "session.json")],
    ids=["JSON", "XML", "bins"],
)
def opened(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Opened]:
    name, session = request.param
    folder = request.getfixturevalue(name)
    (folder / "index.html").write_text(PAGE.replace("SESSION", session))
    libraries = package("igv") / "dist"
    with served(igv=libraries, run=folder) as address, visited(browser, height=1200) as visit:
        visit.page.goto(f"{address}/run/")
        visit.page.wait_for_selector("body[data-ready]", timeout=20_000)
        first = visit.page.evaluate("() => browser.currentLoci()")
        # A place with genes on both strands.
        visit.page.evaluate("() => browser.search('chrA:100000-120000')")
        visit.page.wait_for_function(f"() => ({COLOURS})().every(([, colours]) => colours > 1)")
        tracks = dict(visit.page.evaluate(COLOURS))
        yield Opened(folder, visit, first, tracks, visit.page.evaluate("() => browser.toJSON()"))


def test_every_track_is_there_by_its_name_in_its_order_and_drawn(opened: Opened) -> None:
    assert list(opened.tracks) == TITLES
    assert all(colours > 1 for colours in opened.tracks.values())


def test_what_igv_reads_of_the_mask_is_what_the_file_holds(opened: Opened) -> None:
    place = ("chrA", 100_000, 100_100)
    read = [tuple(value) for value in opened.visit.page.evaluate(READ, ["Learned mask", *place])]
    (shown,) = (track for track in opened.state["tracks"] if track.get("name") == "Learned mask")
    with pyBigWig.open(str(opened.folder / shown["url"])) as file:
        held = file.intervals(*place)
    assert [value for value in read if value[0] < place[2] and value[1] > place[1]] == list(held)


def test_it_opens_at_the_gene_on_the_runs_own_genome(opened: Opened) -> None:
    assert opened.state["reference"]["fastaURL"] == "reference/genome.fa"
    assert opened.first == "chrA:159940-179939"


def test_the_masks_share_the_scale_0_to_1_and_the_palettes_colours(opened: Opened) -> None:
    shown = {track["name"]: track for track in opened.state["tracks"] if "name" in track}
    ranges = {name: (shown[name]["min"], shown[name]["max"]) for name in (*TITLES[3:6], TITLES[8])}
    assert ranges == {
        "Learned mask": (0, 1),
        "Learned mask, sd": (0, 0.5),
        "Applied mask": (0, 1),
        "Expression, + strand": (0, 2),
    }
    assert shown["DNase"]["autoscale"] is True
    assert shown["Learned mask"]["color"].replace(" ", "") == "rgb(213,94,0)"
    assert shown["Applied mask"]["color"].replace(" ", "") == "rgb(230,159,0)"


def test_nobody_else_is_asked_and_nothing_is_complained_of(opened: Opened) -> None:
    assert opened.visit.foreign() == []
    assert opened.visit.complaints == []


def test_every_file_of_the_session_lies_beside_it(folder: Path) -> None:
    session = json.loads((folder / "session.json").read_text())
    named = [track["url"] for track in session["tracks"]]
    named += [session["reference"]["fastaURL"], session["reference"]["indexURL"]]
    assert [name for name in named if not (folder / name).is_file()] == []
