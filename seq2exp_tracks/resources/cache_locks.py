"""Who fetches into a folder, and who reads what lies there: locks that end with their holder."""

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from seq2exp_tracks.io.writing import writing
from seq2exp_tracks.progress import Progress

_READING = ".reading"


@contextmanager
def fetching(folder: Path, progress: Progress | None = None) -> Iterator[None]:
    """Waits for another process that fetches into a folder, and keeps others waiting.

    Args:
        folder: The folder, made if it is missing.
        progress: Who is told where there is somebody to wait for.

    Raises:
        OutputError: If the folder cannot be written.
    """
    handle = _open(folder, ".lock")
    try:
        try:
            _lock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if progress is not None:
                progress.note(f"waits for another process, which fetches or derives files in {folder}")
            _lock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def begin_reading(folder: Path) -> int:
    """Keeps the file of a folder from being replaced until the handle that is returned is closed.

    Raises:
        OutputError: If the folder cannot be written.
    """
    handle = _open(folder, _READING)
    _lock(handle, fcntl.LOCK_SH)
    return handle


@contextmanager
def held(files: Iterable[Path]) -> Iterator[None]:
    """Keeps those files that were fetched from an address from being replaced while they are read.

    A genome that was registered by addresses names them by their paths in the cache. Whether a file lies in
    one is told by the lock beside it, which every fetch leaves: the cache may have been named otherwise then.

    Raises:
        OutputError: If a folder cannot be written.
    """
    folders = {path.resolve().parent for path in files}
    with ExitStack() as readers:
        for folder in sorted(folders):
            # Who cannot lock it cannot replace a file there either.
            if os.access(folder / _READING, os.R_OK | os.W_OK):
                with fetching(folder):
                    readers.callback(os.close, begin_reading(folder))
        yield


def is_read(folder: Path) -> bool:
    """Whether anybody reads the file of a folder; nobody begins to while it is being fetched.

    Raises:
        OutputError: If the folder cannot be written.
    """
    handle = _open(folder, _READING)
    try:
        with suppress(BlockingIOError):
            _lock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return False
        return True
    finally:
        os.close(handle)


def _lock(handle: int, how: int) -> None:
    """Locks an open file; does nothing on a file system that knows no locks, where others are not noticed.

    Raises:
        BlockingIOError: If somebody else has it and one is not to wait.
    """
    try:
        fcntl.flock(handle, how)
    except BlockingIOError:
        raise
    except OSError:
        pass


def _open(folder: Path, name: str) -> int:
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        return os.open(folder / name, os.O_RDWR | os.O_CREAT, 0o600)
