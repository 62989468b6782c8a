"""One file that is fetched, and who is told of it."""

import random
from collections.abc import Callable
from pathlib import Path

from seq2exp_tracks.errors import InputError

ADDRESS = "https://files.example.org/data/one.bin"
PATH = "/files.example.org/data/one.bin"
BODY = random.Random(1).randbytes(300_000)

Ensure = Callable[..., dict[str, Path]]


def refuse(amount: str) -> None:
    raise InputError(f"{amount} refused")


def files_below(folder: Path) -> list[str]:
    """Everything in the store but its lock."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file() and path.name != ".lock")
