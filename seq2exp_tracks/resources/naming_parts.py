"""What parts are called where a run tells what was chosen for its user."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from seq2exp_tracks.resources.catalog import VECTORS, Part


def shown(role: str) -> str:
    """What a role is called among what is taken of a cell type: all chromosomes' contact is one."""
    return "stored contacts" if role.startswith(f"{VECTORS}:") else role.removeprefix("signal:")


def unverified(parts: Sequence[Part], files: Mapping[str, Path]) -> list[str]:
    """One line on what came from addresses that nobody is known to have fetched from."""
    taken = [p for p in parts if p.name in files and not getattr(p.source, "verified", True)]
    # One name for the files of all chromosomes.
    names = dict.fromkeys(
        f"{part.owner} {VECTORS}" if part.role.startswith(VECTORS) else part.name for part in taken
    )
    return [f"from unverified addresses (docs/resources.md): {', '.join(names)}"] if names else []
