"""A device whose memory holds a few windows: the CPU, with a model that refuses more."""

from typing import Any

import torch

from seq2exp_tracks.model import ModelConfig, Seq2Exp
from seq2exp_tracks.model.batch import Seq2ExpOutput


class Limited(Seq2Exp):
    """The model, out of memory above some number of windows.

    Attributes:
        holds: That number.
        seen: How many windows it was given each time.
        words: What it says then; None for torch's own error.
    """

    holds: int
    seen: list[int]
    words: str | None = None

    def forward(self, sequence: torch.Tensor, *others: Any, **more: Any) -> Seq2ExpOutput:
        self.seen.append(len(sequence))
        if len(sequence) > self.holds:
            raise torch.OutOfMemoryError("full") if self.words is None else RuntimeError(self.words)
        return super().forward(sequence, *others, **more)


def limited(config: ModelConfig, holds: int, words: str | None = None) -> Limited:
    model = Limited.initialised(config, seed=3)
    model.holds, model.seen, model.words = holds, [], words
    return model
