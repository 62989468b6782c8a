"""Matrix products on tiles that stay in registers: rows of a window times a matrix of weights.

The weights are packed in panels of columns, each as wide as a tile, so that they stream through the first
cache. A tile is as many rows and vectors as the machine has registers for; every number of a row is spread
over a vector once and multiplied by all vectors of the panel.
"""

from collections.abc import Callable

from jaxtyping import Float32
from torch import Tensor

from seq2exp_tracks.model.compiled.language import Code, Matrix, Term, Value, Variable
from seq2exp_tracks.model.compiled.machine import Machine

Finish = Callable[[Value, Value, Value], None]
"""What becomes of a result: it is given the row, the first column and the vector that stands there."""


def tile(machine: Machine, columns: int) -> tuple[int, int]:
    """Rows and vectors of a tile: what fits the registers and wastes the fewest columns."""
    vectors = -(-columns // machine.lanes)
    wide = 3 if vectors % 3 == 0 and vectors % 2 else 2
    rows = {(32, 2): 12, (32, 3): 8, (16, 2): 6, (16, 3): 4}[machine.registers, wide]
    return rows, wide


def padded(machine: Machine, columns: int) -> int:
    """Columns of the packed weights: whole panels."""
    panel = tile(machine, columns)[1] * machine.lanes
    return -(-columns // panel) * panel


def packed_size(machine: Machine, inputs: int, columns: int) -> int:
    """How many numbers packed weights are."""
    return inputs * padded(machine, columns)


def pack(weights: Float32[Tensor, "inputs columns"], machine: Machine) -> Float32[Tensor, " packed"]:
    """Weights as `product` reads them: panel by panel, each row by row; zeros where columns are missing."""
    inputs, columns = weights.shape
    panel = tile(machine, columns)[1] * machine.lanes
    whole = weights.new_zeros(inputs, padded(machine, columns))
    whole[:, :columns] = weights
    return whole.view(inputs, -1, panel).transpose(0, 1).reshape(-1)


def product(
    code: Code, left: Matrix, rows: Term, packed: Matrix, shape: tuple[int, int], finish: Finish
) -> None:
    """Writes down left @ weights.

    Args:
        code: Where to.
        left: The rows.
        rows: How many.
        packed: Weights from `pack`.
        shape: Inputs and columns of the weights.
        finish: Is told every vector of the product, once, those of padding included.
    """
    inputs, columns = shape
    height, vectors = tile(code.machine, columns)
    panel = vectors * code.lanes
    rows = code.integer(rows)
    whole = rows / height * height
    with code.loop(padded(code.machine, columns), panel) as first:
        weights = packed.below(first * inputs).part(0, panel)
        with code.loop(whole, height) as top:
            _tile(code, left.below(top), weights, (height, inputs, vectors), top, first, finish)
        with code.loop(rows - whole) as rest:
            top = whole + rest
            _tile(code, left.below(top), weights, (1, inputs, vectors), top, first, finish)


def _tile(
    code: Code,
    left: Matrix,
    weights: Matrix,
    shape: tuple[int, int, int],
    top: Value,
    first: Value,
    finish: Finish,
) -> None:
    """A few rows times one panel."""
    height, inputs, vectors = shape
    sums = [[Variable(code, code.vector(0.0)) for _ in range(vectors)] for _ in range(height)]
    with code.loop(inputs) as k:
        right = [weights[k, v * code.lanes] for v in range(vectors)]
        for m in range(height):
            number = left.spread(m, k)
            for v in range(vectors):
                sums[m][v].value = code.fused(number, right[v], sums[m][v].value)
    for m in range(height):
        for v in range(vectors):
            finish(top + m, first + v * code.lanes, sums[m][v].value)
