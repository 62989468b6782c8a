"""The published losses of a training step (paper section 3.3).

    total = smooth L1(expression, label) + w_d KL(mask || marginal) + w_c changes of the mask

The divergence is that of every base's Beta distribution from one marginal Beta; blacklisted, promoter and
padded bases count too. It never sees the mask itself.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor
from torch.distributions import Beta, kl_divergence
from torch.nn.functional import smooth_l1_loss

from seq2exp_tracks.model.batch import Seq2ExpOutput
from seq2exp_tracks.model.config import BetaConfig


@dataclass(frozen=True, slots=True)
class LossWeights:
    """What the parts of the loss count, beside the error of the expression.

    Attributes:
        divergence: Weight of the KL divergence of the mask's distribution from the marginal one.
        continuity: Weight of the mask's changes from base to base.
    """

    divergence: float = 0.01
    continuity: float = 0.0


class Losses(NamedTuple):
    """The parts of the loss of a batch, none of them weighted but `total`.

    Attributes:
        total: What is minimised.
        expression: Smooth L1 error of the expression.
        divergence: Mean KL divergence a base, 0 where the mask is not learned.
        continuity: Mean sum of the mask's changes, over its length + 1.
    """

    total: Float[Tensor, ""]
    expression: Float[Tensor, ""]
    divergence: Float[Tensor, ""]
    continuity: Float[Tensor, ""]


def losses(
    output: Seq2ExpOutput, labels: Float[Tensor, " batch"], config: BetaConfig, weights: LossWeights
) -> Losses:
    """The losses of a batch of windows.

    Args:
        output: What the model says in training.
        labels: log10(1 + CAGE) of each gene.
        config: Has the marginal distribution.
        weights: What the parts count.
    """
    expression = smooth_l1_loss(output.expression, labels)
    divergence = torch.zeros_like(expression)
    if output.alpha is not None and output.beta is not None:
        learned = Beta(output.alpha, output.beta, validate_args=False)
        divergence = kl_divergence(learned, marginal(config, expression)).mean()
    changes = output.mask.diff(dim=1).abs().sum(1).mean() / (output.mask.shape[1] + 1)
    total = expression + weights.divergence * divergence + weights.continuity * changes
    return Losses(total, expression, divergence, changes)


def marginal(config: BetaConfig, like: Tensor) -> Beta:
    """The distribution that the mask is drawn to, by its mean and its alpha."""
    against = (1 - config.marginal_mean) / config.marginal_mean * config.marginal_scale
    return Beta(like.new_tensor(config.marginal_scale), like.new_tensor(against), validate_args=False)
