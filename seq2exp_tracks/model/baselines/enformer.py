"""Enformer as a baseline (Avsec et al. 2021), by the package `enformer-pytorch`, with new weights.

It reads the middle 196,608 bases of the window, or all of a shorter one, in bins of 128; the mean of the
middle bins gives the expression. The published run began from new weights too (paper, table 1).
"""

import importlib
from typing import Any

from jaxtyping import Float
from torch import Tensor

from seq2exp_tracks.errors import TracksError
from seq2exp_tracks.model.baselines.baseline import Baseline, beside, make_head
from seq2exp_tracks.model.baselines.configs import BIN, MOST_BASES, EnformerConfig

# Of 1,536 bins Enformer keeps the middle 896: the outer ones see too little around them.
_BINS, _KEPT_BINS = 1536, 896


class Enformer(Baseline[EnformerConfig]):
    """The trunk of Enformer and a head of its own.

    Args:
        config: What the model is made of.

    Raises:
        TracksError: If `enformer-pytorch` is not installed.
    """

    def __init__(self, config: EnformerConfig) -> None:
        super().__init__(config)
        self.enformer = _library().Enformer.from_hparams(
            dim=config.dim,
            depth=config.depth,
            heads=config.heads,
            attn_dim_key=config.key_dim,
            dim_divisible_by=config.divisible_by,
            target_length=-1,  # set for each window
            output_heads={},  # tracks of the original task
        )
        self.head = make_head(2 * config.dim + config.gene_features, config.d_model)

    def predict(
        self,
        sequence: Float[Tensor, "batch length 4"],
        signals: Float[Tensor, "batch length signals"],
        gene_features: Float[Tensor, "batch features"] | None,
        fixed_mask: Float[Tensor, "batch length"] | None,
    ) -> Float[Tensor, " batch"]:
        """The expression of each window."""
        del signals, fixed_mask
        length = min(sequence.shape[1], MOST_BASES) // BIN * BIN
        start = (sequence.shape[1] - length) // 2
        rows = self.enformer(
            sequence[:, start : start + length],
            return_only_embeddings=True,
            target_length=kept_bins(length // BIN),
        )
        expression: Tensor = self.head(beside(rows.mean(1), gene_features, self.config.gene_features))
        return expression.squeeze(-1)


def kept_bins(bins: int) -> int:
    """How many bins in the middle are averaged: Enformer's share, with as many left out on either side.

    >>> kept_bins(1536)
    896
    """
    return bins - 2 * ((bins - bins * _KEPT_BINS // _BINS) // 2)


def check_library() -> None:
    """Looks whether the model can be made.

    Raises:
        TracksError: If `enformer-pytorch` is not installed.
    """
    _library()


def _library() -> Any:
    try:
        return importlib.import_module("enformer_pytorch")
    except ImportError as error:
        raise TracksError(
            "the baseline Enformer needs a package that is not installed: "
            "pip install 'seq2exp-tracks[enformer]'"
        ) from error
