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
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import softplus

from seq2exp_tracks.model import elements
from seq2exp_tracks.model.config import BetaConfig
from seq2exp_tracks.model.initialise import STEP_RANGE
from seq2exp_tracks.model.mamba import Mamba
from seq2exp_tracks.model.seq2exp import Seq2Exp

_LEAST = 0.05
"""Evidence of the sequence that a mask starts with at least; less would have no gradient."""


@dataclass(frozen=True, slots=True)
class Start:
    """How the first weights differ from the published ones.

    Attributes:
        steps: Lowest and highest step size of the scans; a channel remembers about 1 / step bases.
        at_marginal: Whether the mask of a base without signal starts at the marginal distribution.
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
        model.mask_output.bias.copy_(_marginal_logits(model.config.beta))


def _stretched(steps: Tensor, onto: tuple[float, float]) -> Tensor:
    """Step sizes spread evenly over one range on a logarithmic scale, spread so over another."""
    low, high = map(math.log, STEP_RANGE)
    place = (steps.log() - low) / (high - low)
    return torch.exp(math.log(onto[0]) + place * math.log(onto[1] / onto[0]))


def _marginal_logits(config: BetaConfig) -> Float[Tensor, "2"]:
    """The logits at which a base without signal has the marginal distribution, against and for the base.

    Where the signals' part alone has more evidence than that, the mean is still the marginal one.
    """
    weights = torch.tensor(config.weights)
    silent = [
        elements.signal_evidence(torch.zeros(1), torch.tensor(beta), config)
        for _, beta in zip(config.signals, config.betas, strict=False)
    ]
    nothing = elements.sequence_evidence(torch.full((1, 2), -torch.inf), config)
    alpha, beta = (
        x / config.total_scale for x in elements.combine(nothing, silent, weights / weights.sum(), config)
    )
    wanted = config.marginal_scale / config.total_scale
    keep = (wanted - alpha).clamp(min=_LEAST)
    odds = (1 - config.marginal_mean) / config.marginal_mean
    against = ((alpha + keep) * odds - beta).clamp(min=_LEAST)
    return _inverse_softplus(torch.cat([against, keep]))


def _inverse_softplus(x: Tensor) -> Tensor:
    """What softplus makes x of."""
    return x + torch.log(-torch.expm1(-x))
