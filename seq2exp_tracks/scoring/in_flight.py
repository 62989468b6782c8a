"""How many windows a GPU reads at once: as many as its memory holds. No result depends on it."""

import torch

from seq2exp_tracks.model.config import ModelConfig
from seq2exp_tracks.model.precision import Precision
from seq2exp_tracks.model.seq2exp import Seq2Exp
from seq2exp_tracks.scoring.devices import TRITON, free_memory, kernels_of

MOST = 64
"""Windows at most: with 512 channels to scan in each, more add nothing to what a GPU does at once."""

_SHARE_OF_MEMORY = 0.9

_FLOAT = 4


def windows_in_flight(model: Seq2Exp, length: int, device: torch.device, asked: int | None = None) -> int:
    """How many windows are handed to a device at once.

    Plain PyTorch is given one at a time, whatever is asked for: how its libraries compute a product depends
    on how many rows it has, and no window's numbers may depend on those beside it.

    Args:
        model: The model, on the device.
        length: Bases of a window.
        device: Where windows are read.
        asked: How many the user wants; None for as many as there is memory for.
    """
    if device.type == "cuda" and kernels_of(model.config, device) != TRITON:
        return 1
    if asked is not None:
        return asked
    if device.type != "cuda":
        return 1
    return windows_that_fit(model.config, length, model.encoder.precision, free_memory(device))


def windows_that_fit(config: ModelConfig, length: int, precision: Precision, free: int) -> int:
    """How many windows have room in `free` bytes; at least one is tried."""
    each = bytes_of_window(config, length, precision)
    return max(1, min(MOST, int(free * _SHARE_OF_MEMORY) // each))


def bytes_of_window(config: ModelConfig, length: int, precision: Precision) -> int:
    """Memory that a window takes on a GPU while the kernels read it: 0.9 GB for the published soft model.

    Args:
        config: The model's settings.
        length: Bases of the window.
        precision: How exact the kernels are: with bfloat16 it is 0.6 GB.
    """
    stored = 2 if precision is Precision.BF16 else _FLOAT
    residual = 2 * _FLOAT * config.d_model  # and the rows that it was made from
    channels = 3 * stored * config.d_inner  # what the scans read, and what each direction writes
    couplings = 2 * _FLOAT * (config.dt_rank + 2 * config.mamba.d_state)  # step, B and C of each direction
    return length * (residual + channels + couplings + _around(config))


def _around(config: ModelConfig) -> int:
    """Bytes a base of inputs and outputs."""
    signals = len(config.signals)
    loaded = 2 * (1 + _FLOAT * signals + 1)  # codes, signals, blacklist; and those of the windows after these
    encoded = _FLOAT * (1 + 4 + (4 + signals + 1))  # codes as integers, one-hot, the numbers of an embedding
    written = _FLOAT * (2 + 12)  # logits; parameters, moments and masks with what they are made of
    return loaded + encoded + written
