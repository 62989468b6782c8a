"""A run that is killed takes its workers with it, and the same command goes on while these still end."""

import signal
from pathlib import Path

import pytest
from interrupted import begun, children_of, wait_until
from playground import Playground
from process_table import still_running

GENES = ("--gene", "A10", "--gene", "A11", "--gene", "A12", "--keep-shards")


def content(run: Path) -> dict[str, bytes]:
    """Every file of a run but its manifest, which tells the time, and its shards."""
    files = [path for path in run.rglob("*") if path.is_file() and path.name != "manifest.json"]
    return {str(path.relative_to(run)): path.read_bytes() for path in files if ".shards" not in path.parts}


@pytest.mark.slow
def test_a_run_that_is_killed_leaves_no_process_and_the_same_command_goes_on_at_once(
    playground: Playground, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with begun(playground, out, *GENES) as killed:
        wait_until((out / ".shards" / "000000.json").exists, killed)  # another window is under way
        orphans = children_of(killed.pid)
        assert len(orphans) >= 2
        written = (out / ".shards" / "000000.json").stat().st_mtime_ns
        killed.kill()
    assert killed.returncode == -signal.SIGKILL
    again = begun(playground, out, *GENES)
    assert still_running(orphans, seconds=5) == []
    _, stderr = again.communicate(timeout=300)
    assert again.returncode == 0, stderr
    assert "shards (" in stderr.partition("goes on: ")[2]
    assert (out / ".shards" / "000000.json").stat().st_mtime_ns == written
    whole = begun(playground, tmp_path / "whole", *GENES)
    _, stderr = whole.communicate(timeout=300)
    assert whole.returncode == 0, stderr
    assert content(out) == content(tmp_path / "whole")
    assert [path.name for path in (out / ".shards").glob(".partial*")] == []
