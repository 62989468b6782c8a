"""The published arrangement on a GPU, by the kernels of mamba-ssm, where those are installed.

As in the published code, each direction of a layer projects, convolves, scans and projects back by itself,
the backward one on flipped copies, with tied weights: `mamba_inner_fn`, the fused way of mamba-ssm 1. Where
only its scan can be had (causal-conv1d is missing), the rest is PyTorch. Norms are torch's; the published
code fuses them with the sum. Never run on a GPU.

pip builds these kernels only if asked: `MAMBA_KEEP_CUDA_BUILD=TRUE pip install --no-build-isolation mamba-ssm
causal-conv1d`, with the CUDA toolkit of the version that torch was built for.
"""

import importlib
from collections.abc import Callable
from functools import partial
from typing import Any

import naive
import torch
from torch import Tensor

from seq2exp_tracks.model.caduceus import Layer, Stack
from seq2exp_tracks.model.mamba import Mamba
from seq2exp_tracks.model.reading import Embedded

Read = Callable[..., Tensor]


def published() -> tuple[str, Read] | str:
    """The best of the published ways that runs here: its name and itself, or why there is none."""
    try:
        importlib.import_module("selective_scan_cuda")
        interface = importlib.import_module("mamba_ssm.ops.selective_scan_interface")
    except Exception as error:  # another torch's binary, or any of what mamba-ssm imports besides
        return f"mamba-ssm's selective_scan_cuda does not import here ({type(error).__name__}: {error})"
    try:
        importlib.import_module("causal_conv1d_cuda")
    except Exception:
        scan = partial(scan_by_kernel, interface.selective_scan_fn)
        return "selective_scan_cuda, with torch's convolution", partial(naive.read, scan=scan)
    return "mamba_inner_fn", partial(read, interface.mamba_inner_fn)


def read(
    inner: Callable[..., Tensor], stack: Stack, x: Embedded | Tensor, wanted: range | None = None
) -> Tensor:
    """Reads a batch of windows in the published arrangement.

    Args:
        inner: `mamba_inner_fn`.
        stack: A stack with tied weights whose directions are added.
        x: Its input.
        wanted: The rows that are asked for; all if None.
    """
    residual = x.rows() if isinstance(x, Embedded) else x
    for layer in stack.layers:
        v = layer.norm(residual)
        forward = block(inner, layer, layer.forwards, v)
        residual = residual + forward + block(inner, layer, layer.backwards, v.flip(1)).flip(1)
    rows: Tensor = stack.norm(residual)
    return rows if wanted is None else rows[:, wanted.start : wanted.stop]


def block(inner: Callable[..., Tensor], layer: Layer, mamba: Mamba, v: Tensor) -> Tensor:
    """One Mamba block reading forwards, from rows to rows."""
    projections = layer.projections
    into = torch.cat([projections.input.weight, projections.gate.weight])
    batch, length, width = v.shape
    # Channels before positions without a copy of the result, as in mamba-ssm.
    xz = (into @ v.reshape(batch * length, width).T).view(len(into), batch, length).transpose(0, 1)
    out: Tensor = inner(
        xz,
        mamba.conv_weight[:, None],
        mamba.conv_bias,
        mamba.x_proj.weight,
        mamba.dt_proj.weight,
        projections.output.weight,
        None,
        -mamba.A_log.float().exp(),
        D=mamba.D.float(),
        delta_bias=mamba.dt_proj.bias.float(),
        delta_softplus=True,
    )
    return out


def scan_by_kernel(
    kernel: Any, x: Tensor, delta: Tensor, A: Tensor, B: Tensor, C: Tensor, D: Tensor
) -> Tensor:
    """`naive.scan` by `selective_scan_fn`, which wants positions last in B and C as well."""
    y: Tensor = kernel(x, delta.to(x.dtype), A, B.transpose(1, 2), C.transpose(1, 2), D)
    return y
