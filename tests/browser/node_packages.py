"""Node and the packages in tests/browser/node, by which exports are opened as others do."""

import os
import shutil
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "node"


def node() -> str:
    """The command `node`, or a skip."""
    path = shutil.which("node")
    if path is None:
        _skip("needs node, which is not on this machine")
    return str(path)


def package(name: str) -> Path:
    """The folder of a package, or a skip."""
    folder = FOLDER / "node_modules" / name
    if not folder.is_dir():
        _skip(f"needs the npm package {name}: run `npm ci` in tests/browser/node")
    return folder


def _skip(message: str) -> None:
    if os.environ.get("SEQ2EXP_REQUIRE_BROWSER") == "1":
        pytest.fail(message)
    pytest.skip(message)
