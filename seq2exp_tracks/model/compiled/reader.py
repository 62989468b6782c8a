"""One direction of a Mamba block over a chunk of rows: `mamba.Mamba.forward`, fused.

    u = silu(conv(x));  [r | B | C] = W u;  delta = softplus(V r + b);  y = scan(u, delta, A, B, C, D)

What lies between x and y stays in the cache. What one chunk leaves to the next in reading direction, the
last inputs of the convolution and the states of the scan, is carried in memory.
"""

from llvmlite import ir

from seq2exp_tracks.model.compiled.language import INT, Code, Matrix, Value, Variable
from seq2exp_tracks.model.compiled.layout import Plan
from seq2exp_tracks.model.compiled.mathematics import silu, softplus
from seq2exp_tracks.model.compiled.products import Finish, product
from seq2exp_tracks.model.compiled.scan import Scanned, scan


def reader(module: ir.Module, plan: Plan, prepare: ir.Function, reverse: bool) -> ir.Function:
    """Adds the function of one direction: reads rows of x, writes as many of y, and moves the carry on.

    Its last arguments are where the next chunk begins in each array of the window: it is fetched meanwhile.

    Args:
        module: Where to.
        plan: Where things are in memory.
        prepare: The function that `preparation` added.
        reverse: Read from the last row to the first.
    """
    arguments = {"x": plan.channels, "weights": 1, "carry": 1, "scratch": 1, "y": plan.channels, "rows": INT}
    arguments |= {"next_residual": plan.width, "next_x": plan.channels, "next_y": plan.channels}
    code = Code(module, plan.machine, "read_backwards" if reverse else "read_forwards", arguments)
    x, packed, carried, memory, y, rows, *ahead = code.arguments
    weights, carry, scratch = plan.reader.split(packed), plan.carry.split(carried), plan.scratch.split(memory)
    sizes, projected = plan.sizes, scratch["projected"]

    def keep(row: Value, column: Value, sums: Value) -> None:
        scratch["u"][row, column] = silu(code, sums)

    convolve(code, x, weights, carry["inputs"], rows, sizes.taps, reverse, keep)
    code.call(prepare, packed, memory, rows)
    scanned = Scanned(
        x=scratch["u"],
        delta=scratch["steps"],
        B=projected.part(sizes.rank, plan.projected),
        C=projected.part(sizes.rank + sizes.states, plan.projected),
        rates=weights["rates"],
        skip=weights["skip"],
        state=carry["state"],
        y=y,
    )
    scan(code, scanned, rows, plan.channels, sizes.states, reverse, ahead)
    return code.end()


def preparation(module: ir.Module, plan: Plan) -> ir.Function:
    """Adds the function of both directions that makes step sizes, B and C of the scan's input."""
    code = Code(module, plan.machine, "prepare", {"weights": 1, "scratch": 1, "rows": INT})
    packed, memory, rows = code.arguments
    weights, scratch = plan.reader.split(packed), plan.scratch.split(memory)
    projected, steps = scratch["projected"], scratch["steps"]

    def keep(row: Value, column: Value, sums: Value) -> None:
        projected[row, column] = sums

    def keep_step(row: Value, column: Value, sums: Value) -> None:
        steps[row, column] = softplus(code, sums + weights["steps_bias"][0, column])

    sizes = plan.sizes
    product(code, scratch["u"], rows, weights["project"], (plan.channels, sizes.projected), keep)
    product(code, projected, rows, weights["steps"], (sizes.rank, plan.channels), keep_step)
    return code.end()


def convolve(
    code: Code,
    x: Matrix,
    weights: dict[str, Matrix],
    before: Matrix,
    rows: Value,
    count: int,
    reverse: bool,
    finish: Finish,
) -> None:
    """Writes down bias + the last rows of x in reading direction, each times its tap.

    Args:
        code: Where to.
        x: The rows.
        weights: Has `taps` and `taps_bias`.
        before: The last rows before them; moved on.
        rows: How many.
        count: How many taps there are.
        reverse: Read from the last row to the first.
        finish: Is told every vector of the result.
    """
    taps = weights["taps"]
    with code.loop(x.width, code.lanes) as c:
        window = [Variable(code, before[k, c]) for k in range(count - 1)]  # the oldest first
        with code.loop(rows) as step:
            t = rows - step - 1 if reverse else step
            last = [*(variable.value for variable in window), x[t, c]]
            total = weights["taps_bias"][0, c]
            for k in range(count):
                total = code.fused(last[k], taps[k, c], total)
            finish(t, c, total)
            for k in range(count - 1):
                window[k].value = last[k + 1]
        for k in range(count - 1):
            before[k, c] = window[k].value
