"""Fixtures that many tests share, and the shape checks that run in tests only."""

import os
from pathlib import Path

import hypothesis
import pytest
from jaxtyping import install_import_hook

# Shapes in signatures are checked here and nowhere else. numba's kernels are left out: a function that
# is compiled cannot be wrapped.
install_import_hook(
    [
        "seq2exp_tracks.exports",
        "seq2exp_tracks.features",
        "seq2exp_tracks.inputs",
        "seq2exp_tracks.io",
        "seq2exp_tracks.scores",
        "seq2exp_tracks.scoring",
        "seq2exp_tracks.signals",
        "seq2exp_tracks.simulation",
        "seq2exp_tracks.tracks",
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
