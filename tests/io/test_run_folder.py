import json
import multiprocessing
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from seq2exp_tracks.errors import OutputError
from seq2exp_tracks.io.run_folder import RunFolder


def write_run(folder: Path, text: str, *names: str, overwrite: bool = False) -> None:
    with RunFolder(folder, overwrite=overwrite, names=("mask.bw",)) as run:
        for name in names:
            run.path(name).write_text(text)
        listed = [{"path": name} for name in names]
        run.path("manifest.json").write_text(json.dumps({"files": listed}))


def break_off(folder: Path, error: type[BaseException]) -> None:
    """Begins a run that replaces an older one, and ends it by an error."""
    with RunFolder(folder, overwrite=True) as run:
        run.path("mask.bw").write_text("half")
        raise error


def content(folder: Path) -> dict[str, str]:
    """Every file below a folder, hidden ones included, but the manifest."""
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "manifest.json"
    }


def test_files_take_their_names_when_the_run_is_whole(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    with RunFolder(out) as run:
        run.path("genes/a.bw").write_text("a")
        run.path("manifest.json").write_text("{}")
        assert [path.name for path in out.iterdir()] == [".partial"]
    assert content(out) == {"genes/a.bw": "a"}
    assert sorted(path.name for path in out.iterdir()) == ["genes", "manifest.json"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, OutputError])
def test_nothing_is_left_of_a_run_that_ends_early(tmp_path: Path, error: type[BaseException]) -> None:
    with pytest.raises(error):
        break_off(tmp_path / "out", error)
    assert list(tmp_path.iterdir()) == []


def test_an_older_run_is_refused_without_overwrite(tmp_path: Path) -> None:
    write_run(tmp_path, "old", "mask.bw")
    with pytest.raises(
        OutputError, match="holds a run already; choose another folder or replace it with --over"
    ):
        write_run(tmp_path, "new", "mask.bw")
    assert content(tmp_path) == {"mask.bw": "old"}


def test_an_older_run_stays_as_it_was_where_the_new_one_fails(tmp_path: Path) -> None:
    write_run(tmp_path, "old", "mask.bw", "genes/a.bw")
    before = (tmp_path / "manifest.json").read_bytes()
    with pytest.raises(KeyboardInterrupt):
        break_off(tmp_path, KeyboardInterrupt)
    assert content(tmp_path) == {"genes/a.bw": "old", "mask.bw": "old"}
    assert (tmp_path / "manifest.json").read_bytes() == before


def test_overwriting_removes_the_older_run_and_no_other_file(tmp_path: Path) -> None:
    write_run(tmp_path, "old", "mask.bw", "genes/a.bw")
    (tmp_path / "notes.txt").write_text("mine")
    write_run(tmp_path, "new", "mask.bw", overwrite=True)
    assert content(tmp_path) == {"mask.bw": "new", "notes.txt": "mine"}
    assert not (tmp_path / "genes").exists()


@pytest.mark.parametrize("names", ['["../precious"]', '["/tmp/../precious"]', "[3]", "3"])
def test_a_manifest_cannot_have_files_elsewhere_removed(tmp_path: Path, names: str) -> None:
    (tmp_path / "precious").write_text("mine")
    out = tmp_path / "out"
    out.mkdir()
    entries = json.dumps([{"path": name} for name in json.loads(names)]) if names != "3" else "3"
    (out / "manifest.json").write_text(f'{{"files": {entries}}}')
    write_run(out, "new", "mask.bw", overwrite=True)
    assert content(tmp_path) == {"out/mask.bw": "new", "precious": "mine"}


def test_a_file_of_a_name_that_the_run_writes_is_refused_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "mask.bw").write_text("mine")
    with pytest.raises(OutputError, match=r"holds mask\.bw already"), RunFolder(tmp_path, names=("mask.bw",)):
        pytest.fail("the run must not start")
    assert content(tmp_path) == {"mask.bw": "mine"}


def test_a_file_of_a_name_that_turns_up_at_the_end_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "other.bw").write_text("mine")
    with pytest.raises(OutputError, match=r"holds other\.bw already"):
        write_run(tmp_path, "new", "mask.bw", "other.bw")
    assert content(tmp_path) == {"other.bw": "mine"}


def test_what_a_killed_process_left_is_cleaned_up(tmp_path: Path) -> None:
    (tmp_path / ".partial").mkdir()
    (tmp_path / ".partial" / "mask.sd.bw").write_text("half")
    write_run(tmp_path, "new", "mask.bw")
    assert content(tmp_path) == {"mask.bw": "new"}


def test_a_run_killed_in_the_middle_shows_no_finished_file_and_can_be_repeated(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path\n"
        "from seq2exp_tracks.io.run_folder import RunFolder\n"
        "with RunFolder(Path(sys.argv[1])) as run:\n"
        "    run.path('mask.bw').write_text('half'); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(tmp_path)]) as killed:
        assert killed.wait() == -9
    left = content(tmp_path)
    assert json.loads(left.pop(".partial/.lock"))["process"] == killed.pid
    assert left == {".partial/mask.bw": "half"}
    write_run(tmp_path, "new", "mask.bw")
    assert content(tmp_path) == {"mask.bw": "new"}


# Files that had their names when the process was killed; None: it was removing the older run's.
@pytest.mark.parametrize("moved", [None, 0, 1, 2])
@pytest.mark.parametrize("older", [False, True], ids=["empty folder", "older run"])
def test_a_run_killed_while_its_files_take_their_names_can_be_repeated(
    tmp_path: Path, moved: int | None, older: bool
) -> None:
    if older:
        write_run(tmp_path, "old", "mask.bw", "genes/a.bw")
    (tmp_path / "notes.txt").write_text("mine")
    process = multiprocessing.get_context("spawn").Process(target=die_while_moving, args=(tmp_path, moved))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert not (tmp_path / "manifest.json").exists()
    RunFolder(tmp_path, names=("mask.bw",)).check()
    write_run(tmp_path, "new", "mask.bw", "links.bedpe")
    assert content(tmp_path) == {"links.bedpe": "new", "mask.bw": "new", "notes.txt": "mine"}
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == []


def die_while_moving(folder: Path, moved: int | None) -> None:
    """Writes a run that replaces an older one, and is killed when so many of its files have their names."""
    replace, unlink, done = Path.replace, Path.unlink, 0

    def replace_or_die(path: Path, target: Path) -> Path:
        nonlocal done
        if done == moved:
            os.kill(os.getpid(), signal.SIGKILL)
        done += 1
        return replace(path, target)

    def unlink_and_die(path: Path, missing_ok: bool = False) -> None:
        unlink(path, missing_ok)
        if moved is None:
            os.kill(os.getpid(), signal.SIGKILL)

    Path.replace, Path.unlink = replace_or_die, unlink_and_die  # type: ignore[method-assign, assignment]
    write_run(folder, "killed", "links.bedpe", "mask.bw", overwrite=True)


def test_a_list_of_a_killed_process_cannot_have_files_elsewhere_removed(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine")
    (tmp_path / "out" / ".partial").mkdir(parents=True)
    (tmp_path / "out" / ".partial" / "manifest.json").write_text("{}")
    (tmp_path / "out" / ".partial" / ".moving").write_text('{"files": ["../precious", "/tmp/../precious"]}')
    write_run(tmp_path / "out", "new", "mask.bw")
    assert content(tmp_path) == {"out/mask.bw": "new", "precious": "mine"}


def test_a_second_run_into_the_same_folder_is_refused_while_the_first_is_written(tmp_path: Path) -> None:
    with RunFolder(tmp_path) as run:
        run.path("mask.bw").write_text("first")
        with pytest.raises(OutputError, match="another run is being written to it"), RunFolder(tmp_path):
            pytest.fail("the second run must not start")
        run.path("manifest.json").write_text("{}")
    assert content(tmp_path) == {"mask.bw": "first"}


def test_a_run_without_a_manifest_is_not_published(tmp_path: Path) -> None:
    with (
        pytest.raises(ValueError, match=r"without manifest\.json is not whole"),
        RunFolder(tmp_path / "out") as run,
    ):
        run.path("mask.bw").write_text("new")
    assert list(tmp_path.iterdir()) == []


def test_moving_that_fails_leaves_none_of_the_new_files(tmp_path: Path) -> None:
    (tmp_path / "zz").mkdir()
    with pytest.raises(OutputError, match=r"cannot be written \(Is a directory\)"):
        write_run(tmp_path, "new", "mask.bw", "zz", overwrite=True)
    assert content(tmp_path) == {}


def test_an_older_run_is_no_run_any_more_before_its_files_are_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_run(tmp_path, "old", "mask.bw")
    there: list[bool] = []
    rename = Path.rename

    def watch(path: Path, to: Path) -> Path:
        if path.name == "mask.bw":
            there.append((tmp_path / "manifest.json").exists())
        return rename(path, to)

    monkeypatch.setattr(Path, "rename", watch)
    write_run(tmp_path, "new", "mask.bw", overwrite=True)
    assert there == [False]


def test_a_file_in_place_of_the_folder_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with (
        pytest.raises(OutputError, match=r"out: cannot be written \(File exists\)"),
        RunFolder(tmp_path / "out"),
    ):
        pytest.fail("the run must not start")


def test_a_place_where_no_folder_can_be_made_is_one_line() -> None:
    with pytest.raises(OutputError, match=r"^/proc/out: cannot be written"), RunFolder(Path("/proc/out")):
        pytest.fail("the run must not start")
