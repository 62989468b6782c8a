"""A folder that one process writes to: a second one is kept out while it does."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from seq2exp_tracks.errors import OutputError
from seq2exp_tracks.io.writing import writing


@contextmanager
def claimed(out: Path, what: str) -> Iterator[None]:
    """Keeps a second process out of a folder; the system lets go of it if this process dies.

    Args:
        out: The folder, which exists.
        what: What is computed into it, for the message: `comparison` or `training`.

    Raises:
        OutputError: If another process has claimed it.
    """
    with writing(out):
        folder = os.open(out, os.O_RDONLY)
    try:
        # Some network file systems know no locks: there a second one is not noticed.
        with suppress(OSError):
            try:
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise OutputError(
                    f"{out}: another {what} is being computed into it; wait or choose another folder"
                ) from error
        yield
    finally:
        os.close(folder)
