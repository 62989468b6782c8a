"""A file that is whole or not there: written under a hidden name beside it, synced, renamed."""

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seq2exp_tracks.io.on_disk import sync
from seq2exp_tracks.io.writing import writing

PARTIAL_FILES = ".partial-*"
"""Hidden names of files that are not whole, or that a killed process left."""


def partial_path(path: Path) -> Path:
    """The hidden name that a file has until it is whole; writers that look at it find the same ending."""
    return path.with_name(f".partial-{path.name}")


def publish(path: Path, partial: Path | None = None) -> None:
    """Waits until the partial file is on the disk, and gives it its name.

    Args:
        path: The file.
        partial: Its hidden name; None for `partial_path`.

    Raises:
        OutputError: If the disk is full or the name is taken by a folder.
    """
    partial = partial or partial_path(path)
    with writing(path):
        sync(partial)
        partial.replace(path)


@contextmanager
def whole_file(path: Path, *, alone: bool = True) -> Iterator[Path]:
    """As `whole_in_the_end`, for a body that does nothing but write.

    Raises:
        OutputError: If the body raises `OSError`, or the file cannot take its name.
    """
    with whole_in_the_end(path, alone=alone) as partial, writing(path):
        yield partial


@contextmanager
def whole_in_the_end(path: Path, *, alone: bool = True) -> Iterator[Path]:
    """Gives the body a hidden path to write to, which becomes `path` if the body ends without an error.

    After any error, Ctrl-C included, nothing is left of the new file, and an older one stays as it was.

    Args:
        path: The file.
        alone: Whether nobody else writes it meanwhile. Otherwise the hidden name is this process's own, and
            the last one that is whole stays.

    Raises:
        OutputError: If the file cannot take its name.
    """
    partial = partial_path(path if alone else path.with_name(f"{platform.node()}-{os.getpid()}-{path.name}"))
    try:
        yield partial
        publish(path, partial)
    finally:
        partial.unlink(missing_ok=True)
