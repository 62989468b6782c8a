"""The UCSC hub is read by another parser of hubs, and its files by UCSC's own code and pyBigWig."""

import json
import subprocess
from pathlib import Path
from typing import Any

import bbi
import numpy as np
import pyBigWig
import pytest
from example_run import SIZES, ExampleRun
from node_packages import FOLDER, node, package
from run_variants import copy_of_run

from seq2exp_tracks.exports.hub import export_hub
from seq2exp_tracks.exports.request import ExportOptions
from seq2exp_tracks.genome import Interval
from seq2exp_tracks.run_reader import Run

PARSE = """
import { readFileSync } from "node:fs"
import { SingleFileHub } from "@gmod/ucsc-hub"
const hub = new SingleFileHub(readFileSync(0, "utf8"))
const tracks = Object.entries(hub.tracks.data).map(([name, stanza]) => stanza.data)
console.log(JSON.stringify({hub: hub.hubData.data, genome: hub.genome.data, tracks}))
"""


def parse(text: str) -> dict[str, Any]:
    """What @gmod/ucsc-hub reads; a hub that it refuses raises."""
    package("@gmod/ucsc-hub")
    command = [node(), "--input-type=module", "--eval", PARSE]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, cwd=FOLDER)
    if done.returncode:
        raise ValueError(done.stderr)
    parsed: dict[str, Any] = json.loads(done.stdout)
    return parsed


@pytest.fixture(scope="module")
def run(example: ExampleRun, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of_run(example, tmp_path_factory.mktemp("hub"), genome="GRCh38")


@pytest.fixture(scope="module")
def hub(run: Path) -> Path:
    export_hub(run, run.parent / "out", ExportOptions(signals=True), email="who@lab.org")
    return run.parent / "out"


def composite(name: str, short: str, about: str) -> dict[str, str]:
    return {
        "track": f"seq2exp_{name}_tracks",
        "compositeTrack": "on",
        "type": "bigWig",
        "shortLabel": short,
        "longLabel": about,
        "visibility": "full",
        "maxHeightPixels": "128:48:16",
        "alwaysZero": "on",
        "html": "description.html",
    }


def subtrack(
    name: str, parent: str, file: str, limits: tuple[float, float] | None, colour: str, priority: int
) -> dict[str, str]:
    """What does not vary with words; labels are compared apart."""
    scale = {"autoScale": "on"}
    if limits is not None:
        scale = {"autoScale": "off", "viewLimits": f"{limits[0]:g}:{limits[1]:g}"}
    return {
        "track": f"seq2exp_{name}",
        "parent": f"seq2exp_{parent}_tracks on",
        "bigDataUrl": f"tracks/{file}",
        "type": "bigWig" if limits is None else f"bigWig {limits[0]:g} {limits[1]:g}",
        "color": colour,
        "windowingFunction": "mean" if limits is None or name == "mask_sd" else "mean+whiskers",
        "priority": str(priority),
        "visibility": "full",
        **scale,
    }


def test_the_whole_hub_is_as_another_parser_reads_it(hub: Path) -> None:
    found = parse((hub / "hub.txt").read_text())
    assert found["hub"] == {
        "hub": "cells",
        "shortLabel": "Seq2Exp cells",
        "longLabel": "Seq2Exp cells: learned regulatory masks",
        "useOneFile": "on",
        "email": "who@lab.org",
        "descriptionUrl": "description.html",
    }
    assert found["genome"] == {"genome": "hg38"}
    labels = [(track.pop("shortLabel"), track.pop("longLabel")) for track in found["tracks"]]
    expected = [
        composite("signals", "Signals read", "What the model read; units as in the files"),
        subtrack("signal_DNase", "signals", "signal.DNase.bw", None, "0,114,178", 1),
        subtrack("signal_H3K27ac", "signals", "signal.H3K27ac.bw", None, "0,158,115", 2),
        composite("mask", "Learned mask", "Learned mask with its sd, and applied mask; 0 to 1"),
        subtrack("mask", "mask", "mask.bw", (0, 1), "213,94,0", 1),
        subtrack("mask_sd", "mask", "mask.sd.bw", (0, 0.5), "213,94,0", 2),
        subtrack("mask_applied", "mask", "mask.applied.bw", (0, 1), "230,159,0", 3),
        {
            "track": "seq2exp_elements",
            "bigDataUrl": "tracks/elements.bb",
            "type": "bigBed 9 +",
            "itemRgb": "on",
            "visibility": "squish",
            "html": "description.html",
        },
        {
            "track": "seq2exp_links",
            "bigDataUrl": "tracks/links.inter.bb",
            "type": "bigInteract",
            "color": "213,94,0",
            "interactDirectional": "true",
            "spectrum": "on",
            "maxHeightPixels": "200:100:50",
            "visibility": "full",
            "html": "description.html",
        },
        composite("expression", "Expression", "Predicted expression at each TSS; log10(1 + CAGE)"),
        subtrack("expression_plus", "expression", "expression.plus.bw", (0, 2), "0,0,0", 1),
        subtrack("expression_minus", "expression", "expression.minus.bw", (0, 2), "0,0,0", 2),
    ]
    for stanza in expected:
        stanza.pop("shortLabel", None)
        stanza.pop("longLabel", None)
    assert found["tracks"] == expected
    assert labels[4] == ("Learned mask", "Learned mask (probability), cells")
    assert all(len(short) <= 17 and len(long) <= 76 for short, long in labels)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("shortLabel", "required"),
        ("bigDataUrl", 'missing required key "bigDataUrl"'),
        ("email", "required"),
        ("track", "first line in each stanza must have the same key"),
    ],
)
def test_the_parser_refuses_a_hub_that_lacks_a_setting(hub: Path, setting: str, message: str) -> None:
    lines = (hub / "hub.txt").read_text().splitlines(keepends=True)
    last = max(place for place, line in enumerate(lines) if line.split()[:1] == [setting])
    with pytest.raises(ValueError, match=message):
        parse("".join(lines[:last] + lines[last + 1 :]))


def test_every_path_of_the_hub_is_relative_and_there(hub: Path) -> None:
    found = parse((hub / "hub.txt").read_text())
    named = [track["bigDataUrl"] for track in found["tracks"] if "bigDataUrl" in track]
    named += [found["hub"]["descriptionUrl"]]
    assert [name for name in named if name.startswith("/") or not (hub / name).is_file()] == []


def test_elements_and_links_are_read_by_ucscs_own_code_and_by_pybigwig(hub: Path, run: Path) -> None:
    opened = Run.open(run)
    for file, table in (
        ("elements.bb", opened.element_table()),
        ("links.inter.bb", opened.link_table()),
    ):
        path = str(hub / "tracks" / file)
        names = set(table["name"].to_pylist())
        with pyBigWig.open(path) as track:
            assert track.isBigBed()
            assert track.chroms() == dict(SIZES)
            rows = [row for chrom in SIZES for row in track.entries(chrom, 0, SIZES[chrom])]
            assert {row[2].split("\t")[0] for row in rows} == names
        frames = [bbi.fetch_intervals(path, chrom, 0, SIZES[chrom], iterator=False) for chrom in SIZES]
        assert {name for frame in frames for name in frame["name"]} == names
        assert sum(len(frame) for frame in frames) == table.num_rows == len(rows)


def test_the_page_of_the_hub_tells_provenance_and_paper_without_folders(hub: Path, run: Path) -> None:
    page = (hub / "description.html").read_text()
    for entry in Run.open(run).manifest.inputs:
        assert f"<td>{Path(entry.path).name}</td>" in page
        assert entry.sha256 in page
        assert str(Path(entry.path).parent) not in page
    assert "arXiv:2502.13991" in page
    titles = ("Learned mask", "Applied mask", "Called elements", "Elements to genes")
    assert [title for title in titles if f"<td>{title}</td>" not in page] == []


def test_a_run_without_elements_makes_a_hub_without_them(example: ExampleRun, tmp_path: Path) -> None:
    bare = copy_of_run(example, tmp_path)
    header = (bare / "elements.bed").read_text().splitlines()[0]
    (bare / "elements.bed").write_text(f"{header}\n")
    export_hub(bare, tmp_path / "out", ExportOptions())
    named = [track["track"] for track in parse((tmp_path / "out/hub.txt").read_text())["tracks"]]
    assert "seq2exp_mask" in named
    assert {"seq2exp_elements", "seq2exp_links"}.isdisjoint(named)
    assert not (tmp_path / "out/tracks/elements.bb").exists()


def test_the_masks_of_the_hub_are_the_runs(hub: Path, run: Path) -> None:
    opened = Run.open(run)
    entry = opened.track("mask")
    assert entry is not None
    ours = opened.values(entry, Interval("chrA", 0, 100_000))
    theirs = bbi.fetch(str(hub / "tracks/mask.bw"), "chrA", 0, 100_000, missing=np.nan)
    np.testing.assert_array_equal(ours, theirs.astype(np.float32).astype(np.float64))
