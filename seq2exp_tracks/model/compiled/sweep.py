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


def sweeps(module: ir.Module, plan: Plan) -> list[ir.Function]:
    """Adds the functions of the sweeps: the first, the second, and all others forwards and backwards.

    Sweeps change direction, beginning forwards. The first two have to do with the first layer, which may see
    its rows in another way.

    Their arguments: numbers that the rows are made from; residual, x and y of the window; weights of the
    layer that ends, of its reader, the reader's carry; the same of the layer that begins; scratch; first and
    last row of the range; what to do for the layer that ends, and for the one that begins; 0 is nothing.
    """
    prepare = preparation(module, plan)
    readers = [reader(module, plan, prepare, reverse) for reverse in (False, True)]
    add, project = addition(module, plan, first=False), projection(module, plan, first=False)
    functions = [
        _sweep(module, plan, readers[reverse], add, project, ("sweep_forwards", "sweep_backwards")[reverse])
        for reverse in (False, True)
    ]
    if not plan.sizes.numbers:
        return [*functions, *functions]
    first_project, first_add = projection(module, plan, first=True), addition(module, plan, first=True)
    return [
        _sweep(module, plan, readers[False], add, first_project, "first_sweep_forwards"),
        _sweep(module, plan, readers[True], first_add, project, "second_sweep_backwards"),
        *functions,
    ]


def _sweep(
    module: ir.Module, plan: Plan, read: ir.Function, add: ir.Function, project: ir.Function, name: str
) -> ir.Function:
    """One sweep, of the direction that its name ends with."""
    arguments = {"numbers": plan.sizes.numbers or 1}
    arguments |= {"residual": plan.width, "x": plan.channels, "y": plan.channels}
    for layer in ("ending", "beginning"):
        arguments |= {f"{layer}_layer": 1, f"{layer}_reader": 1, f"{layer}_carry": 1}
    arguments |= {"scratch": 1, "first": INT, "last": INT, "end": INT, "begin": INT}
    code = Code(module, plan.machine, name, arguments)
    window, ending, beginning = code.arguments[:4], code.arguments[4:7], code.arguments[7:10]
    memory, first, last, end, begin = code.arguments[10:]
    said = plan.scratch.split(memory)["y"]
    with code.loop(last - first, CHUNK) as done:
        rows = code.smaller(last - first - done, CHUNK)
        start = last - done - rows if name.endswith("backwards") else first + done
        numbers, residual, x, y = (matrix.below(start) for matrix in window)
        following = start - CHUNK if name.endswith("backwards") else start + CHUNK
        ahead = [matrix.below(following) for matrix in window[1:]]
        with code.when(code.integer(0) < end):
            code.call(read, x, ending[1], ending[2], memory, said, rows, *ahead)
        with code.when(code.integer(READ) < end):
            code.call(add, numbers, residual, y, ending[0], memory, rows)
        with code.when(code.integer(0) < begin):
            code.call(project, numbers, residual, x, beginning[0], memory, rows)
        with code.when(code.integer(PROJECT) < begin):
            code.call(read, x, beginning[1], beginning[2], memory, y, rows, *ahead)
    return code.end()


def addition(module: ir.Module, plan: Plan, first: bool) -> ir.Function:
    """Adds the function of residual += W ((what both readers say) · silu(gate of the normalised rows))."""
    arguments = {"numbers": plan.sizes.numbers or 1, "residual": plan.width, "y": plan.channels}
    arguments |= {"weights": 1, "scratch": 1, "rows": INT}
    code = Code(module, plan.machine, "add_first" if first else "add", arguments)
    numbers, residual, y, packed, memory, rows = code.arguments
    weights, scratch = (plan.first if first else plan.layer).split(packed), plan.scratch.split(memory)
    scales, said, gated = scratch["scales"], scratch["y"], scratch["u"]

    def gate(row: Value, column: Value, sums: Value) -> None:
        both = y[row, column] + said[row, column]
        gated[row, column] = both * silu(code, sums * scales.spread(row, 0))

    def add(row: Value, column: Value, sums: Value) -> None:
        residual[row, column] = residual[row, column] + sums

    norms(code, plan, residual, scales, rows)
    seen = numbers if first else residual
    product(code, seen, rows, weights["gate"], (seen.width, plan.channels), gate)
    product(code, gated, rows, weights["output"], (plan.channels, plan.width), add)
    return code.end()


def projection(module: ir.Module, plan: Plan, first: bool) -> ir.Function:
    """Adds the function of x = W (the normalised rows); for the first layer it makes the rows before."""
    arguments = {"numbers": plan.sizes.numbers or 1, "residual": plan.width, "x": plan.channels}
    arguments |= {"weights": 1, "scratch": 1, "rows": INT}
    code = Code(module, plan.machine, "project_first" if first else "project", arguments)
    numbers, residual, x, packed, memory, rows = code.arguments
    weights = (plan.first if first else plan.layer).split(packed)
    scales = plan.scratch.split(memory)["scales"]

    def keep_row(row: Value, column: Value, sums: Value) -> None:
        residual[row, column] = sums

    def keep(row: Value, column: Value, sums: Value) -> None:
        x[row, column] = sums * scales.spread(row, 0)

    if first:
        product(code, numbers, rows, weights["rows"], (numbers.width, plan.width), keep_row)
    norms(code, plan, residual, scales, rows)
    seen = numbers if first else residual
    product(code, seen, rows, weights["input"], (seen.width, plan.channels), keep)
    return code.end()


def norms(code: Code, plan: Plan, residual: Matrix, scales: Matrix, rows: Value) -> None:
    """What each row is multiplied by in RMSNorm; the norm's own weights are part of the projections'."""
    with code.loop(rows) as row:
        squares = code.vector(0.0)
        for column in range(0, plan.width, code.lanes):
            values = residual[row, column]
            squares = code.fused(values, values, squares)
        mean = code.total(squares) * (1 / plan.sizes.width)
        root = code.root(mean + plan.sizes.epsilon)
        scales.put(row, 0, code.like(root, 1.0) / root)
