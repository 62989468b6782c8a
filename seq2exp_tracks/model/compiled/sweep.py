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
from seq2exp_tracks.model.compiled.reader import reader

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


def sweep(module: ir.Module, plan: Plan, reverse: bool) -> ir.Function:
    """Adds the function of one direction.

    Its arguments: residual, x and y of the window; weights of the layer that ends, of its reader, the
    reader's carry; the same of the layer that begins; scratch; first and last row of the range; what to do
    for the layer that ends, and for the one that begins; 0 is nothing.
    """
    read = reader(module, plan, reverse)
    weights = {"layer": 1, "reader": 1, "carry": 1}
    arguments = {"residual": plan.width, "x": plan.channels, "y": plan.channels}
    arguments |= {f"ending_{name}": width for name, width in weights.items()}
    arguments |= {f"beginning_{name}": width for name, width in weights.items()}
    arguments |= {"scratch": 1, "first": INT, "last": INT, "end": INT, "begin": INT}
    code = Code(module, plan.machine, "sweep_backwards" if reverse else "sweep_forwards", arguments)
    window, ending, beginning = code.arguments[:3], code.arguments[3:6], code.arguments[6:9]
    memory, first, last, end, begin = code.arguments[9:]
    scratch = plan.scratch.split(memory)
    with code.loop(last - first, CHUNK) as done:
        rows = code.smaller(last - first - done, CHUNK)
        start = last - done - rows if reverse else first + done
        residual, x, y = (matrix.below(start) for matrix in window)
        with code.when(code.integer(0) < end):
            code.call(read, x, ending[1], ending[2], memory, scratch["y"], rows)
        with code.when(code.integer(READ) < end):
            _add(code, plan, residual, y, plan.layer.split(ending[0]), scratch, rows)
        with code.when(code.integer(0) < begin):
            _project(code, plan, residual, x, plan.layer.split(beginning[0]), scratch, rows)
        with code.when(code.integer(PROJECT) < begin):
            code.call(read, x, beginning[1], beginning[2], memory, y, rows)
    return code.end()


def _add(
    code: Code,
    plan: Plan,
    residual: Matrix,
    y: Matrix,
    weights: dict[str, Matrix],
    scratch: dict[str, Matrix],
    rows: Value,
) -> None:
    """Adds to the residual: W ((what both readers say) · silu(gate of the normalised residual))."""
    scales, said, gated = scratch["scales"], scratch["y"], scratch["u"]

    def gate(row: Value, column: Value, sums: Value) -> None:
        both = y[row, column] + said[row, column]
        gated[row, column] = both * silu(code, sums * scales.spread(row, 0))

    def add(row: Value, column: Value, sums: Value) -> None:
        residual[row, column] = residual[row, column] + sums

    _norms(code, plan, residual, scales, rows)
    product(code, residual, rows, weights["gate"], (plan.width, plan.channels), gate)
    product(code, gated, rows, weights["output"], (plan.channels, plan.width), add)


def _project(
    code: Code,
    plan: Plan,
    residual: Matrix,
    x: Matrix,
    weights: dict[str, Matrix],
    scratch: dict[str, Matrix],
    rows: Value,
) -> None:
    """Makes x = W (the normalised residual)."""
    scales = scratch["scales"]

    def keep(row: Value, column: Value, sums: Value) -> None:
        x[row, column] = sums * scales.spread(row, 0)

    _norms(code, plan, residual, scales, rows)
    product(code, residual, rows, weights["input"], (plan.width, plan.channels), keep)


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
