"""`seq2exp-tracks verify`: whether a run is what it says."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .options import PATH
from .progress import progress_bar

if TYPE_CHECKING:
    from seq2exp_tracks.verification import Verified


@click.command(short_help="Check a run's files, and its tracks against the model.")
@click.argument("run", type=PATH)
@click.option("--full", is_flag=True, help="Read every byte of the files and of the inputs, not sizes alone.")
@click.option(
    "--sample",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    metavar="N",
    help="Score N random genes again through the reference path and compare the tracks with them.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Which genes --sample takes.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
def verify(run: Path, full: bool, sample: int, seed: int, as_json: bool) -> None:
    """Check the files of RUN against its manifest, and with --sample its tracks against the model.

    The reference path is plain PyTorch in float32 on the CPU: minutes for a window of 200 kb, which is told
    beforehand. One line for each thing that is wrong, and exit status 1 if there is any, else 0.

    \b
    Example:
      seq2exp-tracks verify k562 --full --sample 3
    """
    from seq2exp_tracks.verification import verify_run

    with progress_bar() as progress:
        found = verify_run(run, full=full, sample=sample, seed=seed, progress=progress)
    click.echo(json.dumps(asdict(found), indent=2, ensure_ascii=False) if as_json else _as_lines(run, found))
    click.get_current_context().exit(1 if found.findings else 0)


def _as_lines(run: Path, found: "Verified") -> str:
    lines = [str(finding) for finding in found.findings]
    looked = ", every byte of them and of the inputs" if found.full else ""
    told = f"{run}: {found.files:,} files{looked}"
    if found.genes:
        told += (
            f"; {len(found.genes):,} genes scored again, {found.bases:,} bases compared over "
            f"{found.tracks:,} tracks"
        )
    wrong = f"{len(lines):,} wrong" if lines else "all as it should be"
    how = "" if found.full else " (sizes only; --full reads every byte)"
    return "\n".join([*lines, f"{told}: {wrong}{how}"])
