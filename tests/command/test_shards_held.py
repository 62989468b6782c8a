"""The shards of a run are held until its files have their names, and what is told of an interrupt is true."""

import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from playground import Playground, Run

from seq2exp_tracks.errors import OutputError
from seq2exp_tracks.io import whole_folder
from seq2exp_tracks.io.lock_file import held
from seq2exp_tracks.run_status import State, status_of

SMALL = ("--gene", "A10", "--window", "2000", "--workers", "1")

Score = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def score(playground: Playground, inside: Run, monkeypatch: pytest.MonkeyPatch) -> Score:
    monkeypatch.setenv("SEQ2EXP_KERNELS", "reference")
    return lambda *options: inside("score", *playground.inputs, *SMALL, *options)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_nobody_gets_at_the_shards_while_the_files_take_their_names(
    score: Score, inside: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    states, take_names = [], whole_folder.take_names

    def watched(folder: Path, *others: object) -> None:
        states.append(status_of(folder).state)
        lock = folder / ".shards" / "lock"
        with pytest.raises(OutputError, match=r"^as a part"), held(lock, "as a part", shared=True):
            pytest.fail("a part has joined")
        take_names(folder, *others)  # type: ignore[arg-type] # handed on

    monkeypatch.setattr(whole_folder, "take_names", watched)
    assert score("--keep-shards", "--out", str(tmp_path / "run")).returncode == 0
    assert inside("merge", tmp_path / "run", "--overwrite", "--no-keep-shards").returncode == 0
    assert states == [State.RUNNING, State.RUNNING]
    assert status_of(tmp_path / "run").state is State.FINISHED
    assert {".shards", ".partial"}.isdisjoint(names(tmp_path / "run"))


def test_ctrl_c_before_files_take_their_names_keeps_the_shards_and_says_so(
    score: Score, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(path: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(whole_folder, "sync", interrupted)
        done = score("--out", str(tmp_path / "run"))
    assert (done.returncode, done.stderr.splitlines()[-1]) == (
        1,
        "Error: interrupted: what is done is kept, and the same command goes on with it",
    )
    assert names(tmp_path / "run") == {".shards"}
    again = score("--out", str(tmp_path / "run"))
    assert again.returncode == 0, again.stderr
    assert "goes on: 1 of 1 shards" in again.stderr


def test_ctrl_c_while_files_take_their_names_leaves_a_whole_run_and_says_so(
    score: Score, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_names, out = whole_folder.take_names, tmp_path / "run"

    def interrupted(folder: Path, *others: object) -> None:
        signal.raise_signal(signal.SIGINT)
        take_names(folder, *others)  # type: ignore[arg-type] # handed on

    monkeypatch.setattr(whole_folder, "take_names", interrupted)
    done = score("--out", str(out))
    assert (done.returncode, done.stderr.splitlines()[-1]) == (
        1,
        f"Error: interrupted: {out} holds the whole run by now",
    )
    assert status_of(out).state is State.FINISHED
    assert {".shards", ".partial"}.isdisjoint(names(out))
