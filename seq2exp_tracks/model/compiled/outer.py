"""Sums of outer products on tiles that stay in registers: the gradients of weights.

The gradient of a product's weights is a sum over the rows of a window: what went in times the gradient of
what came out. As in `products`, a tile is as many numbers and vectors as the machine has registers for.
"""

from seq2exp_tracks.model.compiled.language import Code, Matrix, Term, Value, Variable
from seq2exp_tracks.model.compiled.products import tile


def add_outer(
    code: Code, left: Matrix, right: Matrix, rows: Value, shape: tuple[int, int], sums: Matrix
) -> None:
    """Writes down sums += leftᵀ @ right.

    Args:
        code: Where to.
        left: Rows whose numbers count one by one.
        right: Rows whose numbers count in vectors.
        rows: How many.
        shape: Numbers of a row of left, and of right; those are whole panels (`products.padded`).
        sums: A matrix of that shape.
    """
    numbers, columns = shape
    most, vectors = tile(code.machine, columns)
    tiles = -(-numbers // most)
    height = -(-numbers // tiles)  # tiles of one size, as far as they go
    whole = numbers // height * height
    with code.loop(columns, vectors * code.lanes) as first:
        with code.loop(whole, height) as top:
            _tile(code, left, right, rows, (height, vectors), (top, first), sums)
        if numbers > whole:
            _tile(code, left, right, rows, (numbers - whole, vectors), (whole, first), sums)


def _tile(
    code: Code,
    left: Matrix,
    right: Matrix,
    rows: Value,
    shape: tuple[int, int],
    place: tuple[Term, Value],
    sums: Matrix,
) -> None:
    """A few numbers of left with one panel of right."""
    height, vectors = shape
    top, first = code.integer(place[0]), place[1]
    columns = [first + v * code.lanes for v in range(vectors)]
    held = [[Variable(code, sums[top + m, column]) for column in columns] for m in range(height)]
    with code.loop(rows) as row:
        seen = [right[row, column] for column in columns]
        for m in range(height):
            number = left.spread(row, top + m)
            for variable, vector in zip(held[m], seen, strict=True):
                variable.value = code.fused(number, vector, variable.value)
    for m in range(height):
        for variable, column in zip(held[m], columns, strict=True):
            sums[top + m, column] = variable.value
