"""Initial weights of the baselines' stacks of Mamba layers."""

import math

import torch

from seq2exp_tracks.model.caduceus import Projections, Stack
from seq2exp_tracks.model.config import ModelConfig
from seq2exp_tracks.model.initialise import RESIDUAL_LAYERS, initialise


@torch.no_grad()
def draw_stack(stack: Stack, sizes: ModelConfig, seed: int) -> None:
    """Draws a stack as Seq2Exp's are drawn, but for the output projections.

    Those are divided by the root of the number of layers, which the published configurations of the
    baselines do say, while that of Seq2Exp leaves it to a default.
    """
    initialise(stack, sizes, seed)
    for module in stack.modules():
        if isinstance(module, Projections):
            module.output.weight.mul_(math.sqrt(RESIDUAL_LAYERS / sizes.encoder_layers))
