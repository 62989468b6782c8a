"""Where the time of a window goes, and what each saving of work is worth: `python benchmarks/parts.py`.

The parts: each compiled function alone on one chunk in the cache, times how often a window of 200,000 bp
needs it, beside what its arithmetic takes at this core's peak rates. The savings: a window of 16,384 bp with
the saving and without it, in turns, beside what the count of operations predicts. CPU seconds of one thread
for 200,000 bp, the best of `--repeats`.
"""

from collections.abc import Callable
from functools import partial
from unittest import mock

import click
import torch
from llvmlite import ir
from network import LENGTH, WINDOW, in_turns, random_inputs
from torch import Tensor

from seq2exp_tracks.model import SOFT, Seq2Exp, reading
from seq2exp_tracks.model.caduceus import Stack
from seq2exp_tracks.model.compiled.language import INT, Code
from seq2exp_tracks.model.compiled.layout import CHUNK, Plan
from seq2exp_tracks.model.compiled.machine import Machine, Program, chosen_machine
from seq2exp_tracks.model.compiled.packing import PackedStack
from seq2exp_tracks.model.compiled.scan import Scanned, scan
from seq2exp_tracks.model.compiled.sweep import sweeps
from seq2exp_tracks.model.reading import Embedded
from seq2exp_tracks.scoring.bench.peaks import measure_peaks

CALLS = 20  # of a part, one after the other
LAYERS = SOFT.generator_layers + SOFT.encoder_layers
D, E, N, R = SOFT.d_model, SOFT.d_inner, SOFT.mamba.d_state, SOFT.dt_rank


@click.command()
@click.option("--repeats", default=5, show_default=True, help="Runs of each; the best counts.")
@torch.inference_mode()
def main(repeats: int) -> None:
    """Measure parts and savings and print two tables."""
    torch.set_num_threads(1)
    machine = chosen_machine()
    if machine is None:
        raise click.UsageError("no kernels are in use: unset SEQ2EXP_KERNELS")
    peaks = measure_peaks(torch.device("cpu"))
    click.echo(f"peak of this core: {peaks.products / 1e9:.0f} GFLOP/s, {peaks.exps / 1e9:.1f} G exp/s\n")
    click.echo(f"{'part':32}{'CPU s':>8}{'at peak':>9}")
    measured = measure_parts(machine, repeats)
    # Multiply-adds and exponentials of a row in one layer; a scan's are 6 products and an exponential.
    floors = {
        "projections into a layer": (2 * D * E, 0),
        "gate and way out": (2 * 2 * D * E, E),
        "step, B and C, both ways": (2 * 2 * (E * (R + 2 * N) + R * E), 2 * E),
        "convolution, both ways": (2 * 2 * E * SOFT.mamba.d_conv, 2 * E),
        "scan, both ways": (2 * 6 * E * N, 2 * E * N),
    }
    for name, (products, exps) in floors.items():
        floor = (products / peaks.products + exps / peaks.exps) * WINDOW * LAYERS
        click.echo(f"{name:32}{measured[name]:8.2f}{floor:9.2f}")
    click.echo(f"{'all of 8 layers':32}{sum(measured.values()):8.2f}\n")
    measure_savings(peaks.products, repeats)


def measure_parts(machine: Machine, repeats: int) -> dict[str, float]:
    """Seconds of each part of the network in a window, every layer done in full."""
    stack = Seq2Exp.initialised(SOFT, seed=0).generator
    packed = PackedStack(stack, machine, None)
    module = ir.Module("parts")
    sweeps(module, packed.plan)
    names = ("project", "add", "prepare", "read_forwards")
    functions = [module.globals[name] for name in names]
    functions.append(only_scan(module, packed.plan))
    kernels = dict(zip((*names, "scan"), map(Program(module, machine).kernel, functions), strict=True))
    plan, shared, reader = packed.plan, packed.shared[0], packed.readers[0][0]
    residual, x, y = (0.1 * torch.randn(CHUNK, width) for width in (plan.width, plan.channels, plan.channels))
    scratch, carry = torch.rand(plan.scratch.size) * 0.1, torch.zeros(plan.carry.size)
    numbers = torch.zeros(CHUNK)
    calls: dict[str, Callable[[], None]] = {
        "project": partial(kernels["project"], numbers, residual, x, shared, scratch, CHUNK),
        "add": partial(kernels["add"], numbers, residual, y, shared, scratch, CHUNK),
        "prepare": partial(kernels["prepare"], reader, scratch, CHUNK),
        "read": partial(kernels["read_forwards"], x, reader, carry, scratch, y, CHUNK, residual, x, y),
        "scan": partial(kernels["scan"], reader, carry, scratch, y, CHUNK),
    }
    best = in_turns(repeats * 10, {name: partial(several, call) for name, call in calls.items()})
    a_window = {name: value / CALLS * WINDOW / CHUNK * LAYERS for name, value in best.items()}
    return {
        "projections into a layer": a_window["project"],
        "gate and way out": a_window["add"],
        "step, B and C, both ways": 2 * a_window["prepare"],
        "convolution, both ways": 2 * (a_window["read"] - a_window["prepare"] - a_window["scan"]),
        "scan, both ways": 2 * a_window["scan"],
    }


def only_scan(module: ir.Module, plan: Plan) -> ir.Function:
    """A function that scans what lies in the scratch."""
    arguments = {"weights": 1, "carry": 1, "scratch": 1, "y": plan.channels, "rows": INT}
    code = Code(module, plan.machine, "only_scan", arguments)
    packed, carried, memory, y, rows = code.arguments
    weights, carry, scratch = plan.reader.split(packed), plan.carry.split(carried), plan.scratch.split(memory)
    B = scratch["projected"].part(R, plan.projected)
    C = scratch["projected"].part(R + N, plan.projected)
    of = Scanned(scratch["u"], scratch["steps"], B, C, weights["rates"], weights["skip"], carry["state"], y)
    scan(code, of, rows, plan.channels, N, reverse=False)
    return code.end()


def several(call: Callable[[], None]) -> None:
    """Many calls, so that the clock's steps do not matter."""
    for _ in range(CALLS):
        call()


def measure_savings(rate: float, repeats: int) -> None:
    """What a window costs without each saving, beside what its products alone predict."""
    model, inputs = Seq2Exp.initialised(SOFT, seed=0), random_inputs(LENGTH)
    read = reading.read

    def whole(stack: Stack, x: Embedded | Tensor, wanted: range | None = None) -> Tensor:
        rows = read(stack, x)
        return rows if wanted is None else rows[:, wanted.start : wanted.stop]

    def from_rows(stack: Stack, x: Embedded | Tensor, wanted: range | None = None) -> Tensor:
        return read(stack, x.rows() if isinstance(x, Embedded) else x, wanted)

    def window(way: Callable[..., Tensor]) -> None:
        with mock.patch.object(reading, "read", way):
            model(*inputs)

    ways = {"": read, "last layer only where it is read": whole, "first layer from few numbers": from_rows}
    best = in_turns(repeats, {name: partial(window, way) for name, way in ways.items()})
    half = (1 - SOFT.promoter / LENGTH) / 2  # the share of rows on one side of the promoter
    into = 2 * (E * (R + 2 * N) + R * E)
    predicted = {
        "last layer only where it is read": 2 * half * (into + 2 * 2 * D * E),
        "first layer from few numbers": 2 * 2 * 2 * E * (D - 8),
    }
    click.echo(f"{'saving':34}{'CPU s':>8}{'predicted, products alone':>28}")
    for name, products in predicted.items():
        gain = (best[name] - best[""]) * WINDOW / LENGTH
        click.echo(f"{name:34}{gain:8.2f}{products * WINDOW / rate:28.2f}")
    click.echo(f"{'a window with all of them':34}{best[''] * WINDOW / LENGTH:8.2f}")


if __name__ == "__main__":
    main()
