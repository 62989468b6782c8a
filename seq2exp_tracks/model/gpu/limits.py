"""Which rows of each window kernels read and write."""

from collections.abc import Sequence

import torch
import triton.language as tl
from jaxtyping import Int32
from torch import Tensor

from seq2exp_tracks.model.gpu.language import jit


def limits(lengths: Sequence[int], wanted: Sequence[range]) -> Int32[Tensor, "2 3 windows"]:
    """Limits as the kernels read them: those of all layers but the last, and those of the last.

    Each is the windows' lengths, and where the rows begin and end that are asked for.
    """
    starts, stops = [rows.start for rows in wanted], [rows.stop for rows in wanted]
    whole = [lengths, [0] * len(lengths), lengths]
    return torch.tensor([whole, [lengths, starts, stops]], dtype=torch.int32)


@jit
def asked_of(
    limits: tl.tensor, window: tl.tensor, windows: tl.tensor
) -> tuple[tl.tensor, tl.tensor, tl.tensor]:
    """A window's length, and where the rows begin and end that are asked for."""
    limits += window
    return tl.load(limits), tl.load(limits + windows), tl.load(limits + 2 * windows)


@jit
def read_by(
    direction: tl.tensor, length: tl.tensor, start: tl.tensor, stop: tl.tensor
) -> tuple[tl.tensor, tl.tensor]:
    """Where the rows begin and end that a reader needs: it stops behind the last one that is asked for.

    Direction 0 is forwards, 1 backwards.
    """
    return direction * start, stop + direction * (length - stop)
