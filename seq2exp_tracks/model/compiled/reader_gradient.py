"""The gradients of one direction of a Mamba block over a chunk of rows.

    u = silu(conv(x));  [r | B | C] = W u;  delta = softplus(V r + b);  y = scan(u, delta, A, B, C, D)

All that lies between x and y is computed again from x and from what was carried into the chunk, and stays in
the cache. Chunks come in the opposite of reading order; what one leaves to the next, the gradients of the
convolution's last sums and of the states, is carried in memory.
"""

from typing import NamedTuple

from llvmlite import ir

from seq2exp_tracks.model.compiled.language import INT, Code, Matrix, Value, Variable
from seq2exp_tracks.model.compiled.mathematics import silu, silu_and_slope
from seq2exp_tracks.model.compiled.reader import convolve
from seq2exp_tracks.model.compiled.scan import Scanned
from seq2exp_tracks.model.compiled.scan_gradient import Gradients, History, scan_gradient
from seq2exp_tracks.model.compiled.training_layout import TrainingPlan
from seq2exp_tracks.model.compiled.whole_scan import sum_channels


class Projections(NamedTuple):
    """Functions of both directions; see `projection_gradient`.

    Attributes:
        there: Makes step sizes, B and C again.
        steps_back: Goes back through the step sizes.
        back: Goes back through the projection.
    """

    there: ir.Function
    steps_back: ir.Function
    back: ir.Function


class _Memory(NamedTuple):
    """What a direction finds where."""

    weights: dict[str, Matrix]
    sums: dict[str, Matrix]
    carried: dict[str, Matrix]
    carry: dict[str, Matrix]
    scratch: dict[str, Matrix]


def reader_gradient(
    module: ir.Module, plan: TrainingPlan, projections: Projections, reverse: bool
) -> ir.Function:
    """Adds the function of one direction.

    Its arguments: x and the gradient of y; that of x, which is written; weights as the way there and the way
    back read them; sums of the weights' gradients, which are added to; what was carried into the chunk; the
    gradients' carry, which is moved on; scratch; rows.

    Args:
        module: Where to.
        plan: Where things are in memory.
        projections: Functions of the same module.
        reverse: The direction reads from the last row to the first.
    """
    there, channels = plan.there, plan.there.channels
    arguments = {"x": channels, "of_y": channels, "of_x": channels}
    arguments |= dict.fromkeys(("weights", "back", "sums", "carried", "carry", "scratch"), 1) | {"rows": INT}
    name = "read_backwards_gradient" if reverse else "read_forwards_gradient"
    code = Code(module, there.machine, name, arguments)
    x, of_y, of_x, packed, back, summed, *memories, rows = code.arguments
    layouts = (there.reader, plan.reader_sums, there.carry, there.carry, plan.scratch)
    parts = (layout.split(m) for layout, m in zip(layouts, (packed, summed, *memories), strict=True))
    memory, scratch = _Memory(*parts), memories[-1]
    _convolve_again(code, x, memory, rows, there.sizes.taps, reverse)
    code.call(projections.there, packed, scratch, rows)
    _scan_back(code, plan, of_y, memory, rows, reverse)
    code.call(projections.steps_back, back, summed, scratch, rows)
    _join_channels(code, plan, memory, rows, reverse)
    code.call(projections.back, back, summed, scratch, rows)
    _convolve_back(code, (x, of_x), memory, rows, there.sizes.taps, reverse)
    return code.end()


def _convolve_again(code: Code, x: Matrix, memory: _Memory, rows: Value, count: int, reverse: bool) -> None:
    """Fills u, and keeps the sums of the convolution."""
    scratch = memory.scratch
    with code.loop(x.width, code.lanes) as c:
        for k in range(count - 1):
            scratch["inputs"][k, c] = memory.carried["inputs"][k, c]  # it may be needed once more

    def keep(row: Value, column: Value, sums: Value) -> None:
        scratch["convolved"][row, column] = sums
        scratch["u"][row, column] = silu(code, sums)

    convolve(code, x, memory.weights, scratch["inputs"], rows, count, reverse, keep)


def _scan_back(
    code: Code, plan: TrainingPlan, of_y: Matrix, memory: _Memory, rows: Value, reverse: bool
) -> None:
    """Fills the gradients of what the scan reads; those of B and C stay vectors of channels."""
    sizes, scratch = plan.there.sizes, memory.scratch
    projected = scratch["projected"]
    scanned = Scanned(
        x=scratch["u"],
        delta=scratch["steps"],
        B=projected.part(sizes.rank, plan.there.projected),
        C=projected.part(sizes.rank + sizes.states, plan.there.projected),
        rates=memory.weights["rates"],
        skip=memory.weights["skip"],
        state=memory.carried["state"],
        y=scratch["u"],  # not written
    )
    gradients = Gradients(
        y=of_y,
        x=scratch["of_u"],
        delta=scratch["of_steps"],
        B=scratch["of_B"],
        C=scratch["of_C"],
        A=memory.sums["rates"],
        skip=memory.sums["skip"],
        state=memory.carry["state"],
    )
    with code.loop(rows * sizes.states) as place:
        gradients.B[place, 0] = gradients.C[place, 0] = code.vector(0.0)
    history = History(scratch["decays"], scratch["states"])
    scan_gradient(code, scanned, gradients, history, rows, plan.there.channels, sizes.states, reverse)


def _join_channels(code: Code, plan: TrainingPlan, memory: _Memory, rows: Value, reverse: bool) -> None:
    """Sums the gradients of B and C over channels, beside those of the steps' projection."""
    sizes, of_projected = plan.there.sizes, memory.scratch["of_projected"]
    for name, first in (("of_B", sizes.rank), ("of_C", sizes.rank + sizes.states)):
        columns = of_projected.part(first, of_projected.width)
        sum_channels(code, memory.scratch[name], columns, rows, sizes.states, reverse)


def _convolve_back(
    code: Code, window: tuple[Matrix, Matrix], memory: _Memory, rows: Value, count: int, reverse: bool
) -> None:
    """Goes back through SiLU and the convolution: a row has weight in the sums of those read after it."""
    (x, of_x), taps = window, memory.weights["taps"]
    of_taps, of_bias, carried = memory.sums["taps"], memory.sums["taps_bias"], memory.carry["inputs"]
    with code.loop(x.width, code.lanes) as c:
        later = [Variable(code, carried[k, c]) for k in range(count - 1)]  # the farthest first
        sums = [Variable(code, of_taps[k, c]) for k in range(count)]
        bias = Variable(code, of_bias[0, c])
        with code.loop(rows) as step:
            t = step if reverse else rows - step - 1
            _, slope = silu_and_slope(code, memory.scratch["convolved"][t, c])
            last = [*(variable.value for variable in later), memory.scratch["of_u"][t, c] * slope]
            seen, total = x[t, c], code.vector(0.0)
            for k in range(count):
                total = code.fused(last[k], taps[k, c], total)
                sums[k].value = code.fused(last[k], seen, sums[k].value)
            of_x[t, c] = total
            bias.value = bias.value + last[-1]
            for k in range(count - 1):
                later[k].value = last[k + 1]
        for k in range(count - 1):
            carried[k, c] = later[k].value
        for k in range(count):
            of_taps[k, c] = sums[k].value
        of_bias[0, c] = bias.value
