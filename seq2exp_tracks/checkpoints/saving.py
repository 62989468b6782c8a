"""Writes models as checkpoints of our own format."""

from pathlib import Path

from seq2exp_tracks.checkpoints.loading import load_checkpoint
from seq2exp_tracks.checkpoints.own import write_own
from seq2exp_tracks.errors import OutputError
from seq2exp_tracks.model.seq2exp import Seq2Exp


def save_checkpoint(model: Seq2Exp, path: str | Path) -> None:
    """Writes a model to one file in our own format, a selector included.

    Raises:
        OutputError: If the file cannot be written.
    """
    write_own(model, Path(path))


def convert_checkpoint(source: str | Path, target: str | Path) -> None:
    """Writes a published checkpoint in our own format; predictions stay the same to the last bit.

    Raises:
        CheckpointError: If the source cannot be loaded.
        OutputError: If the target exists or cannot be written.
    """
    if Path(target).exists():
        raise OutputError(f"{target}: exists already; name a new file")
    save_checkpoint(load_checkpoint(source), target)
