"""Writes models as checkpoints of our own format."""

from collections.abc import Mapping
from pathlib import Path

from seq2exp_tracks.checkpoints.loading import load_checkpoint, read_scales
from seq2exp_tracks.checkpoints.own import write_own
from seq2exp_tracks.errors import OutputError
from seq2exp_tracks.model.seq2exp import Seq2Exp
from seq2exp_tracks.scales import Distribution


def save_checkpoint(
    model: Seq2Exp, path: str | Path, scales: Mapping[str, Distribution] | None = None
) -> None:
    """Writes a model to one file in our own format, a selector included.

    Args:
        model: The model.
        path: Where to.
        scales: How the values of its signals were distributed in training, by their names; None if unknown.

    Raises:
        OutputError: If the file cannot be written.
    """
    write_own(model, Path(path), scales)


def convert_checkpoint(source: str | Path, target: str | Path) -> None:
    """Writes a published checkpoint in our own format; predictions stay the same to the last bit.

    Raises:
        CheckpointError: If the source cannot be loaded.
        OutputError: If the target exists or cannot be written.
    """
    if Path(target).exists():
        raise OutputError(f"{target}: exists already; name a new file")
    save_checkpoint(load_checkpoint(source), target, read_scales(source))
