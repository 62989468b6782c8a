"""A simulated genome with good inputs; peaks of the machine are given, as measuring them takes a second."""

import pytest
from checked_inputs import Checked, write_checkpoint

from seq2exp_tracks.scoring.bench.peaks import Peaks
from seq2exp_tracks.simulation.genome import simulate


@pytest.fixture(scope="session")
def good(tmp_path_factory: pytest.TempPathFactory) -> Checked:
    folder = tmp_path_factory.mktemp("checkup")
    genome = simulate(folder / "genome", seed=1, cell_types=("A",))
    return Checked(genome, write_checkpoint(folder / "trained.safetensors", genome), folder)


@pytest.fixture(autouse=True)
def _known_peaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seq2exp_tracks.checkup.needs.measure_peaks", lambda _: Peaks(1e9, 1e8))
