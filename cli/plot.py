"""`seq2exp-tracks plot`: a picture of a run."""

from pathlib import Path

import click

from .options import PATH


@click.command(short_help="Draw a gene's window or a region as a picture.")
@click.argument("run", type=PATH)
@click.option("--gene", help="Symbol or id of a gene of the run: its window is drawn.")
@click.option("--region", help="Stretch to draw instead: chr22:36,000,000-36,500,000 (1-based, inclusive).")
@click.option(
    "--truth", type=PATH, help="BED of elements to show below, such as the truth of the simulated genome."
)
@click.option("--out", type=PATH, required=True, help="PNG to write.")
def plot(run: Path, gene: str | None, region: str | None, truth: Path | None, out: Path) -> None:
    """Draw a gene's window or a region: signals, learned mask and its spread, called elements.

    \b
    Example:
      seq2exp-tracks plot run --gene MYH9 --out MYH9.png
    """
    from seq2exp_tracks.exports.plot import plot_gene, plot_region
    from seq2exp_tracks.io.genes import parse_region
    from seq2exp_tracks.manifest import Manifest

    if gene is not None and region is None:
        plot_gene(run, gene, out, truth=truth)
    elif region is not None and gene is None:
        plot_region(run, parse_region(region, Manifest.read(run).sizes), out, truth=truth)
    else:
        raise click.UsageError("name either a --gene or a --region")
    click.echo(f"{out} written")
