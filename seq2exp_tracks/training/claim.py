"""A folder that one process writes to: a second one is kept out while it does."""

from contextlib import AbstractContextManager
from pathlib import Path

from seq2exp_tracks.io.lock_file import held

# Stays in the folder, and is none of its files.
LOCK = ".lock"


def claimed(out: Path, what: str) -> AbstractContextManager[None]:
    """Keeps a second process out of a folder; the system lets go of it if this process dies.

    Args:
        out: The folder, which exists.
        what: What is computed into it, for the message: `comparison` or `training`.

    Raises:
        OutputError: If another process has claimed it, by the name of which it is told.
    """
    return held(out / LOCK, f"{out}: another {what} is being computed into it")
