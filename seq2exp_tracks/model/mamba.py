"""One direction of a Mamba block (Gu and Dao 2023): short convolution, then the selective scan.

The projections into and out of the block belong to the layer (`caduceus`), because the two directions
of a layer share them.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import silu, softplus

from seq2exp_tracks.model.config import ModelConfig
from seq2exp_tracks.model.scan import selective_scan


class Carry(NamedTuple):
    """What a piece of a sequence hands to the next one in reading direction.

    Attributes:
        inputs: The last `d_conv - 1` inputs, in the order of their positions.
        state: The state of the scan.
    """

    inputs: Float[Tensor, "batch taps channels"]
    state: Float[Tensor, "batch channels states"]


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

    def forward(
        self, x: Float[Tensor, "batch length channels"], carry: Carry | None = None
    ) -> tuple[Float[Tensor, "batch length channels"], Carry]:
        """Reads a sequence, or its next piece.

        Args:
            x: The input.
            carry: What the piece before it in reading direction left; None at the start.
        """
        batch, _, channels = x.shape
        if carry is None:
            taps = self.conv_weight.shape[1] - 1
            carry = Carry(x.new_zeros(batch, taps, channels), x.new_zeros(batch, channels, self.sizes[1]))
        x, inputs = self._convolve(x, carry.inputs)
        x = silu(x)
        low_rank, B, C = self.x_proj(x).split(self.sizes, -1)
        delta = softplus(self.dt_proj(low_rank))  # (batch, length, channels)
        y, state = selective_scan(x, delta, -self.A_log.exp(), B, C, self.D, carry.state, self.reverse)
        return y, Carry(inputs, state)

    def _convolve(self, x: Tensor, before: Tensor) -> tuple[Tensor, Tensor]:
        """Convolves each channel with what was read so far; returns the inputs for the next piece too."""
        length, width = x.shape[1], self.conv_weight.shape[1]
        weight = self.conv_weight.flip(1) if self.reverse else self.conv_weight
        extended = torch.cat([x, before] if self.reverse else [before, x], 1)
        y = self.conv_bias.expand_as(x)
        for tap in range(width):
            y = torch.addcmul(y, extended[:, tap : tap + length], weight[:, tap])
        rest = extended[:, : width - 1] if self.reverse else extended[:, length:]
        return y, rest
