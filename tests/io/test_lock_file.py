"""A lock that one process holds, or several share, and that is free when its holder has ended."""

import json
import os
import platform
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from seq2exp_tracks.errors import OutputError
from seq2exp_tracks.io.lock_file import held, refuse_held, told_holder

# Holds a lock and says so, until it is told to end or is killed.
PROGRAM = """
import sys
from pathlib import Path
from seq2exp_tracks.io.lock_file import held

with held(Path(sys.argv[1]), "out: taken", shared=sys.argv[2] == "shared"):
    print("held", flush=True)
    sys.stdin.readline()
"""


@contextmanager
def holder(lock: Path, how: str = "alone") -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock while the body runs."""
    command = [sys.executable, "-c", PROGRAM, str(lock), how]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.communicate("\n")


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return tmp_path / "lock"


def is_free(lock: Path) -> bool:
    try:
        with held(lock, "out: taken"):
            return True
    except OutputError:
        return False


def test_a_second_process_is_refused_with_the_name_of_the_first(lock: Path) -> None:
    with holder(lock) as process:
        told = (
            rf"^out: taken by process {process.pid} on {platform.node()}, since 20\S+; wait for it or choose"
        )
        with pytest.raises(OutputError, match=told), held(lock, "out: taken"):
            pytest.fail("two hold it")
        with pytest.raises(OutputError, match=told), held(lock, "out: taken", shared=True):
            pytest.fail("one shares what another holds alone")
        assert json.loads(lock.read_text())["process"] == process.pid  # who was refused has not written
    assert is_free(lock)


def test_the_lock_of_a_process_that_was_killed_is_taken_over(lock: Path) -> None:
    with holder(lock) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
        with held(lock, "out: taken"):
            assert told_holder(lock).startswith(f" by process {os.getpid()} on ")


def test_who_only_looks_whether_a_lock_is_held_leaves_no_name_in_it(lock: Path) -> None:
    with (
        holder(lock) as process,
        pytest.raises(OutputError, match=rf"^out: taken by process {process.pid} on "),
    ):
        refuse_held(lock, "out: taken")
    said = lock.read_text()
    refuse_held(lock, "out: taken")
    assert lock.read_text() == said
    assert is_free(lock)


def test_somebody_who_is_gone_is_not_told(lock: Path) -> None:
    with holder(lock) as process:
        said = lock.read_text()
        assert told_holder(lock).startswith(f" by process {process.pid} on ")
    lock.write_text(said)
    assert told_holder(lock) == ""
    lock.write_text(said.replace(platform.node(), "another machine"))  # nobody can tell from here
    assert told_holder(lock).startswith(f" by process {process.pid} on another machine, since ")


def test_a_lock_is_shared_and_keeps_out_who_wants_it_alone(lock: Path) -> None:
    with held(lock, "out: taken"):
        pass
    with (
        holder(lock, "shared"),
        held(lock, "out: taken", shared=True),
        # Nobody is named: who held it last is gone.
        pytest.raises(OutputError, match=r"^out: taken; wait for it"),
        held(lock, "out: taken"),
    ):
        pytest.fail("one holds alone what others share")
    assert is_free(lock)


def test_a_lock_file_that_its_holder_removed_in_the_end_is_no_lock(
    lock: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from seq2exp_tracks.io import lock_file

    opened = []

    def removed(handle: int, how: int) -> None:
        opened.append(handle)
        if len(opened) == 1:
            lock.unlink()

    monkeypatch.setattr(lock_file.fcntl, "flock", removed)
    with held(lock, "out: taken"):
        assert len(opened) == 2
        assert json.loads(lock.read_text())["process"] == os.getpid()


def test_who_held_a_lock_is_not_told_where_the_file_does_not_say(lock: Path) -> None:
    assert told_holder(lock) == ""
    for content in ("", "{", "[]", '{"process": "x", "host": "a", "since": "b"}'):
        lock.write_text(content)
        assert told_holder(lock) == ""


def test_a_lock_in_a_folder_that_is_missing_is_one_line(tmp_path: Path) -> None:
    with (
        pytest.raises(OutputError, match="cannot be written"),
        held(tmp_path / "gone" / "lock", "out: taken"),
    ):
        pytest.fail("there is no such folder")
