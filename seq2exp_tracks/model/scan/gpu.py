"""The selective scan and its gradients by the Triton kernels, computed in float32.

Every program of a kernel reads some channels of one window from end to end, so no number depends on the
windows beside it, but for gradients that are sums over windows. Never run on a GPU.
"""

import math
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import FunctionCtx

from seq2exp_tracks.errors import TracksError
from seq2exp_tracks.model.compiled.machine import VARIABLE
from seq2exp_tracks.model.gpu.scan import BLOCK, CHUNK, WARPS, scan
from seq2exp_tracks.model.gpu.scan_gradient import scan_gradient
from seq2exp_tracks.model.scan.shapes import check_shapes


def selective_scan(
    x: Tensor,
    delta: Tensor,
    A: Tensor,
    B: Tensor,
    C: Tensor,
    D: Tensor,
    state: Tensor,
    reverse: bool,
) -> tuple[Tensor, Tensor]:
    """Scans windows in one direction; see `seq2exp_tracks.model.scan.selective_scan`.

    Args:
        x: Each tensor is of float32 or bfloat16, as automatic mixed precision makes them.
        delta: Step sizes.
        A: Rates.
        B: How the input enters each state.
        C: How each state leaves.
        D: The share of the input that skips the states.
        state: The state before the first step.
        reverse: Read from the last position to the first.

    Returns:
        y, of x's type, and the last state, in float32.

    Raises:
        ValueError: If a tensor has another shape than the others ask for; the kernels would not notice.
    """
    check_shapes(x, delta, A, B, C, D, state)
    y, last = _Scan.apply(x, delta, A, B, C, D, state, reverse)  # type: ignore[no-untyped-call]
    return y, last


class _Scan(Function):
    """The scan as one operation of autograd."""

    @staticmethod
    def forward(
        ctx: FunctionCtx,
        x: Tensor,
        delta: Tensor,
        A: Tensor,
        B: Tensor,
        C: Tensor,
        D: Tensor,
        state: Tensor,
        reverse: bool,
    ) -> tuple[Tensor, Tensor]:
        x, delta, skip = x.contiguous(), delta.contiguous(), D.float().contiguous()
        rates = (A.float().T / math.log(2)).contiguous()  # of powers of two
        couplings = torch.stack((B.float(), C.float()), -1)
        kept = rates.new_empty(len(x), -(-x.shape[1] // CHUNK) + 1, *rates.shape)
        kept[:, 0] = state.transpose(1, 2)
        y = torch.empty_like(x)
        _launch(scan, (x, delta, couplings.view(torch.int64), rates, skip, kept, y), x, rates, reverse)
        ctx.save_for_backward(x, delta, couplings, rates, skip, kept)
        ctx.reverse = reverse  # type: ignore[attr-defined]  # made for this
        return y, kept[:, -1].transpose(1, 2).contiguous()

    @staticmethod
    def backward(ctx: Any, of_y: Tensor, of_last: Tensor) -> tuple[Tensor | None, ...]:
        if torch.is_grad_enabled():  # create_graph=True
            raise TracksError(f"the scan's kernels have no second derivatives: set {VARIABLE}=reference")
        x, delta, couplings, rates, skip, kept = ctx.saved_tensors
        windows, blocks = _grid(x)
        of_x, of_delta = torch.empty_like(x), torch.empty_like(delta)
        of_couplings = couplings.new_empty(blocks, *couplings.shape)
        of_A, of_skip = rates.new_zeros(windows, *rates.shape), skip.new_zeros(windows, *skip.shape)
        of_state = of_last.transpose(1, 2).clone(memory_format=torch.contiguous_format)
        scratch = rates.new_empty(windows, blocks, CHUNK, len(rates), BLOCK)
        read = (x, delta, couplings.view(torch.int64), rates, skip, kept, of_y.contiguous())
        written = (of_x, of_delta, of_couplings, of_A, of_skip, of_state, scratch)
        _launch(scan_gradient, (*read, *written), x, rates, ctx.reverse)
        of_B, of_C = of_couplings.sum(0).unbind(-1)
        # Autograd gives each the type of its input.
        return of_x, of_delta, of_A.sum(0).T, of_B, of_C, of_skip.sum(0), of_state.transpose(1, 2), None


def _grid(x: Tensor) -> tuple[int, int]:
    """Programs of a kernel: windows, and blocks of channels."""
    return len(x), -(-x.shape[2] // BLOCK)


def _launch(kernel: Any, tensors: tuple[Tensor, ...], x: Tensor, rates: Tensor, reverse: bool) -> None:
    if not x.numel():
        return
    here = x.device if x.is_cuda else -1  # -1 is none
    with torch.cuda.device(here):  # Triton launches on the current one
        kernel[_grid(x)](
            *tensors,
            x.shape[1],
            CHANNELS=x.shape[2],
            N=len(rates),
            REVERSE=reverse,
            BLOCK=BLOCK,
            CHUNK=CHUNK,
            num_warps=WARPS,
        )
