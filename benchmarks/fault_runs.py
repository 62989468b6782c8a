"""Runs of `seq2exp-tracks score` that something is done to, for `faults.py`: processes on a made genome."""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

COMMAND = Path(sys.executable).with_name("seq2exp-tracks")
LONGEST = 900  # seconds that a run may take before it counts as hung


@dataclass(frozen=True)
class Ended:
    """How a run ended.

    Attributes:
        code: Its exit status.
        stderr: What it said.
    """

    code: int
    stderr: str

    @property
    def line(self) -> str:
        """Its last line."""
        return self.stderr.splitlines()[-1] if self.stderr else ""

    @property
    def is_one_line(self) -> bool:
        """Whether it says what is wrong in one line, and no traceback."""
        return self.code == 1 and self.line.startswith("Error: ") and "Traceback" not in self.stderr


class Bench:
    """A made genome, the result of an undisturbed run on it, and ways to begin others.

    Args:
        work: Folder for all of it.
        genes: Genes of the genome.
        window: Bases of a window; longer ones take longer to score.
    """

    def __init__(self, work: Path, genes: int, window: int) -> None:
        self.work = work
        self._window = window
        self._environment = os.environ | {
            "SEQ2EXP_TRACKS_CONFIG": str(work / "config"),
            "SEQ2EXP_TRACKS_CACHE": str(work / "cache"),
            "OMP_NUM_THREADS": "1",
        }
        self.genome = work / "genome"
        from seq2exp_tracks.simulation.checkpoint import demo_checkpoint

        if not self.genome.exists():
            self._call(
                "simulate", "--size", "small", "--genes", str(genes), "--seed", "0", "--out", self.genome
            )
            demo_checkpoint(work / "demo.safetensors")
        began = time.monotonic()
        self.whole = self.score("undisturbed", "--keep-shards", "--overwrite")
        self.seconds = time.monotonic() - began
        self.shards = len(receipts(self.whole))
        self.content = content(self.whole)

    def begin(self, out: Path, *options: str, **environment: str) -> "subprocess.Popen[str]":
        """Begins a run into a folder."""
        cells = self.genome / "A"
        (self.work / "config").mkdir(exist_ok=True)
        arguments = [
            *("score", "--genome", "made", "--checkpoint", self.work / "demo.safetensors"),
            *("--signal", f"H3K27ac={cells / 'H3K27ac.bw'}", "--signal", f"DNase={cells / 'DNase.bw'}"),
            *("--contacts", cells / "contacts.cool", "--window", str(self._window)),
            *("--workers", "2", "--device", "cpu", "--out", out, *options),
        ]
        if not (self.work / "config" / "genomes.toml").exists():
            fasta, genes = self.genome / "genome.fa", self.genome / "genes.gtf"
            self._call("genome", "add", "made", "--fasta", fasta, "--genes", genes)
        return begun([COMMAND, *arguments], self._environment | environment)

    def score(self, name: str, *options: str, **environment: str) -> Path:
        """A run to its end; returns its folder.

        Raises:
            AssertionError: If it does not end well.
        """
        out = self.work / name
        ended = end(self.begin(out, *options, **environment))
        assert ended.code == 0, ended.stderr
        return out

    def _call(self, *arguments: object) -> None:
        subprocess.run(
            [COMMAND, *map(str, arguments)], check=True, env=self._environment, stdout=subprocess.DEVNULL
        )


def begun(command: Sequence[object], environment: Mapping[str, str] | None = None) -> "subprocess.Popen[str]":
    """Begins a command whose stderr is kept, in a session of its own."""
    return subprocess.Popen(
        [str(part) for part in command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        start_new_session=True,
    )


def end(process: "subprocess.Popen[str]") -> Ended:
    """Waits for a run."""
    _, stderr = process.communicate(timeout=LONGEST)
    return Ended(process.returncode, stderr)


def content(run: Path) -> dict[str, str]:
    """SHA-256 of every file of a run but its manifest, which tells the time, and its shards."""
    files = [path for path in run.rglob("*") if path.is_file() and ".shards" not in path.parts]
    return {
        str(path.relative_to(run)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if path.name != "manifest.json"
    }


def receipts(run: Path) -> dict[str, int]:
    """When the receipt of each shard was written, in nanoseconds."""
    return {path.stem: path.stat().st_mtime_ns for path in (run / ".shards").glob("[0-9]*.json")}


def children(process: int) -> list[int]:
    """The processes below one."""
    try:
        listed = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return []
    return [found for child in map(int, listed) for found in (child, *children(child))]


def until(condition: Callable[[], bool], process: "subprocess.Popen[str]") -> bool:
    """Waits for a condition; tells whether it came before the process ended."""
    began = time.monotonic()
    while not condition():
        if process.poll() is not None or time.monotonic() - began > LONGEST:
            return False
        time.sleep(0.02)
    return True
