"""One run for all tests of this folder."""

import pytest
from example_run import ExampleRun, write_run

from seq2exp_tracks.simulation.genome import simulate


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> ExampleRun:
    folder = tmp_path_factory.mktemp("example")
    return write_run(folder / "run", simulate(folder / "genome"))
