"""The selective scan of a whole window as two kernels: there, and back with the gradients.

On the way there the states are kept at the start of every chunk; on the way back each chunk computes its own
again from them. So nothing as large as length times channels times states exists in either. Kernels are
compiled for a number of states; length and channels are arguments.
"""

from dataclasses import dataclass
from functools import cache

from llvmlite import ir

from seq2exp_tracks.model.compiled.language import INT, Code, Matrix, Term, Value
from seq2exp_tracks.model.compiled.machine import Kernel, Machine, Program
from seq2exp_tracks.model.compiled.scan import Scanned, scan
from seq2exp_tracks.model.compiled.scan_gradient import Gradients, History, scan_gradient

CHUNK = 64
"""Rows between kept states: what the way back needs of a chunk stays in a core's second cache."""

_READ = ("x", "delta", "rates", "skip", "B", "C", "kept")
_GRADIENTS = ("y", "x", "delta", "A", "skip", "B", "C", "state")
_SCRATCH = ("decays", "states", "B", "C")


@dataclass(frozen=True, slots=True)
class ScanKernels:
    """A scan in one direction, ready to be called on one window.

    All tensors are contiguous; channels are a multiple of the machine's lanes.

    Attributes:
        there: Arguments: x, delta (length, channels); rates = A / log(2) (states, channels); D; B, C
            (length, states); kept (chunks + 1, states, channels), whose first states are given, last are the
            final ones; y (length, channels), which is written; length; channels.
        back: Arguments: x, delta, rates, D, B, C, kept as before; gradients of y, x, delta, A (states,
            channels), D, B, C and the final state (states, channels): that of y is given, those of A and D
            are added to, that of the final state becomes that of the first; scratch; length; channels.
        scratch: Numbers that `back` needs room for.
    """

    there: Kernel
    back: Kernel
    scratch: int


def chunks(length: int) -> int:
    """How many chunks a window has."""
    return -(-length // CHUNK)


@cache
def scan_kernels(states: int, reverse: bool, machine: Machine) -> ScanKernels:
    """Compiles both kernels for a number of states a channel."""
    module = ir.Module("scan")
    functions = whole_scans(module, machine, states, reverse)
    program = Program(module, machine)
    there, back = (program.kernel(function) for function in functions)
    return ScanKernels(there, back, len(_SCRATCH) * CHUNK * states * machine.lanes)


def whole_scans(
    module: ir.Module, machine: Machine, states: int, reverse: bool
) -> tuple[ir.Function, ir.Function]:
    """Adds the functions there and back to a module."""
    return _there(module, machine, states, reverse), _back(module, machine, states, reverse)


def _there(module: ir.Module, machine: Machine, states: int, reverse: bool) -> ir.Function:
    arguments = {**dict.fromkeys((*_READ, "y"), 1), "rows": INT, "channels": INT}
    code = Code(module, machine, "scan", arguments)
    *read, output, length, channels = code.arguments
    window = _shaped(dict(zip(_READ, read, strict=True)), channels, states)
    y = output.part(0, channels)
    with code.loop(length, CHUNK) as done:
        start, rows = _chunk(code, length, done, reverse)
        before = window["kept"].below(done / CHUNK * states).part(0, 1)
        after = window["kept"].below((done / CHUNK + 1) * states)
        with code.loop(channels * states, code.lanes) as i:
            after.part(0, 1)[i, 0] = before[i, 0]
        scan(code, _scanned(window, start, after, y), rows, channels, states, reverse)
    return code.end()


def _back(module: ir.Module, machine: Machine, states: int, reverse: bool) -> ir.Function:
    names = (*_READ, *(f"{name}_gradient" for name in _GRADIENTS), "scratch")
    code = Code(module, machine, "scan_back", {**dict.fromkeys(names, 1), "rows": INT, "channels": INT})
    *matrices, memory, length, channels = code.arguments
    window = _shaped(dict(zip(_READ, matrices[: len(_READ)], strict=True)), channels, states)
    to = _shaped(dict(zip(_GRADIENTS, matrices[len(_READ) :], strict=True)), channels, states)
    size = CHUNK * states * code.lanes
    scratch = {name: memory.part(index * size, code.lanes) for index, name in enumerate(_SCRATCH)}
    count = (length + (CHUNK - 1)) / CHUNK
    with code.loop(count) as later:
        done = (count - later - 1) * CHUNK
        start, rows = _chunk(code, length, done, reverse)
        before = window["kept"].below(done / CHUNK * states)
        of = _scanned(window, start, before, window["x"])
        gradients = Gradients(
            **{name: to[name].below(start) for name in ("y", "x", "delta")},
            **{name: scratch[name] for name in ("B", "C")},
            **{name: to[name] for name in ("A", "skip", "state")},
        )
        with code.loop(rows * states) as place:
            gradients.B[place, 0] = gradients.C[place, 0] = code.vector(0.0)
        history = History(scratch["decays"], scratch["states"])
        scan_gradient(code, of, gradients, history, rows, channels, states, reverse)
        for name in ("B", "C"):
            sum_channels(code, scratch[name], to[name].below(start), rows, states, reverse)
    return code.end()


def _shaped(matrices: dict[str, Matrix], channels: Value, states: int) -> dict[str, Matrix]:
    """Gives the arguments their row lengths."""
    return {name: m.part(0, states if name in ("B", "C") else channels) for name, m in matrices.items()}


def _chunk(code: Code, length: Value, done: Value, reverse: bool) -> tuple[Term, Value]:
    """The first row, and the number of rows, of the chunk that comes when so many rows were read."""
    rows = code.smaller(length - done, CHUNK)
    return length - done - rows if reverse else done, rows


def _scanned(window: dict[str, Matrix], start: Term, state: Matrix, y: Matrix) -> Scanned:
    x, delta, B, C = (window[name].below(start) for name in ("x", "delta", "B", "C"))
    return Scanned(x, delta, B, C, window["rates"], window["skip"], state, y.below(start))


def sum_channels(code: Code, vectors: Matrix, sums: Matrix, rows: Value, states: int, reverse: bool) -> None:
    """Sums the lanes of the vectors of each row and state."""
    with code.loop(rows) as step:
        t = rows - step - 1 if reverse else step
        with code.loop(states) as n:
            sums.put(t, n, code.total(vectors[step * states + n, 0]))
