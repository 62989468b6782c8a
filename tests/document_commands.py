"""The commands that a document shows, and how a test runs them as a reader would: in order, in one folder."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import click
from seq2exp_tracks_cli.main import main

PROGRAM = "seq2exp-tracks"


def shown_commands(text: str) -> list[str]:
    """Commands of a document, in its order.

    These are the lines after `$` of a block of code, with continuations joined and without remarks after `#`;
    and what stands as code in a table and begins with a command's name and an argument.
    """
    found: list[str] = []
    block = False
    for line in re.sub(r" *\\\n *", " ", text).splitlines():
        if line.startswith("```"):
            block = not block
        elif line.lstrip().startswith("$ ") and (block or line.startswith("    ")):
            found.append(line.lstrip()[2:].partition(" #")[0].strip())
        elif line.startswith("|") and not block:
            found += [f"{PROGRAM} {code}" for code in re.findall(r"`([^`]+)`", line) if _is_command(code)]
    return found


def _is_command(code: str) -> bool:
    name, _, arguments = code.partition(" ")
    return bool(arguments) and isinstance(main.commands.get(name), click.Command)


def complaint(command: str, folder: Path) -> str:
    """What is wrong with a command after it ran in a folder; nothing where it ended well.

    `view` is stopped by Ctrl-C after it has printed its address.
    """
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "SEQ2EXP_TRACKS_CONFIG": str(folder / "config"),
        "BROWSER": "true",
    }
    # `exec` puts the program in the place of the shell, so that it is the one which is stopped.
    process = subprocess.Popen(
        ["bash", "-c", f"exec {command}"],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    address = ""
    if command.startswith(f"{PROGRAM} view"):
        assert process.stdout is not None
        address = process.stdout.readline()
        process.send_signal(signal.SIGINT)
    try:
        out, err = process.communicate(timeout=300)
    finally:
        process.kill()
    if process.returncode:
        return f"{command}: exit status {process.returncode}: {address}{out}{err}"
    if command.startswith(f"{PROGRAM} view") and not address.startswith("http://127.0.0.1:"):
        return f"{command}: printed no address: {address}"
    return ""
