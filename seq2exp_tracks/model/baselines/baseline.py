"""What all baselines share: the inputs of Seq2Exp, its output, and a head of three layers."""

from abc import ABC, abstractmethod
from typing import Generic, Self, TypeVar

import torch
from jaxtyping import Float, Shaped
from torch import Tensor, nn

from seq2exp_tracks.model.baselines.configs import BaselineConfig
from seq2exp_tracks.model.batch import Seq2ExpOutput

BASES = 4

ConfigT = TypeVar("ConfigT", bound=BaselineConfig)


class Baseline(nn.Module, ABC, Generic[ConfigT]):
    """A model of expression that learns no mask.

    Args:
        config: What the model is made of.
    """

    def __init__(self, config: ConfigT) -> None:
        super().__init__()
        self.config = config

    def forward(
        self,
        sequence: Float[Tensor, "batch length 4"],
        signals: Float[Tensor, "batch length signals"],
        gene_features: Float[Tensor, "batch features"] | None,
        blacklist: Shaped[Tensor, "batch length"] | None = None,
        fixed_mask: Float[Tensor, "batch length"] | None = None,
    ) -> Seq2ExpOutput:
        """Predicts the expression of a batch of windows. What the configuration does not use is ignored.

        Args:
            sequence: One-hot bases A, C, G, T; a row of zeros is N.
            signals: Tracks as `config.signals` names them.
            gene_features: Numbers of each gene.
            blacklist: Taken, because Seq2Exp takes it, and ignored: a baseline reads every base.
            fixed_mask: The mask, where `config.needs_mask`.

        Returns:
            The expression, with a mask of ones: every base is read.

        Raises:
            ValueError: If an input is missing or has another shape than the configuration asks for.
            CheckpointError: If the model cannot score windows of this length.
        """
        del blacklist
        self._check(sequence, signals, gene_features, fixed_mask)
        expression = self.predict(sequence, signals, gene_features, fixed_mask)
        return Seq2ExpOutput(expression, torch.ones_like(sequence[..., 0]), None, None)

    @abstractmethod
    def predict(
        self,
        sequence: Float[Tensor, "batch length 4"],
        signals: Float[Tensor, "batch length signals"],
        gene_features: Float[Tensor, "batch features"] | None,
        fixed_mask: Float[Tensor, "batch length"] | None,
    ) -> Float[Tensor, " batch"]:
        """The expression of each window; the inputs have been checked."""

    def draw(self, seed: int) -> None:
        """Draws the initial weights that torch does not draw when a module is made; here none."""

    @classmethod
    def initialised(cls, config: ConfigT, seed: int) -> Self:
        """An untrained model in evaluation mode, with the published initial weights drawn from a seed.

        Torch's global generator is left as it was.
        """
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)
            model = cls(config)
            model.draw(seed)
        return model.eval().requires_grad_(False)

    def _check(
        self, sequence: Tensor, signals: Tensor, gene_features: Tensor | None, fixed_mask: Tensor | None
    ) -> None:
        batch, length = sequence.shape[:2]
        if batch == 0:
            raise ValueError("a batch of no windows")
        self.config.check_window(length)
        wanted: list[tuple[str, Tensor | None, tuple[int, ...]]] = [
            ("sequence", sequence, (batch, length, BASES)),
            ("signals", signals, (batch, length, len(self.config.signals))),
        ]
        if self.config.gene_features:
            wanted.append(("gene_features", gene_features, (batch, self.config.gene_features)))
        if self.config.needs_mask:
            wanted.append(("fixed_mask", fixed_mask, (batch, length)))
        for name, tensor, shape in wanted:
            found = None if tensor is None else tuple(tensor.shape)
            if found != shape:
                raise ValueError(f"{name} should have the shape {shape}, not {found}")


def make_head(inputs: int, width: int) -> nn.Sequential:
    """Three layers from a summary of a window to its expression."""
    return nn.Sequential(
        nn.Linear(inputs, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 1)
    )


def beside(
    summary: Float[Tensor, "batch channels"],
    gene_features: Float[Tensor, "batch features"] | None,
    count: int,
) -> Float[Tensor, "batch inputs"]:
    """A summary beside the gene's features, where the model reads any."""
    return summary if gene_features is None or not count else torch.cat([summary, gene_features], 1)
