"""The selective scan and its gradients by the compiled kernels, in float32.

It runs on one core and holds no lock: callers that have more cores scan other windows or the other
direction beside it.
"""

import math
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import FunctionCtx
from torch.nn.functional import pad

from seq2exp_tracks.errors import TracksError
from seq2exp_tracks.model.compiled.machine import VARIABLE, Machine
from seq2exp_tracks.model.compiled.whole_scan import chunks, scan_kernels
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
    machine: Machine,
) -> tuple[Tensor, Tensor]:
    """Scans windows in one direction; see `seq2exp_tracks.model.scan.selective_scan`.

    Raises:
        ValueError: If a tensor has another shape than the others ask for; the kernels would not notice.
    """
    check_shapes(x, delta, A, B, C, D, state)
    y, last = _Scan.apply(x, delta, A, B, C, D, state, reverse, machine)  # type: ignore[no-untyped-call]
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
        machine: Machine,
    ) -> tuple[Tensor, Tensor]:
        batch, length, channels = x.shape
        x, delta, D = (_widened(tensor, machine) for tensor in (x, delta, D))
        rates = _widened(A.T / math.log(2), machine)  # of powers of two
        B, C = B.contiguous(), C.contiguous()
        kept = x.new_empty(batch, chunks(length) + 1, *rates.shape)
        kept[:, 0] = _widened(state.transpose(1, 2), machine)
        y = torch.empty_like(x)
        kernels = scan_kernels(A.shape[1], reverse, machine)
        for window in range(batch):
            rows = (tensor[window] for tensor in (B, C, kept, y))
            kernels.there(x[window], delta[window], rates, D, *rows, length, x.shape[2])
        ctx.save_for_backward(x, delta, rates, D, B, C, kept)
        ctx.kernels, ctx.machine = kernels, machine  # type: ignore[attr-defined]  # made for this
        return y[..., :channels], kept[:, -1, :, :channels].transpose(1, 2).clone()

    @staticmethod
    def backward(ctx: Any, y: Tensor, state: Tensor) -> tuple[Tensor | None, ...]:
        if torch.is_grad_enabled():  # create_graph=True
            raise TracksError(f"the scan's kernels have no second derivatives: set {VARIABLE}=reference")
        x, delta, rates, D, B, C, kept = ctx.saved_tensors
        channels = y.shape[2]
        y, state = (_widened(tensor, ctx.machine) for tensor in (y, state.transpose(1, 2)))
        state = state.clone()
        of_A, of_D = torch.zeros_like(rates), torch.zeros_like(D)
        of_x, of_delta, of_B, of_C = (torch.empty_like(tensor) for tensor in (x, delta, B, C))
        scratch = torch.empty(ctx.kernels.scratch)
        for window in range(len(x)):
            read = (x[window], delta[window], rates, D, B[window], C[window], kept[window])
            found = (y[window], of_x[window], of_delta[window], of_A, of_D, of_B[window], of_C[window])
            ctx.kernels.back(*read, *found, state[window], scratch, *x.shape[1:])
        wide = (of_x[..., :channels], of_delta[..., :channels], of_A.T[:channels])
        return *wide, of_B, of_C, of_D[:channels], state.transpose(1, 2)[:, :channels], None, None


def _widened(tensor: Tensor, machine: Machine) -> Tensor:
    """Fills the last axis up to whole vectors; a channel of zeros stays zero."""
    missing = -tensor.shape[-1] % machine.lanes
    return (pad(tensor, (0, missing)) if missing else tensor).contiguous()
