"""Sweeps over a window that read one layer and remember, and that go back through it with the gradients.

On the way there the forward reader sweeps first; the backward reader, sweeping next, ends the layer. On the
way back they come in the opposite order, each against its direction. Kept between the ways: the layer's
input, the readers' input x, the sum y of what they say, and what each carried into every chunk.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from llvmlite import ir

from seq2exp_tracks.model.compiled.language import INT, Code, Matrix, Term, Value
from seq2exp_tracks.model.compiled.layer_gradient import gate_gradient, input_gradient
from seq2exp_tracks.model.compiled.projection_gradient import projection_gradient
from seq2exp_tracks.model.compiled.reader import preparation, reader
from seq2exp_tracks.model.compiled.reader_gradient import reader_gradient
from seq2exp_tracks.model.compiled.sweep import addition, projection
from seq2exp_tracks.model.compiled.training_layout import CHUNK, TrainingPlan


class Chunk(NamedTuple):
    """A chunk of a sweep.

    Attributes:
        start: Its first row.
        rows: How many rows.
        number: How many chunks are read before it.
    """

    start: Term
    rows: Value
    number: Value


def chunks(length: int) -> int:
    """How many chunks a window has."""
    return -(-length // CHUNK)


def sweeps_there(module: ir.Module, plan: TrainingPlan) -> list[ir.Function]:
    """Adds the functions of the forward and of the backward reader's sweep.

    Their arguments: residual, x and y of the window; weights of the layer, of the reader; the reader's carry,
    empty; room for the carry of every chunk; scratch; length. The first one writes x and y, the second one
    adds to the residual and to y.
    """
    there = plan.there
    prepare = preparation(module, there)
    project, add = projection(module, there, first=False), addition(module, there, first=False)
    functions = []
    for reverse in (False, True):
        read = reader(module, there, prepare, reverse)
        arguments = {"residual": there.width, "x": there.channels, "y": there.channels}
        arguments |= dict.fromkeys(("layer", "reader", "carry", "kept", "scratch"), 1) | {"length": INT}
        code = Code(module, there.machine, f"train_{('forwards', 'backwards')[reverse]}", arguments)
        *window, layer, weights, carry, kept, memory, length = code.arguments
        said = there.scratch.split(memory)["y"]
        with _chunks(code, length, reverse, back=False) as chunk:
            residual, x, y = (matrix.below(chunk.start) for matrix in window)
            following = chunk.start - CHUNK if reverse else chunk.start + CHUNK
            ahead = [matrix.below(following) for matrix in window]
            _copy(code, plan, carry, kept.below(chunk.number * there.carry.size))
            if not reverse:
                code.call(project, residual, residual, x, layer, memory, chunk.rows)
            code.call(read, x, weights, carry, memory, said if reverse else y, chunk.rows, *ahead)
            if reverse:
                code.call(add, residual, residual, y, layer, memory, chunk.rows)
                with code.loop(chunk.rows) as row, code.loop(there.channels, code.lanes) as c:
                    y[row, c] = y[row, c] + said[row, c]
        functions.append(code.end())
    return functions


def sweeps_back(module: ir.Module, plan: TrainingPlan) -> list[ir.Function]:
    """Adds the functions that go back through the backward and through the forward reader.

    Their arguments: residual, x and y, the gradient of the layer's output; room for the gradients of y, of x
    and of the layer's input, the last of which is the result; weights of the layer and of the reader as the
    ways there and back read them; sums of the gradients of the layer's and the reader's weights; the reader's
    kept carries; the carry of the gradients, empty; scratch; length.
    """
    there = plan.there
    gate, begin = gate_gradient(module, plan), input_gradient(module, plan)
    projections, width, channels = projection_gradient(module, plan), there.width, there.channels
    functions = []
    for reverse in (True, False):
        read = reader_gradient(module, plan, projections, reverse)
        arguments = {"residual": width, "x": channels, "y": channels, "of_output": width}
        arguments |= {"of_y": channels, "of_x": channels, "of_residual": width}
        weights = ("layer", "reader", "layer_back", "reader_back", "layer_sums", "reader_sums")
        arguments |= dict.fromkeys((*weights, "kept", "carry", "scratch"), 1) | {"length": INT}
        code = Code(module, there.machine, f"train_{('forwards', 'backwards')[reverse]}_gradient", arguments)
        window, length = code.arguments[:7], code.arguments[-1]
        layer, weights_there, layer_back, back, layer_sums, sums, kept, carry, memory = code.arguments[7:-1]
        own = plan.scratch.split(memory)["of_x"]
        with _chunks(code, length, reverse, back=True) as chunk:
            residual, x, y, of_output, of_y, of_x, of_residual = (m.below(chunk.start) for m in window)
            carried = kept.below(chunk.number * there.carry.size)
            shared = (layer_back, layer_sums, memory, chunk.rows)
            if reverse:
                code.call(gate, residual, y, of_output, of_y, of_residual, layer, *shared)
            to = of_x if reverse else own
            code.call(read, x, of_y, to, weights_there, back, sums, carried, carry, memory, chunk.rows)
            if not reverse:
                code.call(begin, residual, of_output, of_x, of_residual, *shared)
        functions.append(code.end())
    return functions


def _copy(code: Code, plan: TrainingPlan, carry: Matrix, kept: Matrix) -> None:
    """Keeps what a reader carries."""
    source, target = plan.there.carry.split(carry), plan.there.carry.split(kept)
    with code.loop(plan.there.channels, code.lanes) as c:
        for name, (rows, _) in plan.there.carry.shapes.items():
            for row in range(rows):
                target[name][row, c] = source[name][row, c]


@contextmanager
def _chunks(code: Code, length: Value, reverse: bool, back: bool) -> Iterator[Chunk]:
    """Repeats what is written inside for every chunk, in a reader's order or in the opposite one."""
    count = (length + (CHUNK - 1)) / CHUNK
    with code.loop(count) as index:
        number = count - index - 1 if back else index
        done = number * CHUNK
        rows = code.smaller(length - done, CHUNK)
        yield Chunk(length - done - rows if reverse else done, rows, number)
