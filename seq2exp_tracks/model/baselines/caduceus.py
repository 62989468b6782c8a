"""Caduceus as a baseline: the whole window, read in both directions, without a mask.

Unlike Seq2Exp, which sums two embeddings, it embeds bases and signals by one matrix. A mask multiplies
what is read before that matrix, so a base that is masked out still has the embedding's bias.
"""

from typing import cast

import torch
from jaxtyping import Float
from torch import Tensor, nn

from seq2exp_tracks.model import reading
from seq2exp_tracks.model.baselines.baseline import BASES, Baseline, beside, make_head
from seq2exp_tracks.model.baselines.configs import CaduceusConfig
from seq2exp_tracks.model.baselines.drawing import draw_stack
from seq2exp_tracks.model.caduceus import Stack
from seq2exp_tracks.model.elements import promoter_start
from seq2exp_tracks.model.reading import Embedded


class CaduceusBaseline(Baseline[CaduceusConfig]):
    """One stack of layers in both directions; the mean row of the promoter gives the expression.

    Args:
        config: What the model is made of.
    """

    def __init__(self, config: CaduceusConfig) -> None:
        super().__init__(config)
        numbers = BASES + (len(config.signals) if config.with_signals else 0)
        self.embedding = nn.Linear(numbers, config.d_model)
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
        rows = self.config.promoter or sequence.shape[1]
        start = promoter_start(sequence.shape[1], rows)
        x = self.embed(sequence, signals, fixed_mask)
        summary = reading.read(self.encoder, x, range(start, start + rows)).mean(1)
        expression: Tensor = self.head(beside(summary, gene_features, self.config.gene_features))
        return expression.squeeze(-1)

    def embed(self, sequence: Tensor, signals: Tensor, fixed_mask: Tensor | None) -> Embedded:
        """What the stack reads."""
        numbers = torch.cat([sequence, signals], -1) if self.config.with_signals else sequence
        if self.config.masked:
            numbers = numbers * cast("Tensor", fixed_mask)[..., None]
        numbers = torch.cat([numbers, torch.ones_like(numbers[..., :1])], -1)
        return Embedded(numbers, torch.cat([self.embedding.weight, self.embedding.bias[:, None]], 1))

    @torch.no_grad()
    def draw(self, seed: int) -> None:
        """Draws the stack; biases of embedding and head start at 0."""
        draw_stack(self.encoder, self.config.sizes, seed)
        for module in (self.embedding, *self.head):
            if isinstance(module, nn.Linear):
                module.bias.zero_()
