"""Inputs of a selective scan that nobody chose."""

import torch
from torch import Tensor

Inputs = tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]


def draw(seed: int, batch: int, length: int, channels: int, states: int, step: float = 1e-2) -> Inputs:
    """x, delta, A, B, C, D and a state in float64 that float32 can hold, with steps around `step`."""
    generator = torch.Generator().manual_seed(seed)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    drawn = (
        normal(batch, length, channels),
        step * torch.exp(normal(batch, length, channels)),
        -torch.arange(1, states + 1) * torch.exp(0.3 * normal(channels, states)),
        normal(batch, length, states),
        normal(batch, length, states),
        normal(channels),
        normal(batch, channels, states),
    )
    x, delta, A, B, C, D, state = (tensor.float().double() for tensor in drawn)
    return x, delta, A, B, C, D, state


def single(inputs: Inputs) -> Inputs:
    """The same in float32."""
    x, delta, A, B, C, D, state = (tensor.float() for tensor in inputs)
    return x, delta, A, B, C, D, state
