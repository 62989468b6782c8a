"""One sweep over a window, in one direction: ends one layer and begins the next, chunk by chunk.

A layer needs what both its readers say of a row before it can add it to the residual. So the sweeps change
direction: one that goes forwards lets the forward reader of layer l finish what the backward reader began in
the sweep before, adds both to the residual, and with the new rows at hand lets the forward reader of layer
l + 1 begin. Between sweeps only three arrays live in memory: the residual, the inputs x of the readers, and
what the first reader said, y.
"""

from llvmlite import ir

from seq2exp_tracks.model.compiled.language import INT, Code, Matrix, Value
from seq2exp_tracks.model.compiled.layout import CHUNK, Plan
from seq2exp_tracks.model.compiled.mathematics import silu
from seq2exp_tracks.model.compiled.products import product
from seq2exp_tracks.model.compiled.reader import preparation, reader

# What a sweep does for the layer that it ends.
READ = 1
"""The reader goes on, so that it arrives in the right state; nobody needs these rows any more."""
ADD = 2
"""It goes on, and the rows are added to the residual."""

# What a sweep does for the layer that it begins.
PROJECT = 1
"""The input of the readers is made; only the other one needs these rows."""
BEGIN = 2
"""The first reader reads it too."""


def sweeps(module: ir.Module, plan: Plan) -> tuple[ir.Function, ir.Function]:
    """Adds the functions of both directions, forwards and backwards.

    Their arguments: residual, x and y of the window; weights of the layer that ends, of its reader, the
    reader's carry; the same of the layer that begins; scratch; first and last row of the range; what to do
    for the layer that ends, and for the one that begins; 0 is nothing.
    """
    prepare, add, project = preparation(module, plan), _addition(module, plan), _projection(module, plan)

    def sweep(reverse: bool) -> ir.Function:
        return _sweep(module, plan, reader(module, plan, prepare, reverse), add, project, reverse)

    return sweep(False), sweep(True)


def _sweep(
    module: ir.Module, plan: Plan, read: ir.Function, add: ir.Function, project: ir.Function, reverse: bool
) -> ir.Function:
    """One direction."""
    arguments = {"residual": plan.width, "x": plan.channels, "y": plan.channels}
    for layer in ("ending", "beginning"):
        arguments |= {f"{layer}_layer": 1, f"{layer}_reader": 1, f"{layer}_carry": 1}
    arguments |= {"scratch": 1, "first": INT, "last": INT, "end": INT, "begin": INT}
    code = Code(module, plan.machine, "sweep_backwards" if reverse else "sweep_forwards", arguments)
    window, ending, beginning = code.arguments[:3], code.arguments[3:6], code.arguments[6:9]
    memory, first, last, end, begin = code.arguments[9:]
    said = plan.scratch.split(memory)["y"]
    with code.loop(last - first, CHUNK) as done:
        rows = code.smaller(last - first - done, CHUNK)
        start = last - done - rows if reverse else first + done
        residual, x, y = (matrix.below(start) for matrix in window)
        with code.when(code.integer(0) < end):
            code.call(read, x, ending[1], ending[2], memory, said, rows)
        with code.when(code.integer(READ) < end):
            code.call(add, residual, y, ending[0], memory, rows)
        with code.when(code.integer(0) < begin):
            code.call(project, residual, x, beginning[0], memory, rows)
        with code.when(code.integer(PROJECT) < begin):
            code.call(read, x, beginning[1], beginning[2], memory, y, rows)
    return code.end()


def _addition(module: ir.Module, plan: Plan) -> ir.Function:
    """Adds the function of residual += W ((what both readers say) · silu(gate of the normalised rows))."""
    arguments = {"residual": plan.width, "y": plan.channels, "weights": 1, "scratch": 1, "rows": INT}
    code = Code(module, plan.machine, "add", arguments)
    residual, y, packed, memory, rows = code.arguments
    weights, scratch = plan.layer.split(packed), plan.scratch.split(memory)
    scales, said, gated = scratch["scales"], scratch["y"], scratch["u"]

    def gate(row: Value, column: Value, sums: Value) -> None:
        both = y[row, column] + said[row, column]
        gated[row, column] = both * silu(code, sums * scales.spread(row, 0))

    def add(row: Value, column: Value, sums: Value) -> None:
        residual[row, column] = residual[row, column] + sums

    _norms(code, plan, residual, scales, rows)
    product(code, residual, rows, weights["gate"], (plan.width, plan.channels), gate)
    product(code, gated, rows, weights["output"], (plan.channels, plan.width), add)
    return code.end()


def _projection(module: ir.Module, plan: Plan) -> ir.Function:
    """Adds the function of x = W (the normalised rows of the residual)."""
    arguments = {"residual": plan.width, "x": plan.channels, "weights": 1, "scratch": 1, "rows": INT}
    code = Code(module, plan.machine, "project", arguments)
    residual, x, packed, memory, rows = code.arguments
    scales = plan.scratch.split(memory)["scales"]

    def keep(row: Value, column: Value, sums: Value) -> None:
        x[row, column] = sums * scales.spread(row, 0)

    _norms(code, plan, residual, scales, rows)
    weights = plan.layer.split(packed)["input"]
    product(code, residual, rows, weights, (plan.width, plan.channels), keep)
    return code.end()


def _norms(code: Code, plan: Plan, residual: Matrix, scales: Matrix, rows: Value) -> None:
    """What each row is multiplied by in RMSNorm; the norm's own weights are part of the projections'."""
    with code.loop(rows) as row:
        squares = code.vector(0.0)
        for column in range(0, plan.width, code.lanes):
            values = residual[row, column]
            squares = code.fused(values, values, squares)
        mean = code.total(squares) * (1 / plan.sizes.width)
        root = code.root(mean + plan.sizes.epsilon)
        scales.put(row, 0, code.like(root, 1.0) / root)
