"""What a training costs: wall time, and the most memory that the process held meanwhile."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from seq2exp_tracks.io.whole_file import whole_file

_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")
_PEAK = "5"  # what Linux is told to forget the highest memory so far


@dataclass(frozen=True, slots=True)
class Cost:
    """Time and memory of a training.

    Attributes:
        seconds: Wall time, inputs read and predictions made included; None where the training was broken off
            once, so that a part of its time is not known.
        peak_bytes: Most memory of the process, of which some may be left from before; None where the system
            does not tell.
    """

    seconds: float | None
    peak_bytes: int | None

    @classmethod
    def read(cls, path: Path) -> "Cost":
        """The cost of a training that was written; unknown where it was not."""
        try:
            found = json.loads(path.read_text())
            return cls(found["seconds"], found["peak_bytes"])
        except (OSError, ValueError, LookupError, TypeError):
            return cls(None, None)


def measured(work: Callable[[], object], path: Path, *, whole: bool) -> None:
    """Does some work and writes what it cost.

    Args:
        work: The work.
        path: Where to write it.
        whole: Whether it is all of the work, and not what was left of it.

    Raises:
        OutputError: If it cannot be written.
    """
    forgotten, began = _forget_peak(), time.perf_counter()
    work()
    seconds = time.perf_counter() - began
    cost = Cost(seconds if whole else None, _peak() if forgotten else None)
    with whole_file(path) as partial:
        partial.write_text(json.dumps(asdict(cost)) + "\n")


def _forget_peak() -> bool:
    """Begins to look for the highest memory anew; False where the system cannot."""
    try:
        _CLEAR.write_text(_PEAK)
    except OSError:
        return False
    return True


def _peak() -> int | None:
    """The most memory that the process has held since, in bytes."""
    try:
        lines = _STATUS.read_text().splitlines()
        return next(1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        return None
