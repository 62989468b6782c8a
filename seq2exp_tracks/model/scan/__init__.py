"""The selective scan of Mamba (Gu and Dao 2023, algorithm 2): one door to its definition and fast ways."""

import os

import torch
from jaxtyping import Float
from torch import Tensor

from seq2exp_tracks.model.scan import reference

FAST_DTYPES = (torch.float32, torch.float64)


def selective_scan(
    x: Float[Tensor, "batch length channels"],
    delta: Float[Tensor, "batch length channels"],
    A: Float[Tensor, "channels states"],
    B: Float[Tensor, "batch length states"],
    C: Float[Tensor, "batch length states"],
    D: Float[Tensor, " channels"],
    state: Float[Tensor, "batch channels states"] | None = None,
    reverse: bool = False,
) -> tuple[Float[Tensor, "batch length channels"], Float[Tensor, "batch channels states"]]:
    """Runs one state space per channel over a sequence, in either direction.

    With t counted in reading direction:

        h_t = exp(delta_t A) h_(t-1) + delta_t x_t B_t        (B by Euler's rule, as in Mamba)
        y_t = C_t · h_t + D x_t

    A sequence may be given in pieces: pass each piece the state that the one before it returned.
    Where gradients are needed, the tensors are not on the CPU, or the environment variable
    SEQ2EXP_SCAN is "reference", the definition runs; else the compiled CPU kernel. Neither builds an
    array of length times channels times states.

    Args:
        x: The input.
        delta: Step sizes, positive.
        A: Rates, negative.
        B: How the input enters each state.
        C: How each state leaves.
        D: The share of the input that skips the states.
        state: The state before the first step in reading direction; zeros if None.
        reverse: Read from the last position to the first. Positions keep their places in y.

    Returns:
        y, and the state after the last step in reading direction.
    """
    if state is None:
        state = x.new_zeros(x.shape[0], x.shape[2], A.shape[1])
    tensors = (x, delta, A, B, C, D, state)
    if runs_fast(*tensors):
        # Here and not above: the compiler takes a second to load, and training never needs it.
        from seq2exp_tracks.model.scan import cpu

        return cpu.selective_scan(*tensors, reverse)
    return reference.selective_scan(*tensors, reverse)


def runs_fast(*tensors: Tensor) -> bool:
    """Tells whether the compiled CPU kernel can compute on these tensors."""
    if os.environ.get("SEQ2EXP_SCAN") == "reference":
        return False
    if torch.is_grad_enabled() and any(tensor.requires_grad for tensor in tensors):
        return False
    return all(tensor.device.type == "cpu" and tensor.dtype in FAST_DTYPES for tensor in tensors)
