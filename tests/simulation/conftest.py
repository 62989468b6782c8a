"""The demo's genome, written once."""

from pathlib import Path

import pytest

from seq2exp_tracks.simulation.genome import SimulatedGenome, simulate


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> SimulatedGenome:
    folder: Path = tmp_path_factory.mktemp("simulated")
    return simulate(folder, seed=0)
