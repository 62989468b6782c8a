"""The command on the simulated genome: made once, scored many times."""

import os
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from playground import COMMAND, Playground, Run
from quick_processes import quick_processes
from seq2exp_tracks_cli.main import main

from seq2exp_tracks.demo import run_demo
from seq2exp_tracks.pipeline import Silent
from seq2exp_tracks.resources.registry import GenomeEntry, Registry
from seq2exp_tracks.simulation.genome import SimulatedGenome


@pytest.fixture(scope="session")
def playground(tmp_path_factory: pytest.TempPathFactory) -> Playground:
    folder = tmp_path_factory.mktemp("playground")
    with quick_processes():
        demo = run_demo(folder / "demo", seed=0, overwrite=False, progress=Silent())
    genome = SimulatedGenome.inside(folder / "demo" / "genome")
    entry = GenomeEntry("sim", genome.fasta, genome.genes, genome.blacklist, genome.features)
    Registry(folder / "config").add(entry)
    checkpoint = folder / "demo" / "genome" / "demo.safetensors"
    return Playground(demo, genome, checkpoint, folder / "config")


@pytest.fixture(scope="session")
def run(playground: Playground) -> Run:
    """Runs the installed command as a user does and returns what it printed."""

    def call(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"SEQ2EXP_TRACKS_CONFIG": str(playground.config)}
        return subprocess.run(
            [COMMAND, *map(str, arguments)], capture_output=True, text=True, env=environment, check=False
        )

    return call


@pytest.fixture(scope="session")
def inside(playground: Playground) -> Run:
    """Runs the command in this process, which spares seconds of imports."""

    def call(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        words = [str(argument) for argument in arguments]
        environment = {"SEQ2EXP_TRACKS_CONFIG": str(playground.config)}
        with quick_processes():
            done = CliRunner().invoke(main, words, env=environment, catch_exceptions=False)
        return subprocess.CompletedProcess(words, done.exit_code, done.stdout, done.stderr)

    return call
