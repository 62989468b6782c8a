"""What runs survive: `python benchmarks/faults.py --runs 25` does harm to real ones and prints the table.

Every fault is done to a run of `seq2exp-tracks score` on a made genome; then the same command is given
again, where the run did not end by itself, and all files are compared with those of an undisturbed run. Needs
the right to mount for the faults of disks, and `libfaketime` for those of the clock; what cannot be done is
said.
"""

import random
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import click
import fault_kinds as kinds
from fault_kinds import Outcome
from fault_runs import Bench

Fault = Callable[[Bench, Path, random.Random], Outcome]

OFTEN: dict[str, Fault] = {
    "SIGKILL of the command, at random": kinds.killed,
    "SIGKILL of a worker, at random": kinds.worker_killed,
}
"""Done as often as is asked for."""

SELDOM: dict[str, tuple[int, Fault]] = {
    "SIGTERM": (5, kinds.terminated),
    "worker that hangs": (3, kinds.hanging),
    "worker without memory": (3, kinds.out_of_memory),
    "disk full, at random": (8, kinds.full_disk),
    "read-only output": (1, kinds.read_only),
    "input replaced": (3, kinds.input_replaced),
    "clock jumps by a day": (2, kinds.clock_jump),
    "byte of a shard damaged": (3, kinds.damaged_shard),
    "receipt cut short": (3, kinds.truncated_receipt),
    "second run into the folder": (2, kinds.second_run),
}
"""How often each is done."""


@click.command()
@click.option("--runs", type=int, default=25, show_default=True, help="Runs that are killed, of each kind.")
@click.option("--only", multiple=True, help="Only faults whose name contains this. Repeatable.")
@click.option("--genes", type=int, default=48, show_default=True)
@click.option("--window", type=int, default=40_000, show_default=True, help="Bases of a window.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option(
    "--work", type=click.Path(path_type=Path), help="Folder to work in.  [default: a temporary one]"
)
def main(runs: int, only: tuple[str, ...], genes: int, window: int, seed: int, work: Path | None) -> None:
    """Prints a table of faults, and ends with status 1 if a run lost anything or ended otherwise."""
    folder = work or Path(tempfile.mkdtemp(prefix="faults-"))
    folder.mkdir(parents=True, exist_ok=True)
    bench = Bench(folder, genes, window)
    click.echo(f"An undisturbed run: {bench.shards} shards, {bench.seconds:.0f} s, two workers\n")
    click.echo(
        "| fault | runs | shards done before | lost of them | told in one line | identical | seconds |"
    )
    click.echo("|---|---:|---:|---:|---:|---:|---:|")
    table = {name: (runs, fault) for name, fault in OFTEN.items()} | SELDOM
    well = [
        _row(bench, name, times, fault, random.Random(seed))
        for name, (times, fault) in table.items()
        if not only or any(part in name for part in only)
    ]
    if work is None:
        shutil.rmtree(folder)
    raise SystemExit(0 if all(well) else 1)


def _row(bench: Bench, name: str, times: int, fault: Fault, chance: random.Random) -> bool:
    """Does one fault some times and prints what became of the runs; tells whether all is well."""
    outcomes, began = [], time.monotonic()
    for number in range(times):
        out = bench.work / f"run{number}"
        shutil.rmtree(out, ignore_errors=True)
        try:
            outcomes.append(fault(bench, out, chance))
        except (ImportError, subprocess.CalledProcessError) as error:
            click.echo(f"| {name} | 0 | not done: {error} | | | | |")
            return True
        shutil.rmtree(out, ignore_errors=True)
    lost, told = sum(one.lost for one in outcomes), sum(one.told for one in outcomes)
    identical = sum(one.identical for one in outcomes)
    stops = [one.seconds for one in outcomes if one.seconds is not None]
    slowest = f", stopped in {max(stops):.1f} s at most" if stops else ""
    click.echo(
        f"| {name} | {times} | {sum(one.kept for one in outcomes)} | {lost} | {told} | {identical} "
        f"| {time.monotonic() - began:.0f}{slowest} |"
    )
    return lost == 0 and told == identical == times


if __name__ == "__main__":
    main()
