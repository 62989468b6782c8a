"""Stacks of layers, and rows for them, that nobody chose."""

from dataclasses import replace

import torch
from torch import Tensor

from seq2exp_tracks.model import SOFT, ModelConfig
from seq2exp_tracks.model.caduceus import Stack
from seq2exp_tracks.model.config import MambaConfig
from seq2exp_tracks.model.initialise import initialise

# Widths that fill vectors and panels of products, and widths that do not.
SIZES = [
    (6, MambaConfig()),
    (20, MambaConfig(d_state=3, d_conv=2, expand=3, dt_rank=4)),
    (32, MambaConfig(d_conv=1, d_state=1, expand=1)),
    (64, MambaConfig(d_state=5, d_conv=6, dt_rank=17)),
]


def random_stack(width: int, mamba: MambaConfig, layers: int = 2) -> Stack:
    """A stack without gradients, no weight of which has the value that it is born with."""
    config: ModelConfig = replace(SOFT, d_model=width, mamba=mamba)
    made = Stack(config, layers)
    initialise(made, config, seed=1)
    generator = torch.Generator().manual_seed(2)
    for weight in made.parameters():  # norms, D and rates too
        weight.data += 0.1 * torch.rand(weight.shape, generator=generator)
    return made.requires_grad_(False)


def random_rows(batch: int, length: int, width: int = 6, seed: int = 0) -> Tensor:
    """Rows of windows."""
    return torch.randn(batch, length, width, generator=torch.Generator().manual_seed(seed))
