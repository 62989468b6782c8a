"""Files take their final names in a folder: all of them, or none, and then what was there is there again.

The record that lists them goes first and comes last, so that the folder has none while it is not whole. What
is replaced is moved aside for that moment. Where the process is killed in it, nobody can move anything back;
a list that was written before tells the next one what to remove.
"""

import json
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from seq2exp_tracks.io.listed_files import files_listed
from seq2exp_tracks.io.on_disk import sync

# Both in the hidden folder: what has no place in the folder while that has no record, listed as a record
# does, and what is moved aside.
_MOVING = ".moving"
_ASIDE = ".aside"


def take_names(folder: Path, partial: Path, names: Sequence[str], record: str) -> None:
    """Moves files to their final names, in place of those that an older record lists.

    Args:
        folder: Where they belong.
        partial: The hidden folder in it where they are, on the disk.
        names: Their names; a file of such a name is replaced.
        record: Name of the one that lists them.

    Raises:
        OSError: If one cannot have its name; the folder then holds what it held before.
    """
    older = files_listed(folder / record)
    (partial / _MOVING).write_text(json.dumps({"files": [*older, *names]}), encoding="utf-8")
    sync(partial / _MOVING)
    sync(partial)
    with ExitStack() as undo:  # backwards
        _forget_record(folder / record, partial / _ASIDE / record, undo)
        for name in dict.fromkeys([*older, *names]):
            if _is_file(folder / name):
                _move(folder / name, partial / _ASIDE / name)
                undo.callback(_move, partial / _ASIDE / name, folder / name)
        remove_empty(folder, older)
        undo.callback(remove_empty, folder, names)
        for below in _folders(folder, names):
            below.mkdir(parents=True, exist_ok=True)
        for name in names:
            (partial / name).replace(folder / name)
            undo.callback((folder / name).unlink)
        for below in _folders(folder, names):
            sync(below)
        (partial / record).replace(folder / record)
        undo.callback((folder / record).unlink)
        sync(folder)
        undo.pop_all()


def clear_if_killed(folder: Path, partial: Path, record: str) -> None:
    """Removes what has its name already, and what had not been moved aside, where a process was killed."""
    if was_killed(folder, partial, record):
        names = files_listed(partial / _MOVING)
        for name in names:
            with suppress(FileNotFoundError):
                (folder / name).unlink()
        remove_empty(folder, names)
        (partial / _MOVING).unlink()


def was_killed(folder: Path, partial: Path, record: str) -> bool:
    """Whether a process was killed while files took their names: some have them, and not the record."""
    return (partial / _MOVING).exists() and (partial / record).exists() and not (folder / record).exists()


def remove_empty(folder: Path, names: Iterable[str]) -> None:
    """Removes the folders of files in a folder, as far as nothing is in them any more."""
    for parent in {(folder / name).parent for name in names} - {folder}:
        with suppress(OSError):
            parent.rmdir()


def _forget_record(record: Path, aside: Path, undo: ExitStack) -> None:
    """Removes the older record: from here on the folder is not whole, whatever happens."""
    if record.exists():
        aside.parent.mkdir()
        aside.write_bytes(record.read_bytes())
        undo.callback(aside.replace, record)
    record.unlink(missing_ok=True)
    sync(record.parent)


def _move(path: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    path.rename(to)


def _is_file(path: Path) -> bool:
    """Whether there is something that a file may replace."""
    return path.is_symlink() or (path.exists() and not path.is_dir())


def _folders(folder: Path, names: Iterable[str]) -> list[Path]:
    """The folder and those in it in which files have a name, the innermost first."""
    inside = {parent for name in names for parent in (folder / name).parents if parent.is_relative_to(folder)}
    return sorted(inside | {folder}, key=lambda path: -len(path.parts))
