"""`seq2exp-tracks diff`: two runs compared."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .options import PATH
from .progress import progress_bar

if TYPE_CHECKING:
    from seq2exp_tracks.exports.difference import Difference

_GENES_SHOWN = 5


@click.command(short_help="Write what two runs on one genome disagree on.")
@click.argument("run_a", type=PATH)
@click.argument("run_b", type=PATH)
@click.option("--out", type=PATH, required=True, help="Folder to make.")
@click.option("--overwrite", is_flag=True, help="Replace the comparison that OUT holds.")
def diff(run_a: Path, run_b: Path, out: Path, overwrite: bool) -> None:
    """Write the difference of two runs on one genome: RUN_A minus RUN_B, base by base and gene by gene.

    Both standard deviations are written beside it: a difference is worth no more than they allow. What the
    runs were not made alike in is told: weights, inputs, settings that decide results, version.

    \b
    Example:
      seq2exp-tracks diff K562 GM12878 --out K562-GM12878
    """
    from seq2exp_tracks.exports.difference import write_difference

    with progress_bar() as progress:
        found = write_difference(run_a, run_b, out, overwrite=overwrite, progress=progress)
    for note in found.notes:
        click.echo(f"Note: {note}", err=True)
    _report(out, found)
    click.echo("Look at both runs and their difference in the browser:")
    click.echo(f"  seq2exp-tracks view {shlex.quote(str(run_a))} {shlex.quote(str(run_b))}")


def _report(out: Path, found: "Difference") -> None:
    """Prints what was found, and the files; that the runs differ has been told."""
    if not found.unlike:
        click.echo("made alike: the same weights, inputs and settings, as far as both manifests tell")
    masks, genes = found.masks, found.genes.most_different(_GENES_SHOWN)
    click.echo(f"{out}: in both runs: bases with a score {masks.bases:,}, genes {len(found.genes.genes):,}")
    if masks.mean_absolute_difference is not None:
        pearson = "not defined" if masks.pearson is None else f"{masks.pearson:.4f}"
        click.echo(
            f"masks: mean absolute difference {masks.mean_absolute_difference:.4f}, "
            f"Pearson correlation {pearson}"
        )
    if genes:
        click.echo("genes whose predicted log10(1 + CAGE) differs most:")
    for one in genes:
        click.echo(f"  {one.gene.name:<15} {one.difference:+.4f}  (A {one.a:.4f}, B {one.b:.4f})")
    width = max(len(entry.path) for entry in found.files)
    for entry in found.files:
        click.echo(f"  {entry.path:<{width}}  {entry.bytes:>12,} bytes  {entry.description}")
