"""A run that is killed, at whatever step, is made whole by the same command.

tests/io/test_run_folder.py kills at every file that takes its name.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from playground import Playground

PROGRAM = Path(__file__).with_name("dying_command.py")
EVERY = 7
"""Steps from one that is killed at to the next: all of them would take minutes."""

# Quickly scored, and nothing to compile in every fork.
SMALL = ("--gene", "A10", "--window", "2000", "--workers", "1")


def content(run: Path) -> dict[str, bytes]:
    """Every file of a run, but its manifest, which tells the time; hidden ones included."""
    files = [path for path in run.rglob("*") if path.is_file() and path.name != "manifest.json"]
    return {str(path.relative_to(run)): path.read_bytes() for path in files}


def shown(files: dict[str, bytes]) -> dict[str, bytes]:
    """Those that are not hidden: who is killed when all is done has no time to clean up."""
    return {name: file for name, file in files.items() if not name.startswith(".")}


@pytest.mark.slow
def test_a_run_that_is_killed_at_any_step_is_made_whole_by_the_same_command(
    playground: Playground, tmp_path: Path
) -> None:
    command = [sys.executable, PROGRAM, tmp_path, str(EVERY), "score", *playground.inputs, *SMALL]
    own = {"SEQ2EXP_KERNELS": "reference", "SEQ2EXP_TRACKS_CONFIG": str(playground.config)}
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=os.environ | own, check=True)
    steps = [json.loads(line) for line in done.stdout.splitlines()]
    last = steps.pop()[0]
    whole = content(tmp_path / f"at-{last}")
    assert last > 80
    for step, first, was_whole, then, said in steps:
        assert first == -9, step
        if was_whole:  # it is not replaced unasked
            assert (then, "holds a run already" in said[0]) == (1, True), (step, said)
            assert shown(content(tmp_path / f"at-{step}")) == whole, step
        else:
            assert then == 0, (step, said)
            assert content(tmp_path / f"at-{step}") == whole, step
