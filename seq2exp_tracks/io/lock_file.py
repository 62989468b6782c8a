"""A file that one process holds, and that says who: others are kept out until that one has ended.

The system lets go of the lock when its holder dies, however that happens, so that nobody has to tell a stale
one. NFS knows such locks on files that are open to be written (Linux 2.6.12 and later), and not on folders.
"""

import fcntl
import json
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from seq2exp_tracks.errors import OutputError
from seq2exp_tracks.io.lock_holder import Holder
from seq2exp_tracks.io.writing import writing


@contextmanager
def held(path: Path, refusal: str, *, shared: bool = False, wait: bool = False) -> Iterator[None]:
    """Holds a lock while the body runs.

    Args:
        path: The file, made if it is missing; its folder exists. It stays, and says who held it last.
        refusal: What a second process is told; who holds the lock is told after it.
        shared: Whether others may share it: it then keeps out only who wants it for itself, and does not say
            who holds it.
        wait: Whether to wait for who holds it.

    Raises:
        OutputError: If another process holds it.
    """
    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    handle = _locked(path, refusal, kind if wait else kind | fcntl.LOCK_NB)
    try:
        with writing(path):
            os.ftruncate(handle, 0)  # where the lock is shared, it would name somebody who is gone
            if not shared:
                os.write(handle, json.dumps(_own()).encode())
        yield
    finally:
        os.close(handle)


def refuse_held(path: Path, refusal: str) -> None:
    """Refuses to go on while a lock is held; the file is not written, so that it says who held it last.

    Raises:
        OutputError: If another process holds it alone.
    """
    os.close(_locked(path, refusal, fcntl.LOCK_SH | fcntl.LOCK_NB))


def told_holder(path: Path) -> str:
    """Who holds a lock, for a message; nothing where that is not known, or it is somebody who is gone."""
    holder = Holder.of(path)
    if holder is None or holder.alive is False:
        return ""
    return f" by process {holder.process} on {holder.host}, since {holder.since}"


def _locked(path: Path, refusal: str, how: int) -> int:
    """An open file that is locked, and the one that has this name."""
    while True:
        with writing(path):
            handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            # Some file systems know no locks: there a second one is not noticed.
            with suppress(OSError):
                try:
                    fcntl.flock(handle, how)
                except BlockingIOError as error:
                    raise OutputError(
                        f"{refusal}{told_holder(path)}; wait for it or choose another folder"
                    ) from error
            # Whoever held it may have removed it in the end: a later one would make and lock another.
            if _is_named(handle, path):
                return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)


def _is_named(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def _own() -> dict[str, str | int]:
    return {
        "process": os.getpid(),
        "host": platform.node(),
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
    }
