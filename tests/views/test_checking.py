"""A run is shown only if every file is what its manifest says."""

import os
import shutil
from pathlib import Path

import pytest
from example_run import ExampleRun

from higlass_views.checking import Unwatched, check_files
from seq2exp_tracks.errors import InputError
from seq2exp_tracks.manifest import Manifest


class Steps:
    """Counts what a watcher is told."""

    def __init__(self) -> None:
        self.label, self.total, self.done = "", 0, 0

    def stage(self, label: str, total: int) -> None:
        self.label, self.total = label, total

    def advance(self) -> None:
        self.done += 1


@pytest.fixture
def copied(example: ExampleRun, tmp_path: Path) -> Path:
    return shutil.copytree(example.folder, tmp_path / "copied")


def check(folder: Path) -> None:
    check_files(folder, Manifest.read(folder), Unwatched())


def test_a_whole_run_passes_and_each_file_is_a_step(example: ExampleRun) -> None:
    manifest = Manifest.read(example.folder)
    steps = Steps()
    check_files(example.folder, manifest, steps)
    assert steps.label == "checking run"
    assert steps.done == steps.total == len(manifest.files)


def test_a_file_that_is_gone_is_named_with_the_way_out(copied: Path) -> None:
    (copied / "mask.sd.bw").unlink()
    with pytest.raises(InputError) as caught:
        check(copied)
    assert str(caught.value) == (
        f"{copied / 'mask.sd.bw'}: the manifest lists it, but it is not there (No such file or directory); "
        "copy the run again, or run `score` again"
    )


def test_a_file_that_was_cut_short_is_told_by_its_size(copied: Path) -> None:
    path = copied / "elements.bed"
    size = path.stat().st_size
    os.truncate(path, size - 1)
    with pytest.raises(InputError) as caught:
        check(copied)
    assert str(caught.value) == (
        f"{path}: has {size - 1:,} bytes, but the manifest says {size:,}: it was changed; "
        "copy the run again, or run `score` again"
    )


def test_one_changed_bit_is_told_by_the_checksum(copied: Path) -> None:
    path = copied / "genes" / Manifest.read(copied).files[-1].path.split("/")[-1]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        check(copied)
    assert str(caught.value) == (
        f"{path}: changed since the run (another SHA-256); copy the run again, or run `score` again"
    )


def test_a_folder_in_a_file_s_place_is_one_line(copied: Path) -> None:
    path = copied / "genes.bed"
    size = path.stat().st_size
    path.unlink()
    path.mkdir()
    with pytest.raises(InputError, match=r"genes\.bed: (has|cannot be read)"):
        check(copied)
    assert size != path.stat().st_size
