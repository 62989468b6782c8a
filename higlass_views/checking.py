"""Checks that a run is what its manifest says: no file is gone, cut short or changed."""

import hashlib
from pathlib import Path
from typing import Protocol

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.manifest import FileEntry, Manifest

# Bytes that are hashed between two steps of the progress.
_PIECE = 1 << 24


class Watcher(Protocol):
    """Whoever is told how far a long check is."""

    def stage(self, label: str, total: int) -> None:
        """Begins a stage of `total` steps."""

    def advance(self) -> None:
        """Counts one step of the present stage."""


class Unwatched:
    """A check that nobody waits for."""

    def stage(self, label: str, total: int) -> None:
        """Says nothing."""

    def advance(self) -> None:
        """Says nothing."""


def check_files(folder: Path, manifest: Manifest, watcher: Watcher) -> None:
    """Compares every file of a run with the size and the SHA-256 of its manifest.

    Sizes come first: they cost nothing and find what was cut short.

    Args:
        folder: The run.
        manifest: Its manifest.
        watcher: Who is told how far it is.

    Raises:
        InputError: If a file is not there, cannot be read, or is another than the run wrote.
    """
    for entry in manifest.files:
        _check_size(folder, entry)
    watcher.stage(f"checking {folder.name}", sum(_pieces(entry) for entry in manifest.files))
    for entry in manifest.files:
        path = folder / entry.path
        if _sha256(path, watcher) != entry.sha256:
            raise InputError(f"{path}: changed since the run (another SHA-256); {_WAY_OUT}")


_WAY_OUT = "copy the run again, or run `score` again"


def _check_size(folder: Path, entry: FileEntry) -> None:
    path = folder / entry.path
    try:
        size = path.stat().st_size
    except OSError as error:
        raise InputError(
            f"{path}: the manifest lists it, but it is not there ({error.strerror}); {_WAY_OUT}"
        ) from error
    if size != entry.bytes:
        raise InputError(
            f"{path}: has {size:,} bytes, but the manifest says {entry.bytes:,}: it was changed; {_WAY_OUT}"
        )


def _pieces(entry: FileEntry) -> int:
    return max(-(-entry.bytes // _PIECE), 1)


def _sha256(path: Path, watcher: Watcher) -> str:
    """The checksum of a file, a piece at a time, so that whoever waits sees it move."""
    checksum = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                checksum.update(piece)
                watcher.advance()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error}); {_WAY_OUT}") from error
    return checksum.hexdigest()
