"""The code that scores come from, as a checksum: a changed checkout has the version that it had before."""

import hashlib
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[1]

LATER = (
    *("checkup", "comparison", "evaluation", "exports", "preparation", "resources", "simulation"),
    *("tracks", "trained", "training", "verification"),
)
"""Folders of the package that no score depends on: what makes inputs, and what is made of scores.

All others count, so that one that is added is not forgotten; a shard is rather computed once too often.
"""

DIGITS = 16
"""Of hexadecimal digits: 64 bits."""


@cache
def code_version() -> str:
    """A checksum of the files of this package that a score can depend on, by name and content."""
    return checksum_of(PACKAGE)


def checksum_of(package: Path) -> str:
    """The same of the package in a folder."""
    found = hashlib.sha256()
    for name, path in sorted((path.relative_to(package).as_posix(), path) for path in package.rglob("*.py")):
        if name.split("/")[0] not in LATER:
            found.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return found.hexdigest()[:DIGITS]
