"""Files take their names all together, or what was there is there again; on the disk, in a safe order."""

import errno
import json
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from seq2exp_tracks.errors import OutputError
from seq2exp_tracks.io import taking_names, whole_folder
from seq2exp_tracks.io.on_disk import sync
from seq2exp_tracks.io.run_folder import RunFolder


def write_run(folder: Path, text: str, *names: str, overwrite: bool = False) -> None:
    with RunFolder(folder, overwrite=overwrite, names=("mask.bw",)) as run:
        for name in names:
            run.path(name).write_text(text)
        run.path("manifest.json").write_text(
            json.dumps({"files": [{"path": name} for name in names], "of": text})
        )


def content(folder: Path) -> dict[str, str]:
    """Every file below a folder, hidden ones included."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_text() for path in files}


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """A folder with a run, a file of the user's, and one that stands where a new run has one."""
    write_run(tmp_path, "old", "mask.bw", "genes/a.bw")
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "links.bedpe").write_text("of an unknown run")
    return tmp_path


@pytest.fixture
def at_move(monkeypatch: pytest.MonkeyPatch) -> Callable[[int, Callable[[], None]], None]:
    """Has something happen just before the file of a number, from 0, takes its name."""
    replace, moved = Path.replace, 0

    def happen(number: int, what: Callable[[], None]) -> None:
        def then(path: Path, target: Path) -> Path:
            nonlocal moved
            moved += 1
            if moved - 1 == number:
                what()
            return replace(path, target)

        monkeypatch.setattr(Path, "replace", then)

    return happen


def interrupt() -> None:
    raise KeyboardInterrupt


def fill_the_disk() -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("number", range(4))  # three files, and the manifest
@pytest.mark.parametrize(
    ("what", "error"),
    [(interrupt, KeyboardInterrupt), (fill_the_disk, OutputError)],
    ids=["Ctrl-C", "full disk"],
)
def test_what_was_there_is_there_again_where_a_file_cannot_have_its_name(
    older: Path,
    at_move: Callable[[int, Callable[[], None]], None],
    what: Callable[[], None],
    error: type[BaseException],
    number: int,
) -> None:
    before = content(older)
    at_move(number, what)
    with pytest.raises(error):
        write_run(older, "new", "genes/b.bw", "links.bedpe", "mask.bw", overwrite=True)
    assert content(older) == before
    assert sorted(path.name for path in older.iterdir()) == sorted(
        ["genes", "links.bedpe", "manifest.json", "mask.bw", "notes.txt"]
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_while_files_take_their_names_waits_until_the_run_is_whole_and_says_so(
    older: Path, at_move: Callable[[int, Callable[[], None]], None], number: signal.Signals
) -> None:
    before = signal.signal(number, signal.default_int_handler)
    try:
        at_move(0, lambda: signal.raise_signal(number))
        with pytest.raises(KeyboardInterrupt, match=f"^{older} holds the whole run by now$"):
            write_run(older, "new", "links.bedpe", "mask.bw", overwrite=True)
        assert signal.getsignal(number) is signal.default_int_handler
    finally:
        signal.signal(number, before)
    found = content(older)
    assert json.loads(found.pop("manifest.json"))["of"] == "new"
    assert found == {"links.bedpe": "new", "mask.bw": "new", "notes.txt": "mine"}
    assert not (older / ".partial").exists()


def test_files_and_names_are_on_the_disk_before_what_relies_on_them(
    older: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[tuple[str, bool]] = []

    def watched(path: Path) -> None:
        synced.append((str(path.relative_to(older)), (older / "manifest.json").exists()))
        sync(path)

    for module in (whole_folder, taking_names):
        monkeypatch.setattr(module, "sync", watched)
    write_run(older, "new", "genes/b.bw", "mask.bw", overwrite=True)
    whole, not_whole = True, False
    assert [one for one in synced if one[0] != ".partial/.lock"] == [
        *((f".partial/{name}", whole) for name in ("genes/b.bw", "manifest.json", "mask.bw")),
        (".partial/.moving", whole),
        (".partial", whole),
        (".", not_whole),  # the older manifest is gone before what it lists
        ("genes", not_whole),
        (".", not_whole),  # every name is there before the manifest has its
        (".", whole),
    ]


def test_a_run_that_lacks_a_file_that_it_lists_is_not_published(older: Path) -> None:
    before = content(older)
    with (
        pytest.raises(
            OutputError, match=rf"^{older}: mask\.bw is gone from \.partial, .* the same command again$"
        ),
        RunFolder(older, overwrite=True) as run,
    ):
        run.path("manifest.json").write_text('{"files": [{"path": "mask.bw"}]}')
    assert content(older) == before
