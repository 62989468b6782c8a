"""What the tests of the command play with: a simulated genome that a registry knows."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from seq2exp_tracks.demo import Demo
from seq2exp_tracks.simulation.genome import SimulatedGenome

COMMAND = Path(sys.executable).with_name("seq2exp-tracks")

Run = Callable[..., subprocess.CompletedProcess[str]]


@dataclass(frozen=True)
class Playground:
    """A simulated genome, its checkpoint, and a registry that knows it as `sim`."""

    demo: Demo
    genome: SimulatedGenome
    checkpoint: Path
    config: Path

    @property
    def inputs(self) -> list[str]:
        """What `score` needs to be told, but for OUT; the contacts come last."""
        return [
            *("--genome", "sim", "--checkpoint", str(self.checkpoint)),
            *("--signal", f"H3K27ac={self.genome.h3k27ac}", "--signal", f"DNase={self.genome.dnase}"),
            *("--contacts", str(self.genome.contacts)),
        ]
