"""The selective scan of Mamba (Gu and Dao 2023, algorithm 2): one door to its definition and fast ways."""

import torch
from jaxtyping import Float
from torch import Tensor

from seq2exp_tracks.model.compiled.machine import Machine, chosen_machine
from seq2exp_tracks.model.gpu.door import kernels_for
from seq2exp_tracks.model.scan import reference


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
    Tensors of float32 on the CPU are scanned by compiled kernels, tensors of float32 and bfloat16 on a GPU
    by Triton's, with or without gradients; all others, and all where the environment variable
    SEQ2EXP_KERNELS is "reference", by the definition. The kernels compute in float32, have no second
    derivatives and build no array of length times channels times states.

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
        y, and the state after the last step in reading direction; by the kernels y is of x's type and the
        state of float32.
    """
    if state is None:
        state = x.new_zeros(x.shape[0], x.shape[2], A.shape[1])
    tensors = (x, delta, A, B, C, D, state)
    if (machine := _machine_for(*tensors)) is not None:
        # Here and not above: the compiler takes time to load, and other devices never need it.
        from seq2exp_tracks.model.scan import cpu

        return cpu.selective_scan(*tensors, reverse, machine)
    if _for_triton(*tensors):
        from seq2exp_tracks.model.scan import gpu  # it needs Triton

        return gpu.selective_scan(*tensors, reverse)
    return reference.selective_scan(*tensors, reverse)


def _machine_for(*tensors: Tensor) -> Machine | None:
    """The CPU to run compiled kernels for; None for none."""
    if all(tensor.device.type == "cpu" and tensor.dtype == torch.float32 for tensor in tensors):
        return chosen_machine()
    return None


def _for_triton(*tensors: Tensor) -> bool:
    """Tells whether the Triton kernels are to scan these."""
    device = tensors[0].device
    fit = all(
        tensor.device == device and tensor.dtype in (torch.float32, torch.bfloat16) for tensor in tensors
    )
    return fit and kernels_for(device)
