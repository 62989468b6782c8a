"""The checksum by which a file is known again."""

import hashlib
from pathlib import Path

from seq2exp_tracks.errors import InputError


def sha256_of(path: Path) -> str:
    """The SHA-256 checksum of a file, as hexadecimal digits, read in pieces.

    Raises:
        InputError: If the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from error
