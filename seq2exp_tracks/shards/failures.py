"""Why shards were set aside: a file of one line for each, beside the shards that are there."""

from pathlib import Path

from seq2exp_tracks.io.whole_file import whole_file

FAILED = ".failed"
"""What the name of such a file ends with, after that of the shard."""


def write_failure(folder: Path, shard: str, why: str) -> None:
    """Says of a shard why it is not there.

    Args:
        folder: The folder of shards.
        shard: Name of the shard.
        why: One line.

    Raises:
        OutputError: If it cannot be written.
    """
    with whole_file(folder / f"{shard}{FAILED}") as partial:
        partial.write_text(why + "\n", encoding="utf-8")


def failures(folder: Path) -> dict[int, str]:
    """Why shards were set aside, by their number; also while other processes write to the folder."""
    told = {file: _told(file) for file in sorted(folder.glob(f"[0-9]*{FAILED}"))}
    return {int(file.stem): why for file, why in told.items() if why is not None}


def _told(file: Path) -> str | None:
    """What a file says; None if it is gone, as it goes when the shard is done after all."""
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except FileNotFoundError:
        return None
