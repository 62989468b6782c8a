"""Fixtures that many tests share, and the shape checks that run in tests only."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest
from jaxtyping import install_import_hook

if TYPE_CHECKING:
    from collections.abc import Iterator

    from example_run import ExampleRun
    from playwright.sync_api import Browser

# Kernels for GPUs run in Triton's interpreter here: it has to be asked for before anything imports Triton.
os.environ["TRITON_INTERPRET"] = "1"

# Shapes in signatures are checked here and nowhere else.
install_import_hook(
    [
        "higlass_views",
        "seq2exp_tracks.comparison",
        "seq2exp_tracks.evaluation",
        "seq2exp_tracks.exports",
        "seq2exp_tracks.features",
        "seq2exp_tracks.inputs",
        "seq2exp_tracks.io",
        "seq2exp_tracks.preparation",
        "seq2exp_tracks.run_reader",
        "seq2exp_tracks.scales",
        "seq2exp_tracks.scores",
        "seq2exp_tracks.scoring",
        "seq2exp_tracks.shards",
        "seq2exp_tracks.signals",
        "seq2exp_tracks.simulation",
        "seq2exp_tracks.tracks",
        "seq2exp_tracks.training",
        "seq2exp_tracks.verification",
        "seq2exp_tracks.windows",
    ],
    "shape_checks.check",
)

# How long a test takes is not what it tests, and machines are shared.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")

SHARED = Path(os.environ.get("SEQ2EXP_SHARED", Path(__file__).parents[2] / "shared"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of golden vectors and real data, which is not part of the repository."""
    if not (SHARED / "golden").is_dir():
        message = f"needs the goldens and real data, which are not at {SHARED} (set SEQ2EXP_SHARED)"
        if os.environ.get("SEQ2EXP_REQUIRE_SHARED") == "1":
            pytest.fail(message)
        pytest.skip(message)
    return SHARED


@pytest.fixture(scope="session")
def golden(shared: Path) -> Path:
    """Inputs and outputs of the published model."""
    return shared / "golden"


@pytest.fixture(scope="session")
def real(shared: Path) -> Path:
    """Real hg38 chr22 data."""
    return shared / "data"


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> "ExampleRun":
    """A small run of the simulated genome, for whatever shows runs."""
    # Loaded here, so that the shape checks above see the modules first.
    from example_run import write_run

    from seq2exp_tracks.simulation.genome import simulate

    folder = tmp_path_factory.mktemp("example")
    return write_run(folder / "run", simulate(folder / "genome"))


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """Headless Chromium; skips where there is none (see chromium.py)."""
    from chromium import launched

    with launched() as browser:
        yield browser
