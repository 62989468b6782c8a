"""A folder has one writer at a time, also where only files can be locked; who comes is told who is there."""

import errno
import fcntl
import json
import os
import platform
from pathlib import Path

import pytest

from seq2exp_tracks.errors import OutputError
from seq2exp_tracks.io.run_folder import RunFolder


def test_a_second_run_takes_nothing_from_the_first_where_folders_cannot_be_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on NFS, which locks files that are open to be written."""
    lock = fcntl.flock

    def of_nfs(handle: int, how: int) -> None:
        if not fcntl.fcntl(handle, fcntl.F_GETFL) & (os.O_RDWR | os.O_WRONLY):
            raise OSError(errno.EBADF, "Bad file descriptor")
        lock(handle, how)

    monkeypatch.setattr(fcntl, "flock", of_nfs)
    with RunFolder(tmp_path) as run:
        run.path("mask.bw").write_text("hours of work")
        with pytest.raises(OutputError, match="another run is being written to it"), RunFolder(tmp_path):
            pytest.fail("the second run must not start")
        run.path("manifest.json").write_text('{"files": [{"path": "mask.bw"}]}')
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "mask.bw": "hours of work",
        "manifest.json": '{"files": [{"path": "mask.bw"}]}',
    }


def test_who_is_there_is_told_and_not_who_was_there_before(tmp_path: Path) -> None:
    gone = json.dumps({"process": 1, "host": "gone", "since": "2020-01-01T00:00:00+00:00"})
    for lock in (".shards/lock", ".partial/.lock"):
        (tmp_path / lock).parent.mkdir()
        (tmp_path / lock).write_text(gone)
    with RunFolder(tmp_path) as run:
        with pytest.raises(OutputError) as refused, RunFolder(tmp_path):
            pytest.fail("the second run must not start")
        since = json.loads((tmp_path / ".partial" / ".lock").read_text())["since"]
        run.path("manifest.json").write_text("{}")
    assert str(refused.value) == (
        f"{tmp_path}: another run is being written to it by process {os.getpid()} on {platform.node()}, "
        f"since {since}; wait for it or choose another folder"
    )


def test_the_folder_is_free_again_whatever_became_of_its_writer(tmp_path: Path) -> None:
    for error in (OSError, KeyboardInterrupt):
        with pytest.raises(error), RunFolder(tmp_path / "out"):
            raise error
        assert not (tmp_path / "out").exists()
    (tmp_path / "mask.bw").touch()
    with pytest.raises(OutputError, match=r"holds mask\.bw"), RunFolder(tmp_path, names=("mask.bw",)):
        pytest.fail("the run must not start")
    assert [path.name for path in tmp_path.iterdir()] == ["mask.bw"]
    with RunFolder(tmp_path, names=()) as run:
        run.path("manifest.json").write_text("{}")
