"""What we claim about the speed and memory of the model on a CPU: `python benchmarks/scan.py`.

Three measurements of the published Seq2Exp-soft (128 channels, 4 + 4 layers):

scan      the compiled scan against its definition, one layer in one direction, CPU time
network   a window of 16,384 bp against the published arithmetic (naive.py), CPU time; both in this
          process, on one core, in turns, best of `--repeats`
window    a window of 200,000 bp in a process of its own on all cores: wall time and peak memory

With the golden vectors at hand (`--golden`, found beside the repository) the last one uses their
checkpoint and inputs and shows how far the numbers are from the published ones.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import click
import naive
import numpy as np
import torch
from torch import Tensor

from seq2exp_tracks.checkpoints import load_checkpoint
from seq2exp_tracks.model import SOFT, Seq2Exp, reading
from seq2exp_tracks.model.scan import reference, selective_scan

GOLDEN = Path(__file__).parents[2] / "shared" / "golden"
SCAN_LENGTH = 4_096
NETWORK_LENGTH = 16_384
WINDOW = 200_000

GOAL_RATIO = 5.0  # times less CPU time than the published arithmetic
GOAL_SECONDS = 60.0  # for a full window on two cores
GOAL_GIGABYTES = 3.0


@click.command()
@click.option("--repeats", default=3, show_default=True, help="Runs of each; the best counts.")
@click.option("--golden", type=click.Path(path_type=Path), default=GOLDEN, help="Folder of golden vectors.")
@click.option("--only", type=click.Choice(["scan", "network", "window"]), help="One measurement alone.")
@click.option("--in-this-process", is_flag=True, hidden=True)
def main(repeats: int, golden: Path, only: str | None, in_this_process: bool) -> None:
    """Measure the scan, the network and a full window, and print one table."""
    if in_this_process:
        click.echo(json.dumps(run_window(golden, repeats)))
        return
    click.echo(f"{os.cpu_count()} cores, torch {torch.__version__}, load {os.getloadavg()[0]:.1f}\n")
    click.echo(f"{'':10}{'ours':>24}{'compared with':>28}{'ratio':>9}   goal")
    if only in (None, "scan"):
        measure_scan(repeats)
    if only in (None, "network"):
        measure_network(repeats)
    if only in (None, "window"):
        measure_window(repeats, golden)


@torch.no_grad()
def measure_scan(repeats: int) -> None:
    """One layer in one direction, scaled to a full window."""
    torch.set_num_threads(1)
    wide = torch.rand(1, SCAN_LENGTH, SOFT.d_inner)
    narrow = torch.rand(1, SCAN_LENGTH, SOFT.mamba.d_state)
    rates = -torch.rand(SOFT.d_inner, SOFT.mamba.d_state)
    state = torch.zeros(1, SOFT.d_inner, SOFT.mamba.d_state)
    inputs = (wide, wide * 0.1, rates, narrow, narrow, torch.ones(SOFT.d_inner), state, False)
    selective_scan(*inputs)  # compiled now
    ours, theirs = in_turns(
        repeats, lambda: selective_scan(*inputs), lambda: reference.selective_scan(*inputs)
    )
    scale = WINDOW / SCAN_LENGTH
    report(
        "scan", f"{ours * scale:.2f} CPU s/200 kb", f"definition {theirs * scale:.1f} CPU s", theirs / ours
    )


@torch.no_grad()
def measure_network(repeats: int) -> None:
    """The whole network, ours and naive in turns in one process."""
    torch.set_num_threads(1)
    model, inputs = Seq2Exp.initialised(SOFT, seed=0), random_inputs(NETWORK_LENGTH)

    def published() -> None:
        with mock.patch.object(reading, "read", naive.read):
            found.append(model(*inputs))

    model(*inputs)
    found: list[tuple[Tensor, ...]] = []
    ours, theirs = in_turns(repeats, lambda: found.append(model(*inputs)), published)
    difference = max((a - b).abs().max().item() for a, b in zip(found[0][:2], found[1][:2], strict=True))
    scale = WINDOW / NETWORK_LENGTH
    report(
        "network",
        f"{ours * scale:.1f} CPU s/200 kb",
        f"published {theirs * scale:.0f} CPU s",
        theirs / ours,
        f"at least {GOAL_RATIO:g}x",
    )
    click.echo(f"{'':10}largest difference of expression and mask {difference:.1e}")


def measure_window(repeats: int, golden: Path) -> None:
    """A full window in a process of its own, so that its peak memory is its own."""
    options = ["--in-this-process", "--repeats", str(repeats), "--golden", str(golden)]
    run = subprocess.run([sys.executable, __file__, *options], check=True, capture_output=True, text=True)
    result = json.loads(run.stdout)
    report(
        "window",
        f"{result['wall']:.1f} s, {result['gigabytes']:.2f} GB",
        f"{result['cpu']:.1f} CPU s, {result['threads']} cores",
        None,
        f"under {GOAL_SECONDS:g} s and {GOAL_GIGABYTES:g} GB",
    )
    click.echo(f"{'':10}{result['parity']}")


def run_window(golden: Path, repeats: int) -> dict[str, object]:
    """Scores one full window as often as asked; the first run, which compiles, does not count."""
    if golden.is_dir():
        model = load_checkpoint(golden / "soft_wide_8k" / "checkpoint.ckpt")
        inputs = golden_inputs(golden / "soft_wide_200k")
    else:
        model, inputs = Seq2Exp.initialised(SOFT, seed=0), random_inputs(WINDOW)
    model(*(x[:, :4096] if x.ndim > 1 and x.shape[1] == WINDOW else x for x in inputs))
    best, output = (float("inf"), 0.0), None
    for _ in range(repeats):
        wall, busy = time.perf_counter(), time.process_time()
        output = model(*inputs)
        best = min(best, (time.perf_counter() - wall, time.process_time() - busy))
    parity = "random weights: no golden vectors found"
    if golden.is_dir() and output is not None:
        expected = np.load(golden / "soft_wide_200k" / "outputs.npz")
        expression = np.abs(output.expression.numpy() - expected["expression"][:, 0]).max()
        mask = np.abs(output.mask.numpy() - expected["mask"]).max()
        parity = f"from the published numbers: expression {expression:.1e}, mask {mask:.1e}"
    return {
        "wall": best[0],
        "cpu": best[1],
        "gigabytes": peak_memory() / 1e9,
        "threads": torch.get_num_threads(),
        "parity": parity,
    }


def peak_memory() -> float:
    """The most memory that this process has held, in bytes (getrusage would count its parent's too)."""
    status = Path("/proc/self/status").read_text()
    kibibytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return float(kibibytes) * 1024


def random_inputs(length: int) -> tuple[Tensor, ...]:
    """One window of random bases and signals."""
    generator = torch.Generator().manual_seed(0)
    bases = torch.randint(0, 4, (1, length), generator=generator)
    signals = torch.rand(1, length, len(SOFT.signals), generator=generator)
    return torch.eye(4)[bases], signals, torch.rand(1, SOFT.gene_features, generator=generator)


def golden_inputs(folder: Path) -> tuple[Tensor, ...]:
    """The window of a golden case, with its blacklist."""
    with np.load(folder / "inputs.npz") as file:
        names = ("seqs", "signals", "rna_feat")
        return (
            *(torch.from_numpy(file[name]) for name in names),
            torch.from_numpy(file["mask_regions"][..., 1]),
        )


def in_turns(repeats: int, *ways: Callable[[], object]) -> list[float]:
    """The best CPU time of each way in seconds, run one after the other."""
    best = [float("inf")] * len(ways)
    for _ in range(repeats):
        for index, way in enumerate(ways):
            start = time.process_time()
            way()
            best[index] = min(best[index], time.process_time() - start)
    return best


def report(name: str, ours: str, theirs: str, ratio: float | None, goal: str = "") -> None:
    """One row of the table."""
    shown = "" if ratio is None else f"{ratio:.1f}x"
    click.echo(f"{name:10}{ours:>24}{theirs:>28}{shown:>9}   {goal}")


if __name__ == "__main__":
    main()
