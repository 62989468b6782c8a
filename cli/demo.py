"""`seq2exp-tracks demo`: the whole of it on a genome made on the spot."""

import shutil
import sys
from pathlib import Path

import click

from .options import PATH
from .progress import progress_bar
from .report import report_run

_DECOYS = "Decoys act on no gene: open ones have peaks all the same, closed ones only the motifs."


@click.command(short_help="Simulate a small genome, score it and draw a gene.")
@click.option("--out", type=PATH, required=True, help="Folder to make.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the simulated genome.")
@click.option("--overwrite", is_flag=True, help="Replace the demo that OUT holds.")
def demo(out: Path, seed: int, overwrite: bool) -> None:
    """Simulate a small genome with known regulatory elements, score it, and draw a gene.

    Takes less than a minute and needs no files and no network.
    """
    from seq2exp_tracks.demo import run_demo

    with progress_bar() as progress:
        made = run_demo(out, seed, overwrite, progress)
    report_run(made.run, made.found)
    click.echo(f"\n{made.recovered}\n{_DECOYS}\n\n{made.caveat} What was measured, and why: docs/claim.md")
    click.echo(f"\nA picture of one gene: {made.picture}")
    click.echo(f"Look at all of it in the browser:\n  {_command()} view {made.run}")


def _command() -> str:
    """How the person who runs this calls the command: by its path where it is not on theirs."""
    name = Path(sys.argv[0]).name
    return name if shutil.which(name) else sys.argv[0]
