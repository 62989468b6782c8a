"""One direction of a Mamba block (Gu and Dao 2023): short convolution, then the selective scan.

The projections into and out of the block belong to the layer (`caduceus`), because the two directions
of a layer share them.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import pad, silu, softplus

from seq2exp_tracks.model.config import ModelConfig
from seq2exp_tracks.model.scan import selective_scan


class Mamba(nn.Module):
    """Reads a sequence in one direction: y = scan(silu(conv(x))), with steps and couplings made from x."""

    def __init__(self, config: ModelConfig, reverse: bool) -> None:
        super().__init__()
        self.reverse = reverse
        channels, states = config.d_inner, config.mamba.d_state
        self.sizes = (config.dt_rank, states, states)
        self.conv_weight = nn.Parameter(torch.empty(channels, config.mamba.d_conv))
        self.conv_bias = nn.Parameter(torch.empty(channels))
        self.x_proj = nn.Linear(channels, sum(self.sizes), bias=False)
        self.dt_proj = nn.Linear(config.dt_rank, channels)
        self.A_log = nn.Parameter(torch.empty(channels, states))
        self.D = nn.Parameter(torch.empty(channels))

    def forward(self, x: Float[Tensor, "batch length channels"]) -> Float[Tensor, "batch length channels"]:
        """Reads a sequence."""
        x = silu(self._convolve(x))
        low_rank, B, C = self.x_proj(x).split(self.sizes, -1)
        delta = softplus(self.dt_proj(low_rank))  # (batch, length, channels)
        y, _ = selective_scan(x, delta, -self.A_log.exp(), B, C, self.D, reverse=self.reverse)
        return y

    def _convolve(self, x: Tensor) -> Tensor:
        """Convolves each channel with the inputs up to each position in reading direction."""
        length, width = x.shape[1], self.conv_weight.shape[1]
        weight = self.conv_weight.flip(1) if self.reverse else self.conv_weight
        before = width - 1
        extended = pad(x, (0, 0, 0, before) if self.reverse else (0, 0, before, 0))
        y = self.conv_bias.expand_as(x)
        for tap in range(width):
            y = torch.addcmul(y, extended[:, tap : tap + length], weight[:, tap])
        return y
