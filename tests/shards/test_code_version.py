"""The checksum of the code: it is that of all that a score can depend on, and of nothing else."""

import shutil
from pathlib import Path

import grimp
import pytest

from seq2exp_tracks.pipeline.code import LATER, PACKAGE, checksum_of, code_version

SCORES = (
    *("checkpoints", "features", "inputs", "io", "model", "scales", "scores", "scoring", "shards", "signals"),
    *("stored_contacts", "windows"),
)
"""What the numbers in a shard come from."""

LEFT_OUT = tuple(f"seq2exp_tracks.{name}" for name in LATER)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A small package."""
    for name in ("scores.py", "model/scan/cpu.py", "exports/hub.py"):
        path = tmp_path / "package" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# {name}\n")
    return tmp_path / "package"


def test_nothing_that_scores_are_made_by_is_left_out() -> None:
    graph = grimp.build_graph("seq2exp_tracks", cache_dir=None)
    needed = {
        module
        for name in SCORES
        for found in (f"seq2exp_tracks.{name}", *graph.find_descendants(f"seq2exp_tracks.{name}"))
        for module in (found, *graph.find_upstream_modules(found))
    }
    assert "seq2exp_tracks.model.scan.cpu" in needed
    assert sorted(module for module in needed if module.startswith(LEFT_OUT)) == []


def test_what_is_left_out_is_there() -> None:
    assert [name for name in LATER if not (PACKAGE / name).is_dir()] == []


@pytest.mark.parametrize("name", ["scores.py", "model/scan/cpu.py"])
def test_a_change_of_what_scores_come_from_is_noticed(package: Path, name: str) -> None:
    before = checksum_of(package)
    (package / name).write_text(f"# {name} \n")
    assert checksum_of(package) != before
    (package / name).rename(package / "renamed.py")
    (package / "renamed.py").write_text(f"# {name}\n")
    assert checksum_of(package) != before


def test_a_change_of_what_is_made_of_scores_is_none(package: Path) -> None:
    before = checksum_of(package)
    (package / "exports" / "hub.py").write_text("")
    (package / "exports" / "another.py").touch()
    assert checksum_of(package) == before


def test_the_same_code_has_the_same_checksum_wherever_it_is_installed(package: Path, tmp_path: Path) -> None:
    shutil.copytree(package, tmp_path / "copy")
    (tmp_path / "copy" / "model" / "__pycache__").mkdir()
    (tmp_path / "copy" / "model" / "__pycache__" / "cpu.pyc").touch()
    assert checksum_of(tmp_path / "copy") == checksum_of(package)
    assert code_version() == checksum_of(PACKAGE)
