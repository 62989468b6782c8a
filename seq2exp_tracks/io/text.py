"""Lines of a text file, plain or gzipped, with their numbers for messages."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from seq2exp_tracks.errors import InputError

_GZIP_MAGIC = b"\x1f\x8b"

# Digits of a position at most: sums of some of them are still numbers of 64 bits.
_MOST_DIGITS = 15


def numbered_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yields the lines of a file, counted from 1 and without their line end.

    Whether the file is gzipped is read from its first bytes, not from its name. Line ends of Windows
    and a byte-order mark are dropped.

    Raises:
        InputError: If the file is missing, damaged, or not text.
    """
    number = 0
    try:
        with _open_text(path) as handle:
            for line in handle:
                number += 1
                yield number, line.rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}:{number + 1}: not a text file (UTF-8)") from error
    except (EOFError, zlib.error, OSError) as error:
        raise InputError(f"{path}: cannot be read: {_reason(error)}") from error


def bad_line(path: Path, number: int, problem: str) -> InputError:
    """The error for one line of a file, with its place as compilers write it."""
    return InputError(f"{path}:{number}: {problem}")


def is_position(text: str) -> bool:
    """Tells whether a cell is a whole number from 0 up that a position can be."""
    return text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS


def _open_text(path: Path) -> IO[str]:
    with path.open("rb") as handle:
        gzipped = handle.read(2) == _GZIP_MAGIC
    if gzipped:
        return gzip.open(path, "rt", encoding="utf-8-sig")
    return path.open(encoding="utf-8-sig")


def _reason(error: Exception) -> str:
    """What went wrong, without the path that the operating system repeats."""
    return (isinstance(error, OSError) and error.strerror) or str(error)
