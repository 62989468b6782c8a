"""The most matrix products and exponentials that this core, or this GPU, makes in a second.

Measured on numbers that stay in the cache, with nothing else to do: what the arithmetic of a window would
take if nothing ever waited. Rates are the best of many short runs, as others can only slow a run down.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from llvmlite import ir

from seq2exp_tracks.model.compiled.language import Code, Value
from seq2exp_tracks.model.compiled.machine import Machine, Program, chosen_machine
from seq2exp_tracks.model.compiled.mathematics import exp2
from seq2exp_tracks.model.compiled.products import pack, product
from seq2exp_tracks.scoring.bench.work import Work

SECONDS = 0.4
"""How long each of the two is tried."""

# For a core: a chunk of rows through the way into a layer of the published model; exponentials in the first
# cache, several times, because calling is slow beside them.
_ROWS, _INPUTS, _COLUMNS = 96, 128, 512
_EXPS, _TIMES = 2048, 50
# For a GPU, whose many cores all have to have something to do.
_SIDE, _GPU_EXPS = 4096, 2**24


@dataclass(frozen=True, slots=True)
class Peaks:
    """Rates of one core or one GPU.

    Attributes:
        products: Floating-point operations of float32 matrix products in a second, a multiplication and its
            addition being two.
        exps: Exponentials of float32 in a second.
    """

    products: float
    exps: float

    def floor(self, work: Work) -> float:
        """The seconds that work takes at these rates, one kind after the other."""
        return work.products / self.products + work.exps / self.exps


def measure_peaks(device: torch.device, seconds: float = SECONDS) -> Peaks:
    """Measures the rates, on one core of a CPU: by our kernels where there are any, else by torch's.

    Args:
        device: Where.
        seconds: How long each rate is tried.

    Raises:
        TracksError: If the environment asks for kernels that this computer cannot run.
    """
    if device.type != "cpu":
        return _peaks_of_torch(device, (_SIDE, _SIDE, _SIDE), _GPU_EXPS, seconds)
    if (machine := chosen_machine()) is not None:
        return _peaks_of_kernels(machine, seconds)
    return _peaks_of_torch(device, (_ROWS, _INPUTS, _COLUMNS), _EXPS, seconds)


def _peaks_of_kernels(machine: Machine, seconds: float) -> Peaks:
    """By the parts that the kernels of the layers are made of."""
    module = ir.Module("peaks")
    functions = _product_kernel(module, machine), _exp_kernel(module, machine)
    program = Program(module, machine)
    multiply, exponentiate = (program.kernel(function) for function in functions)
    left, right = torch.rand(_ROWS, _INPUTS), pack(torch.rand(_INPUTS, _COLUMNS), machine)
    out, x, y = torch.empty(_ROWS, _COLUMNS), -torch.rand(_EXPS), torch.empty(_EXPS)
    return Peaks(
        2 * _ROWS * _INPUTS * _COLUMNS / _shortest(lambda: multiply(left, right, out), seconds),
        _TIMES * _EXPS / _shortest(lambda: exponentiate(x, y), seconds),
    )


def _product_kernel(module: ir.Module, machine: Machine) -> ir.Function:
    """Writes down out = left @ weights."""
    code = Code(module, machine, "products", {"left": _INPUTS, "weights": 1, "out": _COLUMNS})
    left, weights, out = code.arguments

    def store(row: Value, column: Value, sums: Value) -> None:
        out[row, column] = sums

    product(code, left, _ROWS, weights, (_INPUTS, _COLUMNS), store)
    return code.end()


def _exp_kernel(module: ir.Module, machine: Machine) -> ir.Function:
    """Writes down out = 2^x, again and again."""
    code = Code(module, machine, "exps", {"x": _EXPS, "out": _EXPS})
    x, out = code.arguments
    with code.loop(_TIMES), code.loop(_EXPS, 4 * code.lanes) as first:
        for vector in range(4):  # so many at once that none waits for another
            place = first + vector * code.lanes
            out[0, place] = exp2(code, x[0, place])
    return code.end()


def _peaks_of_torch(device: torch.device, shape: tuple[int, int, int], exps: int, seconds: float) -> Peaks:
    """By torch's kernels, on this thread."""
    rows, inputs, columns = shape
    left, right = torch.rand(rows, inputs, device=device), torch.rand(inputs, columns, device=device)
    out, x = torch.empty(rows, columns, device=device), -torch.rand(exps, device=device)
    y = torch.empty_like(x)

    def multiply() -> None:
        torch.mm(left, right, out=out)
        _wait(device)

    def exponentiate() -> None:
        torch.exp(x, out=y)
        _wait(device)

    return Peaks(
        2 * rows * inputs * columns / _shortest(multiply, seconds), exps / _shortest(exponentiate, seconds)
    )


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def _shortest(run: Callable[[], object], seconds: float) -> float:
    """The shortest time of one run in seconds; the first one warms up."""
    run()
    best, end = float("inf"), time.perf_counter() + seconds
    while best == float("inf") or time.perf_counter() < end:
        began = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - began)
    return best
