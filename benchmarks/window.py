"""How long a window of 200,000 bp takes when every core reads one: `python benchmarks/window.py`.

As many processes as cores, each with one thread, begin at the same moment, as the workers of `score` do; wall
time of all, CPU time and peak memory of each; the best of `--repeats`. With the golden vectors at hand
(`--golden`, found beside the repository) their checkpoint and inputs are used, and the numbers compared.
"""

import multiprocessing
import os
import time
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from pathlib import Path

import click
import numpy as np
import torch
from network import WINDOW, random_inputs
from torch import Tensor

from seq2exp_tracks.checkpoints import load_checkpoint
from seq2exp_tracks.model import SOFT, Seq2Exp

GOLDEN = Path(__file__).parents[2] / "shared" / "golden"
GOAL_SECONDS = 4.5  # a window, that is wall time divided by the number of windows
GOAL_GIGABYTES = 1.2  # a process


@dataclass(frozen=True)
class Reading:
    """What one process measured in its best run, and how far it is from the published numbers."""

    wall: float
    cpu: float
    gigabytes: float
    mask: float
    expression: float


@click.command()
@click.option("--repeats", default=3, show_default=True, help="Runs; the best counts.")
@click.option("--processes", default=os.cpu_count(), show_default=True, help="Windows at once.")
@click.option("--golden", type=click.Path(path_type=Path), default=GOLDEN, help="Folder of golden vectors.")
def main(repeats: int, processes: int, golden: Path) -> None:
    """Measure windows side by side."""
    context = multiprocessing.get_context("spawn")
    start, results = context.Barrier(processes), context.SimpleQueue()
    workers = [context.Process(target=work, args=(golden, repeats, start, results)) for _ in range(processes)]
    for worker in workers:
        worker.start()
    readings: list[Reading] = [results.get() for _ in workers]
    for worker in workers:
        worker.join()
    wall = max(reading.wall for reading in readings)
    click.echo(f"{processes} windows at once, {os.cpu_count()} cores, torch {torch.__version__}")
    click.echo(f"wall time            {wall:.2f} s")
    click.echo(f"a window             {wall / processes:.2f} s (goal {GOAL_SECONDS} s)")
    click.echo(f"CPU time of each     {max(reading.cpu for reading in readings):.2f} s")
    memory = max(reading.gigabytes for reading in readings)
    click.echo(f"peak memory of each  {memory:.2f} GB (goal {GOAL_GIGABYTES} GB)")
    if golden.is_dir():
        mask, expression = (max(getattr(r, name) for r in readings) for name in ("mask", "expression"))
        click.echo(f"from the goldens     mask {mask:.1e} (1e-6), expression {expression:.1e} (2e-5)")


def work(golden: Path, repeats: int, start: Barrier, results: "multiprocessing.SimpleQueue[Reading]") -> None:
    """One process: reads its window as often as asked, together with the others."""
    torch.set_num_threads(1)
    model, inputs = golden_window(golden) if golden.is_dir() else random_window()
    model(*(x[:, :4096] if x.ndim > 1 and x.shape[1] == WINDOW else x for x in inputs))  # compiled now
    best, output = (float("inf"), 0.0), None
    for _ in range(repeats):
        start.wait()
        wall, busy = time.perf_counter(), time.process_time()
        output = model(*inputs)
        best = min(best, (time.perf_counter() - wall, time.process_time() - busy))
    assert output is not None
    mask, expression = float("nan"), float("nan")
    if golden.is_dir():
        expected = np.load(golden / "soft_wide_200k" / "outputs.npz")
        mask = float(np.abs(output.mask.numpy() - expected["mask"]).max())
        expression = float(np.abs(output.expression.numpy() - expected["expression"][:, 0]).max())
    results.put(Reading(*best, peak_memory() / 1e9, mask, expression))


def golden_window(golden: Path) -> tuple[Seq2Exp, tuple[Tensor, ...]]:
    """The golden checkpoint and window, with its blacklist."""
    with np.load(golden / "soft_wide_200k" / "inputs.npz") as file:
        inputs = tuple(torch.from_numpy(file[name]) for name in ("seqs", "signals", "rna_feat"))
        blacklist = torch.from_numpy(file["mask_regions"][..., 1])
    return load_checkpoint(golden / "soft_wide_8k" / "checkpoint.ckpt"), (*inputs, blacklist)


def random_window() -> tuple[Seq2Exp, tuple[Tensor, ...]]:
    """Initial weights and a random window."""
    return Seq2Exp.initialised(SOFT, seed=0), random_inputs(WINDOW)


def peak_memory() -> float:
    """The most memory that this process has held, in bytes (getrusage would count its parent's too)."""
    status = Path("/proc/self/status").read_text()
    kibibytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return float(kibibytes) * 1024


if __name__ == "__main__":
    main()
