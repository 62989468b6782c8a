"""Trained weights in and out: our own format, and the published one read without trusting it.

`load_checkpoint` is strict: a tensor that is missing, left over or of another shape is an error that
lists it, because a model with random weights gives tracks that look real.
"""

from seq2exp_tracks.checkpoints.loading import (
    CheckpointInfo,
    describe_checkpoint,
    load_checkpoint,
    read_config,
    read_scales,
)
from seq2exp_tracks.checkpoints.saving import convert_checkpoint, save_checkpoint

__all__ = [
    "CheckpointInfo",
    "convert_checkpoint",
    "describe_checkpoint",
    "load_checkpoint",
    "read_config",
    "read_scales",
    "save_checkpoint",
]
