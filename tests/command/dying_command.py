"""A program that gives a command, kills it at a step, and gives it again; and so for one step after another.

    python dying_command.py FOLDER EVERY ARGUMENTS…

A step is a file or folder below OUT that is opened to be written, renamed or removed. The command is given in
forks, so that torch is imported once. Prints a line of JSON for each step.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import seq2exp_tracks.checkpoints  # noqa: F401 # all that takes long, and nothing that minds a fork

LONGEST = 120  # seconds that the command may take

CHANGING = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate")


def steps_below(out: Path, at: Callable[[int], None]) -> None:
    """Calls a function before each step, with its number from 0."""
    number = 0

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal number
        if event not in CHANGING and not (event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR)):
            return
        if not isinstance(arguments[0], (str, Path)) or not str(arguments[0]).startswith(str(out)):
            return
        at(number)
        number += 1

    sys.addaudithook(hook)


def die_at(step: int | None) -> Callable[[int], None]:
    """Kills this process at a step; None for never."""

    def at(number: int) -> None:
        if number == step:
            os.kill(os.getpid(), signal.SIGKILL)

    return at


def given(arguments: list[str], out: Path, step: int | None, stderr: Path) -> int:
    """Gives the command in a fork that dies at a step; returns its status, negative for a signal."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 70
    signal.alarm(LONGEST)
    try:
        from seq2exp_tracks_cli.main import main

        with stderr.open("w") as said:
            os.dup2(said.fileno(), 2)
            os.dup2(said.fileno(), 1)
        steps_below(out, die_at(step))
        main([*arguments, "--out", str(out)], standalone_mode=True)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    finally:
        os._exit(code)


def run(folder: Path, every: int, arguments: list[str]) -> None:
    """Kills at every so many steps, until the command lives to its end."""
    step, lived = 0, False
    while not lived:
        out, stderr = folder / f"at-{step}", folder / f"at-{step}.stderr"
        first = given(arguments, out, step, stderr)
        lived = first == 0
        whole = (out / "manifest.json").exists()
        then = 0 if lived else given(arguments, out, None, stderr)
        print(json.dumps([step, first, whole, then, stderr.read_text().splitlines()[-1:]]), flush=True)
        step += every


if __name__ == "__main__":
    run(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
