"""Indices that samtools writes beside a file."""

from collections.abc import Callable
from pathlib import Path

from pysam.utils import SamtoolsError

from seq2exp_tracks.errors import OutputError


def write_index(command: Callable[[str], object], path: Path) -> None:
    """Runs one of pysam's samtools commands that writes an index beside a file.

    Args:
        command: `pysam.faidx` or `pysam.index`.
        path: File to index.

    Raises:
        OutputError: If samtools cannot write it; samtools' own message runs over several lines.
    """
    try:
        command(str(path))
    except SamtoolsError as error:
        raise OutputError(
            f"{path}: its index cannot be written; free some space or choose another output folder"
        ) from error
