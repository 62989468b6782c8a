"""What the system says of processes."""

import time
from collections.abc import Iterable
from pathlib import Path


def is_running(process: int) -> bool:
    """Tells whether a process is there; one that ended and waits for its parent is not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def still_running(processes: Iterable[int], seconds: float) -> list[int]:
    """Those of some processes that have not ended within some seconds."""
    left, deadline = list(processes), time.monotonic() + seconds
    while (left := list(filter(is_running, left))) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left
