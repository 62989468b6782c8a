"""A stack with gradients by the compiled kernels: the numbers of `caduceus.Stack.forward`, and autograd's.

Every layer is one operation of autograd. It computes on one core and holds no lock, so that other cores may
read other windows; gradients of weights are summed over rows and windows in their order.
"""

from functools import cache
from threading import Lock
from typing import Any, NamedTuple, cast

import torch
from jaxtyping import Float32
from llvmlite import ir
from torch import Tensor
from torch.autograd import Function
from torch.nn.functional import pad

from seq2exp_tracks.errors import TracksError
from seq2exp_tracks.model.caduceus import Layer, Stack
from seq2exp_tracks.model.compiled.layout import Sizes
from seq2exp_tracks.model.compiled.machine import VARIABLE, Kernel, Machine, Program
from seq2exp_tracks.model.compiled.packing import sizes_of
from seq2exp_tracks.model.compiled.stack import workspace
from seq2exp_tracks.model.compiled.training_layout import TrainingPlan
from seq2exp_tracks.model.compiled.training_sweep import chunks, sweeps_back, sweeps_there
from seq2exp_tracks.model.compiled.training_weights import TrainingWeights, gradients_of


class LayerKernels(NamedTuple):
    """A layer of some sizes, ready to be called on one window; see `training_sweep`.

    Attributes:
        there: The sweeps of the way there.
        back: Those of the way back.
    """

    there: list[Kernel]
    back: list[Kernel]


def read_in_training(
    stack: Stack, x: Float32[Tensor, "batch length d_model"], machine: Machine
) -> Float32[Tensor, "batch length d_model"]:
    """Reads windows, with gradients.

    Args:
        stack: A stack whose layers read in both directions, with shared projections, and add.
        x: Rows of the windows.
        machine: What to compile for.

    Raises:
        TracksError: On the way back, if gradients are to have gradients themselves.
    """
    for layer in stack.layers:
        x = _Layer.apply(x, layer, machine, *layer.parameters())  # type: ignore[no-untyped-call]
    out: Tensor = stack.norm(x)
    return out


class _Layer(Function):
    """A layer as one operation of autograd."""

    @staticmethod
    def forward(ctx: Any, rows: Tensor, layer: Layer, machine: Machine, *parameters: Tensor) -> Tensor:
        plan, kernels = _plan(sizes_of(layer), machine)
        there = plan.there
        given = _widened(rows, there.width)
        residual = given.clone()
        batch, length, _ = rows.shape
        x, y = rows.new_empty(2, batch, length, there.channels)
        kept = rows.new_empty(2, batch, chunks(length), there.carry.size)
        weights = TrainingWeights(layer, plan)
        scratch = torch.zeros(there.scratch.size)
        for window in range(batch):
            seen = (residual[window], x[window], y[window])
            for direction, sweep in enumerate(kernels.there):
                carry = torch.zeros(there.carry.size)
                shared, reader = weights.layer, weights.readers[direction]
                sweep(*seen, shared, reader, carry, kept[direction, window], scratch, length)
        ctx.save_for_backward(given, x, y, kept, *parameters)
        ctx.layer, ctx.weights, ctx.plan, ctx.kernels = layer, weights, plan, kernels
        return residual[..., : rows.shape[2]].contiguous()

    @staticmethod
    def backward(ctx: Any, of_output: Tensor) -> tuple[Tensor | None, ...]:
        if torch.is_grad_enabled():  # create_graph=True
            raise TracksError(f"the kernels have no second derivatives: set {VARIABLE}=reference")
        residual, x, y, kept, *_ = ctx.saved_tensors
        plan, weights = cast("TrainingPlan", ctx.plan), cast("TrainingWeights", ctx.weights)
        there, width = plan.there, of_output.shape[2]
        of_output = _widened(of_output, there.width)
        of_residual = torch.empty_like(residual)
        batch, length, _ = x.shape
        of_y, of_x = workspace(2 * length * there.channels).view(2, length, there.channels)
        layer_sums = torch.zeros(plan.layer_sums.size)
        reader_sums = torch.zeros(2, plan.reader_sums.size)
        scratch = torch.zeros(plan.scratch.size)
        for window in range(batch):
            seen = (residual[window], x[window], y[window], of_output[window])
            written = (of_y, of_x, of_residual[window])
            for direction, sweep in zip((1, 0), ctx.kernels.back, strict=True):
                packed = (weights.layer, weights.readers[direction])
                packed_back = (weights.layer_back, weights.readers_back[direction])
                sums = (layer_sums, reader_sums[direction])
                carry = torch.zeros(there.carry.size)
                last = (kept[direction, window], carry, scratch, length)
                sweep(*seen, *written, *packed, *packed_back, *sums, *last)
        found = gradients_of(ctx.layer, plan, layer_sums, reader_sums)
        return of_residual[..., :width], None, None, *found


def _widened(rows: Tensor, width: int) -> Tensor:
    """Fills rows up with zeros."""
    missing = width - rows.shape[2]
    return (pad(rows, (0, missing)) if missing else rows).contiguous()


_compiling = Lock()


def _plan(sizes: Sizes, machine: Machine) -> tuple[TrainingPlan, LayerKernels]:
    """The plan and the kernels, which only one of several threads compiles."""
    with _compiling:
        return _compiled(sizes, machine)


@cache
def _compiled(sizes: Sizes, machine: Machine) -> tuple[TrainingPlan, LayerKernels]:
    plan, module = TrainingPlan(sizes, machine), ir.Module("training")
    there, back = sweeps_there(module, plan), sweeps_back(module, plan)
    program = Program(module, machine)
    kernels = LayerKernels(*([program.kernel(function) for function in part] for part in (there, back)))
    return plan, kernels
