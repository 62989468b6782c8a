"""One line instead of a traceback where a file cannot be written: full, read-only, gone."""

from collections.abc import Iterator
from contextlib import contextmanager
from errno import EDQUOT, ENOSPC
from pathlib import Path

from seq2exp_tracks.errors import OutputError


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turns the system's errors while `path` is written into one `OutputError` that names the file.

    Raises:
        OutputError: If the body raises `OSError`.
    """
    try:
        yield
    except OSError as error:
        full = error.errno in (ENOSPC, EDQUOT)
        way_out = (
            "free some space or choose another output folder" if full else "choose another output folder"
        )
        raise OutputError(f"{path}: cannot be written ({error.strerror or error}); {way_out}") from error
