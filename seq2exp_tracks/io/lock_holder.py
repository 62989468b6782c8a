"""Who holds a lock file, as it says itself, and whether that process still does; the lock is not touched."""

import json
import os
import platform
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that holds a lock file, or held it last.

    Attributes:
        lock: Name of the file.
        process: Its number.
        host: Its machine.
        since: Since when, ISO 8601 with time zone.
        alive: Whether it still holds the lock; None for a process on another machine.
    """

    lock: str
    process: int
    host: str
    since: str
    alive: bool | None

    @classmethod
    def of(cls, lock: Path) -> Self | None:
        """The holder of a lock file; None where the file is missing or does not say."""
        try:
            told = json.loads(lock.read_text(encoding="utf-8"))
            process, host, since = int(told["process"]), str(told["host"]), str(told["since"])
        except (OSError, ValueError, LookupError, TypeError):
            return None
        alive = _has_open(process, lock) if host == platform.node() else None
        return cls(lock.name, process, host, since, alive)


def _has_open(process: int, file: Path) -> bool:
    """Whether a process of this machine has a file open; where that is not to be seen, whether it runs.

    A number is given again to another process in time, which then has other files open.
    """
    try:
        handles = list(Path(f"/proc/{process}/fd").iterdir())
        wanted = file.stat()
    except PermissionError:
        return _runs(process)
    except OSError:
        return not Path("/proc/self/fd").exists() and _runs(process)
    for handle in handles:
        with suppress(OSError):
            if os.path.samestat(handle.stat(), wanted):
                return True
    return False


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
