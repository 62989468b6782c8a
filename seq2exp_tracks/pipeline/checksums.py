"""Checksums of large inputs, remembered: a genome and its signals are hashed once, and not in every run.

An entry is a small file of its own in the user's cache folder, so that processes never write to the same one
but with the same content, and none is ever half written. One that is damaged, or of a file that has changed
since, does not count.
"""

import json
import os
import time
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from seq2exp_tracks.io.checksum import sha256_of
from seq2exp_tracks.resources.address import cache_folder
from seq2exp_tracks.shards.identity import checksum

SMALLEST = 4 << 20
"""Bytes from which a checksum is remembered; of a smaller file it takes no time."""

SETTLED = 2.0
"""Seconds that a file is left alone before its checksum counts: some file systems tell time in such steps."""


def cached_sha256(path: Path) -> str:
    """The SHA-256 of a file, as hexadecimal digits; of a large one from the cache, if it is known there.

    Known means: of the same path, inode and size, and of the same times of change of content and of status.

    Raises:
        InputError: If the file cannot be read.
    """
    try:
        before = path.stat()
    except OSError:
        return sha256_of(path)  # says why
    if before.st_size < SMALLEST:
        return sha256_of(path)
    state = _state(path, before)
    entry = _entry(path)
    if (known := _read(entry, state)) is not None:
        return known
    began = time.time()
    found = sha256_of(path)
    settled = began - max(before.st_mtime, before.st_ctime) >= SETTLED
    with suppress(OSError):
        if settled and _state(path, path.stat()) == state:
            _write(entry, state, found)
    return found


def _state(path: Path, status: os.stat_result) -> dict[str, str | int]:
    return {
        "path": str(path.absolute()),
        "inode": status.st_ino,
        "size": status.st_size,
        "mtime_ns": status.st_mtime_ns,
        "ctime_ns": status.st_ctime_ns,
    }


def _entry(path: Path) -> Path:
    name = sha256(os.fsencode(path.absolute())).hexdigest()[:32]
    return cache_folder() / "checksums" / f"{name}.json"


def _text(state: dict[str, str | int], found: str) -> str:
    """An entry; it proves itself, as a wrong checksum would pass for another input."""
    content = state | {"sha256": found}
    return json.dumps(content | {"checksum": checksum({**content})}) + "\n"


def _read(entry: Path, state: dict[str, str | int]) -> str | None:
    """The checksum of a file in this state; None where it is not known."""
    try:
        text = entry.read_bytes().decode()
        found = str(json.loads(text)["sha256"])
        return found if _text(state, found) == text else None
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None


def _write(entry: Path, state: dict[str, str | int], found: str) -> None:
    """Replaces an entry in one step.

    Raises:
        OSError: If it cannot be written.
    """
    entry.parent.mkdir(parents=True, exist_ok=True)
    partial = entry.with_suffix(f".{os.getpid()}.partial")
    try:
        partial.write_text(_text(state, found), encoding="utf-8")
        partial.replace(entry)
    finally:
        partial.unlink(missing_ok=True)
