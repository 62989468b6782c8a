"""How a file of the run gets into an export: copied, or linked to save space; never a changed one."""

import os
import shutil
from enum import StrEnum
from pathlib import Path

from seq2exp_tracks.errors import InputError, OutputError
from seq2exp_tracks.io.checksum import sha256_of
from seq2exp_tracks.io.writing import writing
from seq2exp_tracks.manifest import FileEntry, InputEntry


class Placement(StrEnum):
    """Whether an export is whole by itself or points at the run's files."""

    COPY = "copy"
    HARDLINK = "hardlink"
    SYMLINK = "symlink"


def place(source: Path, entry: FileEntry | InputEntry, target: Path, placement: Placement) -> None:
    """Puts a file of the run at `target`.

    Raises:
        InputError: If the file is not there any more or has changed since the run.
        OutputError: If it cannot be written or linked.
    """
    check_unchanged(source, entry)
    if placement is Placement.COPY:
        with writing(target):
            shutil.copyfile(source, target)
        return
    origin = source.resolve()
    try:
        if placement is Placement.SYMLINK:
            target.symlink_to(origin)
        else:
            os.link(origin, target)
    except OSError as error:
        raise OutputError(
            f"{source}: cannot be linked by a {placement} ({error.strerror or error}); use --files copy"
        ) from error


def check_unchanged(source: Path, entry: FileEntry | InputEntry) -> None:
    """Checks a file against the size and checksum that the manifest has of it.

    Raises:
        InputError: If it is not there any more or has changed.
    """
    if not source.is_file():
        raise InputError(f"{source}: not there any more; put it back, or score again")
    if source.stat().st_size != entry.bytes or sha256_of(source) != entry.sha256:
        raise InputError(f"{source}: has changed since the run; score again")
