"""The demo's genome, written once, in its two cell types."""

from pathlib import Path

import pytest

from seq2exp_tracks.simulation.genome import CELL_TYPES, SimulatedGenome, simulate


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> SimulatedGenome:
    folder: Path = tmp_path_factory.mktemp("simulated")
    return simulate(folder, seed=0)


@pytest.fixture(params=CELL_TYPES)
def in_each_cell_type(request: pytest.FixtureRequest, simulated: SimulatedGenome) -> SimulatedGenome:
    return SimulatedGenome.inside(simulated.fasta.parent, request.param)
