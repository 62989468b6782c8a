"""Files that are replaced while a run reads them are noticed."""

import os
from pathlib import Path

import pytest

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.pipeline.unchanged import Unchanged


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "signal.bw"
    path.write_text("one")
    os.utime(path, ns=(10**18, 10**18))
    return path


def replaced(path: Path) -> None:
    other = path.with_name("other")
    other.write_text("two")
    os.utime(other, ns=(10**18, 10**18))
    other.replace(path)


def appended(path: Path) -> None:
    path.write_text("one more")
    os.utime(path, ns=(10**18, 10**18))


def rewritten(path: Path) -> None:
    path.write_text("two")


@pytest.mark.parametrize("change", [replaced, appended, rewritten, Path.unlink])
def test_a_file_that_is_not_what_it_was_is_one_line_with_the_way_out(file: Path, change) -> None:
    unchanged = Unchanged.of([file])
    unchanged()
    change(file)
    with pytest.raises(
        InputError, match=r"signal\.bw: changed while the run was reading it; .* --overwrite$"
    ):
        unchanged()


def test_reading_and_renaming_beside_it_change_nothing(file: Path) -> None:
    unchanged = Unchanged.of([file, file.with_name("missing")])
    file.read_text()
    os.link(file, file.with_name("linked"))
    unchanged()


def test_files_that_are_not_read_may_change(file: Path) -> None:
    other = file.with_name("other")
    other.touch()
    unchanged = Unchanged.of([file, other]).only([file])
    other.write_text("two")
    unchanged()
