"""The weights that training starts from, as the published code draws them.

Every tensor is drawn in a fixed order from one generator of its own, so a seed decides all of them and
torch's global generator is left alone.
"""

import math

import torch
from torch import Tensor, nn

from seq2exp_tracks.model.caduceus import Projections
from seq2exp_tracks.model.config import ModelConfig
from seq2exp_tracks.model.mamba import Mamba

STEP_RANGE = (1e-3, 1e-1)
"""Step sizes of the scan are drawn between these, evenly on a logarithmic scale."""

STEP_FLOOR = 1e-4

RESIDUAL_LAYERS = 64
"""Output projections are divided by the square root of this.

The published configuration does not say how many layers it has, so the default of its library stands.
"""


@torch.no_grad()
def initialise(model: nn.Module, config: ModelConfig, seed: int) -> None:
    """Draws all weights of a model in place."""
    generator = torch.Generator().manual_seed(seed)
    for module in model.modules():
        if isinstance(module, nn.Linear):
            _uniform(module.weight, module.in_features**-0.5, generator)
            if module.bias is not None:
                module.bias.zero_()
        elif isinstance(module, nn.RMSNorm):
            module.weight.fill_(1.0)
    for module in model.modules():
        if isinstance(module, Projections):
            module.output.weight.div_(math.sqrt(RESIDUAL_LAYERS))
        elif isinstance(module, Mamba):
            _initialise_mamba(module, generator)
    for name, parameter in model.named_parameters():
        if name == "positions":
            parameter.zero_()
        elif name == "signal_betas":
            parameter.copy_(torch.tensor(config.beta.betas))
        elif name == "signal_weights":
            weights = torch.tensor(config.beta.weights)
            parameter.copy_(torch.log(weights / weights.sum()))


def _initialise_mamba(mamba: Mamba, generator: torch.Generator) -> None:
    """Rates -1, -2, … in every channel (S4D-real); steps spread over STEP_RANGE (Mamba, section 3.6)."""
    width = mamba.conv_weight.shape[1]
    _uniform(mamba.conv_weight, width**-0.5, generator)
    _uniform(mamba.conv_bias, width**-0.5, generator)
    mamba.A_log.copy_(torch.arange(1, mamba.A_log.shape[1] + 1).log().expand_as(mamba.A_log))
    mamba.D.fill_(1.0)
    _uniform(mamba.dt_proj.weight, mamba.dt_proj.in_features**-0.5, generator)
    low, high = (math.log(limit) for limit in STEP_RANGE)
    drawn = torch.rand(mamba.D.shape, generator=generator) * (high - low) + low
    steps = drawn.exp().clamp(min=STEP_FLOOR)
    mamba.dt_proj.bias.copy_(steps + torch.log(-torch.expm1(-steps)))  # softplus undone


def _uniform(tensor: Tensor, bound: float, generator: torch.Generator) -> None:
    nn.init.uniform_(tensor, -bound, bound, generator=generator)
