"""How fast the network reads a window: `python benchmarks/network.py`.

The published Seq2Exp-soft (128 channels, 4 + 4 layers, initial weights) on a window of 16,384 bp, CPU seconds
of one thread, ours and the others in turns in this process, the best of `--repeats`, shown as seconds for
200,000 bp. What they are compared with stands in naive.py; mambapy is measured where it is installed
(`pip install --no-deps mambapy`). The last column is the largest difference of mask and expression from ours.
"""

import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from importlib.util import find_spec
from unittest import mock

import click
import naive
import torch
from torch import Tensor

from seq2exp_tracks.model import SOFT, Seq2Exp, reading
from seq2exp_tracks.model.compiled.machine import VARIABLE, runnable

LENGTH = 16_384
WINDOW = 200_000

GOALS = {"published arithmetic": 60, "mambapy": 30, "best plain PyTorch": 10}
AVX2_GOAL = 25  # times the published arithmetic

Way = tuple[str, AbstractContextManager[object]]


@click.command()
@click.option("--repeats", default=3, show_default=True, help="Runs of each; the best counts.")
@click.option("--length", default=LENGTH, show_default=True, help="Window in bp.")
@torch.no_grad()
def main(repeats: int, length: int) -> None:
    """Measure all ways in turns and print one table."""
    torch.set_num_threads(1)
    model, inputs = Seq2Exp.initialised(SOFT, seed=0), random_inputs(length)
    outputs: dict[str, tuple[Tensor, ...]] = {}
    ways: dict[str, Callable[[], None]] = {}
    for name, patch in (*our_ways(), *their_ways()):
        ways[name] = partial(run, name, patch, model, inputs, outputs)
    for name in runnable():
        ways[f"ours, {name}"]()  # compiled now
    seconds = in_turns(repeats, ways)
    click.echo(f"{os.cpu_count()} cores, torch {torch.__version__}, load {os.getloadavg()[0]:.1f}\n")
    print_table({name: value * WINDOW / length for name, value in seconds.items()}, outputs)


def our_ways() -> list[Way]:
    """The kernels for every kind of CPU that this one can play."""
    return [(f"ours, {name}", mock.patch.dict(os.environ, {VARIABLE: name})) for name in runnable()]


def their_ways() -> list[Way]:
    """What they are compared with."""
    ways: list[Way] = [
        ("published arithmetic", mock.patch.object(reading, "read", naive.read)),
        ("best plain PyTorch", mock.patch.object(reading, "read", naive.block_read)),
    ]
    if find_spec("mambapy"):
        by_mambapy = partial(naive.read, scan=naive.parallel_scan)
        ways.append(("mambapy", mock.patch.object(reading, "read", by_mambapy)))
    else:
        click.echo("mambapy is not installed: left out")
    return ways


def run(
    name: str,
    patch: AbstractContextManager[object],
    model: Seq2Exp,
    inputs: tuple[Tensor, ...],
    outputs: dict[str, tuple[Tensor, ...]],
) -> None:
    """Reads the window one way and keeps what it gives."""
    with patch:
        expression, mask, *_ = model(*inputs)
    outputs[name] = (expression, mask)


def in_turns(repeats: int, ways: dict[str, Callable[[], None]]) -> dict[str, float]:
    """The best CPU time of each way in seconds, run one after the other."""
    best = dict.fromkeys(ways, float("inf"))
    for _ in range(repeats):
        for name, way in ways.items():
            start = time.process_time()
            way()
            best[name] = min(best[name], time.process_time() - start)
    return best


def print_table(seconds: dict[str, float], outputs: dict[str, tuple[Tensor, ...]]) -> None:
    """Seconds for a full window, how many times the fastest of ours each takes, and the goals."""
    ours, *older = (name for name in seconds if name.startswith("ours"))
    click.echo(f"{'':24}{'CPU s/200 kb':>14}{'ratio':>9}{'goal':>9}{'difference':>13}")
    for name, value in seconds.items():
        ratio, goal = value / seconds[ours], GOALS.get(name)
        shown = f"{ratio:8.1f}x" + (f"{'>= ' + str(goal):>9}" if goal else f"{'':9}")
        apart = max(float((a - b).abs().max()) for a, b in zip(outputs[name], outputs[ours], strict=True))
        click.echo(f"{name:24}{value:14.2f}{shown}{apart:13.1e}")
    for name in older:
        ratio = seconds["published arithmetic"] / seconds[name]
        goal_text = f"  (goal: {AVX2_GOAL}x)" if name == "ours, avx2" else ""
        click.echo(f"published arithmetic / {name}: {ratio:.1f}x{goal_text}")


def random_inputs(length: int) -> tuple[Tensor, ...]:
    """One window of random bases and signals."""
    generator = torch.Generator().manual_seed(0)
    bases = torch.randint(0, 4, (1, length), generator=generator)
    signals = torch.rand(1, length, len(SOFT.signals), generator=generator)
    return torch.eye(4)[bases], signals, torch.rand(1, SOFT.gene_features, generator=generator)


if __name__ == "__main__":
    main()
