"""Mamba as a baseline: the sequence in one direction, without signals.

What follows the promoter cannot change what is read of it, so the window is read up to there.
"""

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from seq2exp_tracks.model import reading
from seq2exp_tracks.model.baselines.baseline import Baseline, beside, make_head
from seq2exp_tracks.model.baselines.configs import OneWayMambaConfig
from seq2exp_tracks.model.baselines.drawing import draw_stack
from seq2exp_tracks.model.caduceus import Stack
from seq2exp_tracks.model.elements import promoter_start

TOKENS = 12
"""Rows of the embedding; the published alphabet begins with seven that no genome holds."""

FIRST_BASE = 7
UNKNOWN = 11

EMBEDDING_SPREAD = 0.02
"""Standard deviation of the initial embedding."""


class MambaBaseline(Baseline[OneWayMambaConfig]):
    """One stack of layers in one direction; the mean row of the promoter gives the expression.

    Args:
        config: What the model is made of.
    """

    def __init__(self, config: OneWayMambaConfig) -> None:
        super().__init__(config)
        self.embedding = nn.Embedding(TOKENS, config.d_model)
        self.encoder = Stack(config.sizes, config.layers)
        self.head = make_head(config.d_model + config.gene_features, config.d_model)

    def predict(
        self,
        sequence: Float[Tensor, "batch length 4"],
        signals: Float[Tensor, "batch length signals"],
        gene_features: Float[Tensor, "batch features"] | None,
        fixed_mask: Float[Tensor, "batch length"] | None,
    ) -> Float[Tensor, " batch"]:
        """The expression of each window."""
        del signals, fixed_mask
        rows = self.config.promoter or sequence.shape[1]
        start = promoter_start(sequence.shape[1], rows)
        x = self.embedding(tokens_of(sequence[:, : start + rows]))
        summary = reading.read(self.encoder, x, range(start, start + rows)).mean(1)
        expression: Tensor = self.head(beside(summary, gene_features, self.config.gene_features))
        return expression.squeeze(-1)

    @torch.no_grad()
    def draw(self, seed: int) -> None:
        """Draws the stack and the embedding."""
        draw_stack(self.encoder, self.config.sizes, seed)
        self.embedding.weight.normal_(std=EMBEDDING_SPREAD)


def tokens_of(sequence: Float[Tensor, "batch length 4"]) -> Int64[Tensor, "batch length"]:
    """The published alphabet: A 7, C 8, G 9, T 10, and N 11."""
    return torch.where(sequence.any(-1), sequence.argmax(-1) + FIRST_BASE, UNKNOWN)
