"""The gradients of what both directions of a layer share, over a chunk of rows.

    n = RMSNorm(residual);  x = U n;  z = G n;  residual += W (y · silu(z))

The norm's weights are part of U and G, so n is the rows over the root of their mean square.
"""

from llvmlite import ir

from seq2exp_tracks.model.compiled.language import INT, Code, Matrix, Value
from seq2exp_tracks.model.compiled.mathematics import silu_and_slope
from seq2exp_tracks.model.compiled.outer import add_outer
from seq2exp_tracks.model.compiled.products import product
from seq2exp_tracks.model.compiled.sweep import norms
from seq2exp_tracks.model.compiled.training_layout import TrainingPlan


def gate_gradient(module: ir.Module, plan: TrainingPlan) -> ir.Function:
    """Adds the function that goes back through the output and the gate, to y and to n.

    Its arguments: residual, y and the gradient of the output; those of y and of n, which are written;
    the layer's weights as the ways there and back read them; sums of the weights' gradients, which are added
    to; scratch; rows.
    """
    there, width, channels = plan.there, plan.there.width, plan.there.channels
    arguments = {"residual": width, "y": channels, "of_output": width, "of_y": channels, "of_n": width}
    arguments |= dict.fromkeys(("layer", "back", "sums", "scratch"), 1) | {"rows": INT}
    code = Code(module, there.machine, "gate_gradient", arguments)
    residual, y, of_output, of_y, of_n, packed, packed_back, summed, memory, rows = code.arguments
    weights, back, sums = (
        there.layer.split(packed),
        plan.layer.split(packed_back),
        plan.layer_sums.split(summed),
    )
    scratch = plan.scratch.split(memory)
    gated, of_gate = scratch["gated"], scratch["of_gate"]

    def keep(row: Value, column: Value, sums: Value) -> None:
        of_y[row, column] = sums

    def keep_gate(row: Value, column: Value, sums: Value) -> None:
        of_gate[row, column] = sums

    def keep_row(row: Value, column: Value, sums: Value) -> None:
        of_n[row, column] = sums

    n = _normalised(code, plan, residual, scratch, rows)
    product(code, of_output, rows, back["output"], (width, channels), keep)
    product(code, n, rows, weights["gate"], (width, channels), keep_gate)
    with code.loop(rows) as t, code.loop(channels, code.lanes) as c:
        share, slope = silu_and_slope(code, of_gate[t, c])
        said, gradient = y[t, c], of_y[t, c]
        gated[t, c] = said * share
        of_gate[t, c] = gradient * said * slope
        of_y[t, c] = gradient * share
    shape = (there.sizes.width, channels)
    add_outer(code, of_output, gated, rows, shape, sums["output"])
    add_outer(code, n, of_gate, rows, shape, sums["gate"])
    product(code, of_gate, rows, back["gate"], (channels, width), keep_row)
    return code.end()


def input_gradient(module: ir.Module, plan: TrainingPlan) -> ir.Function:
    """Adds the function that goes back through the readers' input and the norm.

    Its arguments: residual, the gradient of the output, one reader's gradient of x (that of the other is in
    scratch); that of n, to which is added, and which becomes the gradient of the residual; the layer's
    weights as the way back reads them; sums of their gradients, which are added to; scratch; rows.
    """
    there, width, channels = plan.there, plan.there.width, plan.there.channels
    arguments = {"residual": width, "of_output": width, "of_x": channels, "of_n": width}
    arguments |= dict.fromkeys(("back", "sums", "scratch"), 1) | {"rows": INT}
    code = Code(module, there.machine, "input_gradient", arguments)
    residual, of_output, of_x, of_n, packed_back, summed, memory, rows = code.arguments
    back, sums, scratch = (
        plan.layer.split(packed_back),
        plan.layer_sums.split(summed),
        plan.scratch.split(memory),
    )
    both = scratch["of_x"]
    with code.loop(rows) as row, code.loop(channels, code.lanes) as c:
        both[row, c] = both[row, c] + of_x[row, c]

    def add(row: Value, column: Value, sums: Value) -> None:
        of_n[row, column] = of_n[row, column] + sums

    n = _normalised(code, plan, residual, scratch, rows)
    add_outer(code, n, both, rows, (there.sizes.width, channels), sums["input"])
    product(code, both, rows, back["input"], (channels, width), add)
    with code.loop(rows) as row:
        along = code.vector(0.0)
        for column in range(0, width, code.lanes):
            along = code.fused(of_n[row, column], n[row, column], along)
        mean = code.spread((code.total(along) * (1 / there.sizes.width)).ir)
        for column in range(0, width, code.lanes):
            across = of_n[row, column] - mean * n[row, column]
            of_n[row, column] = code.fused(across, scratch["scales"].spread(row, 0), of_output[row, column])
    return code.end()


def _normalised(
    code: Code, plan: TrainingPlan, residual: Matrix, scratch: dict[str, Matrix], rows: Value
) -> Matrix:
    """Computes n again."""
    norms(code, plan.there, residual, scratch["scales"], rows)
    n = scratch["rows"]
    with code.loop(rows) as row, code.loop(n.width, code.lanes) as c:
        n[row, c] = residual[row, c] * scratch["scales"].spread(row, 0)
    return n
