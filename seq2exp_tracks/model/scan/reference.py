"""The selective scan as it is defined: a loop over the positions.

Slow, and right by inspection. It works for every floating type and device, and autograd goes through
it; the faster ways are tested against it.
"""

import torch
from jaxtyping import Float
from torch import Tensor


def selective_scan(
    x: Float[Tensor, "batch length channels"],
    delta: Float[Tensor, "batch length channels"],
    A: Float[Tensor, "channels states"],
    B: Float[Tensor, "batch length states"],
    C: Float[Tensor, "batch length states"],
    D: Float[Tensor, " channels"],
    state: Float[Tensor, "batch channels states"],
    reverse: bool,
) -> tuple[Float[Tensor, "batch length channels"], Float[Tensor, "batch channels states"]]:
    """Scans one sequence in one direction; see `seq2exp_tracks.model.scan.selective_scan`."""
    length = x.shape[1]
    outputs: list[Tensor] = []
    for t in range(length - 1, -1, -1) if reverse else range(length):
        step = delta[:, t, :, None]  # (batch, channels, 1)
        state = torch.exp(step * A) * state + step * x[:, t, :, None] * B[:, t, None, :]
        outputs.append((state * C[:, t, None, :]).sum(-1) + D * x[:, t])
    if reverse:
        outputs.reverse()
    y = torch.stack(outputs, 1) if outputs else torch.empty_like(x)
    return y, state
