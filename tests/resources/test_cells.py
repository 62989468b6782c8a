"""Cells come back from their file as they were written, and what is no such file is refused in one line."""

from pathlib import Path

import pytest

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.resources.cells import Cells


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
