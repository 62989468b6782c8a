"""How tests call `prepare`."""

from collections.abc import Callable
from pathlib import Path

Prepare = Callable[..., tuple[int, str]]
"""Runs it with some arguments; returns its status and the last line on stderr."""


def both(files: dict[str, Path]) -> list[str]:
    """Options for the reads of both signals."""
    return [word for name in ("DNase", "H3K27ac") for word in ("--bam", f"{name}={files[name]}")]
