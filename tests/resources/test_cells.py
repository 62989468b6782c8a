"""Cells come back from their file as they were written, and what is no such file is refused in one line."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.resources.cells import Cells, Given
from seq2exp_tracks.signals import channel_name


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    folder = tmp_path / "cells"
    folder.mkdir()
    cells = Cells(
        name="mine",
        signals={"H3K27ac": folder / "k27.bw", "DNase": tmp_path / "elsewhere.bw"},
        genome="hg38",
        contacts=folder / "hic" / "mine.mcool",
        contacts_norm="ICE",
        features=folder / "features.tsv",
        without=("H3K4me3",),
        remarks=("features: derived",),
    )
    cells.write(folder / "mine.toml")
    assert Cells.read(folder / "mine.toml") == cells
    moved = folder.rename(tmp_path / "moved")
    found = Cells.read(moved / "mine.toml")
    assert found.signals == {"H3K27ac": moved / "k27.bw", "DNase": tmp_path / "elsewhere.bw"}
    assert (found.contacts, found.features) == (moved / "hic" / "mine.mcool", moved / "features.tsv")


def test_name_and_signals_are_enough(tmp_path: Path) -> None:
    path = tmp_path / "few.toml"
    path.write_text('[cells]\nname = "few"\nsignals = { DNase = "a.bw" }\n')
    assert Cells.read(path) == Cells(name="few", signals={"DNase": tmp_path / "a.bw"})


MINE = Cells(
    name="mine",
    genome="hg38",
    signals={"H3K27ac": Path("k27.bw"), "DNase": Path("dnase.bw")},
    contacts=Path("mine.mcool"),
    contacts_norm="ICE",
    features=Path("features.tsv"),
    without=("H3K4me3",),
    remarks=(
        "features: derived",
        "DNase: from ATAC",
        "promoter activity: DNase from bigWig, not reads per million",
    ),
)


@pytest.mark.parametrize(
    ("given", "changed"),
    [
        (Given(), {}),
        (
            Given(signals={"dhs": Path("mine.bw")}),
            {
                "signals": {"H3K27ac": Path("k27.bw"), "dhs": Path("mine.bw")},
                "remarks": (MINE.remarks[0], MINE.remarks[2]),
            },
        ),
        (
            Given(signals={"H3K4me3": Path("k4.bw")}),
            {"signals": {**MINE.signals, "H3K4me3": Path("k4.bw")}, "without": ()},
        ),
        (
            Given(without=("h3k27ac", "h3k27ac")),
            {"signals": {"DNase": Path("dnase.bw")}, "without": ("h3k27ac", "H3K4me3")},
        ),
        (Given(contacts=Path("other.hic")), {"contacts": Path("other.hic")}),
        (Given(no_contacts=True), {"contacts": None}),
        (Given(contacts_norm="VC"), {"contacts_norm": "VC"}),
        (
            Given(features=Path("other.tsv")),
            {"features": Path("other.tsv"), "remarks": ("DNase: from ATAC",)},
        ),
    ],
)
def test_what_is_given_comes_first_one_by_one_with_what_there_is_to_tell_of_it(
    given: Given, changed: dict[str, Any]
) -> None:
    assert MINE.overridden(given, channel_name) == replace(MINE, **changed)


def test_a_missing_file_is_one_that_prepare_writes(tmp_path: Path) -> None:
    path = tmp_path / "cells.toml"
    with pytest.raises(InputError, match=rf"^{path}: no such file; seq2exp-tracks prepare writes it$"):
        Cells.read(path)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "'cells'"),
        ("[cells]\nname = 3", "name is no text"),
        ('[cells]\nname = "a"', "'signals'"),
        ('[cells]\nname = ""\nsignals = {}', "name is empty"),
        ('[cells]\nname = "a"\nsignals = ["b.bw"]', "signals are no table"),
        ('[cells]\nname = "a"\nsignals = {}\nremarks = "b"', "remarks: no list"),
        ('[cells]\nname = "a"\nsignals = {}\nsignal = 1', "unknown entries: signal"),
        ('[cells]\nname = "a"\nsignals = {}\ncontacts_norm = "KR"', "not VC or ICE"),
        ("cells = 1", "not a file of cells"),
        ("[cells", "not a file of cells"),
    ],
)
def test_what_is_no_file_of_cells(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=rf"^{path}: .*{told}"):
        Cells.read(path)


def test_a_file_that_is_no_text_is_none_of_cells(tmp_path: Path) -> None:
    path = tmp_path / "H3K27ac.bw"
    path.write_bytes(b"\x26\xfc\x8f\x88")
    with pytest.raises(InputError, match=rf"^{path}: not a file of cells, which is text; give"):
        Cells.read(path)
