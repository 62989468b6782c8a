"""The projections of a Mamba block over a chunk of rows, there and back; both directions call them.

    [r | B | C] = W u;  delta = softplus(V r + b)

Functions of numbers are written as loops of their own, not into the products: a product repeats what it does
with its result for every vector of a tile, and takes as much longer to compile.
"""

from llvmlite import ir

from seq2exp_tracks.model.compiled.language import INT, Code, Matrix, Value, Variable
from seq2exp_tracks.model.compiled.mathematics import sigmoid, softplus
from seq2exp_tracks.model.compiled.outer import add_outer
from seq2exp_tracks.model.compiled.products import product
from seq2exp_tracks.model.compiled.reader_gradient import Projections
from seq2exp_tracks.model.compiled.training_layout import TrainingPlan


def projection_gradient(module: ir.Module, plan: TrainingPlan) -> Projections:
    """Adds the functions.

    Their arguments: weights of a direction, as the way there or the way back reads them; on the way back,
    sums of the weights' gradients, which are added to; scratch; rows.
    """
    return Projections(_there(module, plan), _steps_back(module, plan), _back(module, plan))


def _there(module: ir.Module, plan: TrainingPlan) -> ir.Function:
    """Fills step sizes, their slopes, B and C from u."""
    there, sizes, channels = plan.there, plan.there.sizes, plan.there.channels
    code = Code(module, there.machine, "prepare_again", {"weights": 1, "scratch": 1, "rows": INT})
    packed, memory, rows = code.arguments
    weights, scratch = there.reader.split(packed), plan.scratch.split(memory)
    projected, steps, slopes = scratch["projected"], scratch["steps"], scratch["slopes"]

    def keep(row: Value, column: Value, sums: Value) -> None:
        projected[row, column] = sums

    def keep_step(row: Value, column: Value, sums: Value) -> None:
        slopes[row, column] = sums + weights["steps_bias"][0, column]

    product(code, scratch["u"], rows, weights["project"], (channels, sizes.projected), keep)
    product(code, projected, rows, weights["steps"], (sizes.rank, channels), keep_step)
    with code.loop(rows) as t, code.loop(channels, code.lanes) as c:
        total = slopes[t, c]
        steps[t, c] = softplus(code, total)
        slopes[t, c] = sigmoid(code, total)
    return code.end()


def _steps_back(module: ir.Module, plan: TrainingPlan) -> ir.Function:
    """Goes back from the step sizes to r, whose panel of columns reaches into those of B and C."""
    there, sizes, channels = plan.there, plan.there.sizes, plan.there.channels
    code, back, sums, scratch, rows = _way_back(module, plan, "steps_back")
    of_steps, of_projected = scratch["of_steps"], scratch["of_projected"]

    def keep(row: Value, column: Value, found: Value) -> None:
        of_projected[row, column] = found

    with code.loop(channels, code.lanes) as c:
        bias = Variable(code, sums["steps_bias"][0, c])
        with code.loop(rows) as t:
            of_steps[t, c] = gradient = of_steps[t, c] * scratch["slopes"][t, c]
            bias.value = bias.value + gradient
        sums["steps_bias"][0, c] = bias.value
    add_outer(code, scratch["projected"], of_steps, rows, (sizes.rank, channels), sums["steps"])
    product(code, of_steps, rows, back["steps"], (channels, there.sizes.rank), keep)
    return code.end()


def _back(module: ir.Module, plan: TrainingPlan) -> ir.Function:
    """Goes back from r, B and C to u, to whose gradient by the scan it adds."""
    sizes, channels = plan.there.sizes, plan.there.channels
    code, back, sums, scratch, rows = _way_back(module, plan, "projections_back")
    of_u, of_projected = scratch["of_u"], scratch["of_projected"]

    def add(row: Value, column: Value, found: Value) -> None:
        of_u[row, column] = of_u[row, column] + found

    add_outer(code, of_projected, scratch["u"], rows, (sizes.projected, channels), sums["project"])
    product(code, of_projected, rows, back["project"], (sizes.projected, channels), add)
    return code.end()


def _way_back(
    module: ir.Module, plan: TrainingPlan, name: str
) -> tuple[Code, dict[str, Matrix], dict[str, Matrix], dict[str, Matrix], Value]:
    """Begins a function of the way back: weights, sums, scratch and rows."""
    code = Code(module, plan.there.machine, name, {"back": 1, "sums": 1, "scratch": 1, "rows": INT})
    *memories, rows = code.arguments
    layouts = (plan.reader, plan.reader_sums, plan.scratch)
    back, sums, scratch = (layout.split(m) for layout, m in zip(layouts, memories, strict=True))
    return code, back, sums, scratch, rows
