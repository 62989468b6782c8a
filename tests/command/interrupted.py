"""Runs of the command that something ends early: long enough that they are still busy then."""

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from playground import COMMAND, Playground

LONGEST = 240  # seconds that anything is waited for


def begun(playground: Playground, out: Path, *options: str) -> "subprocess.Popen[str]":
    """Begins a run with two workers whose windows take long, in a session of its own; keeps what it says."""
    long = ("--window", "200000", "--workers", "2")
    return subprocess.Popen(
        [COMMAND, "score", *playground.inputs, *long, *options, "--out", str(out)],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"SEQ2EXP_TRACKS_CONFIG": str(playground.config)},
        start_new_session=True,
    )


def wait_until(condition: Callable[[], bool], process: "subprocess.Popen[str]") -> None:
    """Waits for something that a run does; fails if the run ends before."""
    deadline = time.monotonic() + LONGEST
    while not condition():
        assert process.poll() is None, process.stderr and process.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.05)


def children_of(process: int) -> set[int]:
    """The processes below one."""
    try:
        listed = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except FileNotFoundError:
        return set()
    return {found for child in map(int, listed) for found in (child, *children_of(child))}
