"""What a run of several processes takes: time, memory and disk, as seen from the first of them."""

import os
import resource
import time
from dataclasses import dataclass, field
from multiprocessing import active_children
from pathlib import Path

from seq2exp_tracks.progress import Silent


@dataclass(frozen=True, slots=True)
class Took:
    """What a run took.

    Attributes:
        seconds: Wall seconds of each of its stages.
        cpu: CPU seconds of all its processes.
        memory: Most bytes of its processes, by what they do; each counts what it shares.
        scratch: Most bytes of decoded inputs.
    """

    seconds: dict[str, float]
    cpu: float
    memory: dict[str, list[int]]
    scratch: int = 0


@dataclass(slots=True)
class Watch(Silent):
    """Looks, now and then, at what a run takes.

    Attributes:
        workers: Folder in which the processes that score note themselves.
        scratch: Folder of the decoded inputs.
        began: When each stage began, in seconds, by its name.
        last: When the last window was handed over.
        memory: Most bytes of each process beside this one, by its id.
        own_memory: The same without the files that it has mapped, as far as it was seen.
        most_scratch: Most bytes in the scratch folder.
    """

    workers: Path
    scratch: Path
    began: dict[str, float] = field(default_factory=dict)
    last: float = 0
    memory: dict[int, int] = field(default_factory=dict)
    own_memory: dict[int, int] = field(default_factory=dict)
    most_scratch: int = 0
    count: int = 0

    def stage(self, label: str, total: int) -> None:
        """Notes when it began."""
        self.began[label] = time.monotonic()

    def advance(self) -> None:
        """Looks at every 64th window, and often at first, when small runs would be over before."""
        self.count += 1
        self.last = time.monotonic()
        if self.count % 64 == 0 or self.count < 64:
            for process in (child.pid for child in active_children() if child.pid):
                self.memory[process] = peak_memory(process)
                own = memory_of(process, "RssAnon")
                self.own_memory[process] = max(own, self.own_memory.get(process, 0))
            self.most_scratch = max(self.most_scratch, size_of(self.scratch))

    def memories(self) -> dict[str, list[int]]:
        """Most bytes of each process, by what it does."""
        workers = [process for process in self.memory if (self.workers / str(process)).exists()]
        return {
            "this process": [peak_memory(os.getpid())],
            "writers": [self.memory[process] for process in self.memory if process not in workers],
            "workers": [self.memory[process] for process in workers],
            "workers, less mapped files": [self.own_memory[process] for process in workers],
        }

    def seconds(self) -> dict[str, float]:
        """Wall seconds of the stages of the run."""
        scoring = self.began["Scoring genes"]
        return {
            "opening the inputs, checksums": scoring - min(self.began.values()),
            "windows": self.last - scoring,
            "putting the files together": self.began["Done"] - self.last,
        }


def cpu_seconds() -> float:
    """CPU time of this process and of those that it waited for."""
    own, others = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime


def peak_memory(process: int) -> int:
    """The most memory in bytes that a process had so far; what it shares with others counts as well."""
    return memory_of(process, "VmHWM")


def memory_of(process: int, kind: str) -> int:
    """Bytes of a kind that proc(5) tells of a process; 0 where it has ended."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except FileNotFoundError:
        return 0
    return int(status.partition(f"{kind}:")[2].split()[0]) * 1024 if kind in status else 0


def size_of(folder: Path) -> int:
    """Bytes that the files of a folder take on the disk; they may vanish meanwhile."""
    size = 0
    for path in folder.rglob("*"):
        try:
            size += path.stat().st_blocks * 512
        except FileNotFoundError:
            continue
    return size
