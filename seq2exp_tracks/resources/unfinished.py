"""A file that is still arriving: its hidden name, and what it is of, so that no two are ever mixed."""

import json
import stat
from pathlib import Path
from typing import NamedTuple

from seq2exp_tracks.io.writing import writing


class State(NamedTuple):
    """A state of a file where it comes from.

    Attributes:
        bytes: Its size; None where nobody tells.
        validator: What is another one when the file is; None where nobody tells.
    """

    bytes: int | None
    validator: str | None


def download_path(path: Path) -> Path:
    """The hidden name of a file that is still arriving."""
    return path.with_name(f".download-{path.name}")


def arrived(download: Path) -> int:
    """Bytes of an unfinished file that are here."""
    try:
        found = download.lstat()
    except OSError:
        return 0
    # Through a link somebody else's file would be written.
    return found.st_size if stat.S_ISREG(found.st_mode) else 0


def state_of(download: Path) -> State:
    """What an unfinished file is of; without anything where that is damaged or missing."""
    try:
        found = json.loads(_place(download).read_text())
        return State(found["total"], found["validator"])
    except (OSError, ValueError, LookupError, TypeError):
        return State(None, None)


def remember(download: Path, state: State) -> None:
    """Writes down what an unfinished file is of.

    Raises:
        OutputError: If that cannot be written.
    """
    with writing(download):
        _place(download).write_text(json.dumps({"validator": state.validator, "total": state.bytes}))


def forget(download: Path) -> None:
    """Removes an unfinished file, or what is left of one that has its name by now.

    Raises:
        OutputError: If it cannot be removed.
    """
    with writing(download):
        download.unlink(missing_ok=True)
        _place(download).unlink(missing_ok=True)


def _place(download: Path) -> Path:
    return download.with_name(f"{download.name}.of")
