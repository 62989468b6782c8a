"""A file that is whole or not there: written under a hidden name beside it, synced, renamed."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seq2exp_tracks.io.writing import writing


def partial_path(path: Path) -> Path:
    """The hidden name that a file has until it is whole; writers that look at it find the same ending."""
    return path.with_name(f".partial-{path.name}")


def publish(path: Path) -> None:
    """Waits until the partial file is on the disk, and gives it its name.

    Raises:
        OutputError: If the disk is full or the name is taken by a folder.
    """
    partial = partial_path(path)
    with writing(path):
        handle = os.open(partial, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        partial.replace(path)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Gives the body a hidden path to write to, which becomes `path` if the body ends without an error.

    After any error, Ctrl-C included, nothing is left of the new file, and an older one stays as it was.

    Raises:
        OutputError: If the body raises `OSError`, or the file cannot take its name.
    """
    partial = partial_path(path)
    try:
        with writing(path):
            yield partial
        publish(path)
    finally:
        partial.unlink(missing_ok=True)
