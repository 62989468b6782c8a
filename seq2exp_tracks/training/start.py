"""Where a short training starts from: with a memory as long as the window, and a mask that is mostly closed.

The published initial weights are made for 50,000 updates. Two of them cost a short training most of its
updates, as nothing is learned from a distal element before they have moved:

* Step sizes from 0.001 on forget within 1 / 0.001 = 1,000 bases, so that the promoter hears nothing of an
  element further away.
* The mask's last layer starts at 0, where a base without any signal keeps more than a third of itself and
  a window is far from the marginal distribution. The divergence then rules the gradient.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from seq2exp_tracks.model import elements
from seq2exp_tracks.model.config import BetaConfig
from seq2exp_tracks.model.initialise import STEP_RANGE
from seq2exp_tracks.model.mamba import Mamba
from seq2exp_tracks.model.seq2exp import Seq2Exp


@dataclass(frozen=True, slots=True)
class Start:
    """How the first weights differ from the published ones.

    Attributes:
        steps: Lowest and highest step size of the scans; a channel remembers about 1 / step bases.
        at_marginal: Whether a base without signal starts with the mean of the marginal distribution.
    """

    steps: tuple[float, float] = STEP_RANGE
    at_marginal: bool = False


@torch.no_grad()
def move_to(model: nn.Module, start: Start) -> None:
    """Changes the first weights of a model, whichever it is, in place."""
    if start.steps != STEP_RANGE:
        for module in model.modules():
            if isinstance(module, Mamba):
                bias = module.dt_proj.bias
                bias.copy_(_inverse_softplus(_stretched(softplus(bias), start.steps)))
    if start.at_marginal and isinstance(model, Seq2Exp) and model.config.learns_mask:
        against, _ = model.mask_output.bias  # a view
        against.copy_(_closing(model.config.beta).squeeze())


def _stretched(steps: Tensor, onto: tuple[float, float]) -> Tensor:
    """Step sizes spread evenly over one range on a logarithmic scale, spread so over another."""
    low, high = map(math.log, STEP_RANGE)
    place = (steps.log() - low) / (high - low)
    return torch.exp(math.log(onto[0]) + place * math.log(onto[1] / onto[0]))


def _closing(config: BetaConfig) -> Tensor:
    """The logit against a base at which, without signal, its mask has the marginal mean.

    The logit for it is 0, as published.
    """
    sequence = elements.sequence_evidence(torch.zeros(1, 2), config)
    weights = torch.tensor(config.weights)
    silent = [
        elements.signal_evidence(torch.zeros(1), torch.tensor(beta), config)
        for _, beta in zip(config.signals, config.betas, strict=False)
    ]
    alpha, beta = elements.combine(sequence, silent, weights / weights.sum(), config)
    missing = alpha * (1 - config.marginal_mean) / config.marginal_mean - beta
    return _inverse_softplus(missing / config.total_scale + softplus(torch.zeros(1)))


def _inverse_softplus(x: Tensor) -> Tensor:
    """What softplus makes x of."""
    return x + torch.log(-torch.expm1(-x))
