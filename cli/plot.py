"""`seq2exp-tracks plot`: a picture of a run."""

from pathlib import Path

import click

from .options import PATH


@click.command()
@click.argument("run", type=PATH)
@click.option("--gene", required=True, help="Symbol or id of a gene of the run.")
@click.option(
    "--truth", type=PATH, help="BED of elements to show below, such as the truth of the simulated genome."
)
@click.option("--out", type=PATH, required=True, help="PNG to write.")
def plot(run: Path, gene: str, truth: Path | None, out: Path) -> None:
    """Draw a gene's window: signals, learned mask and its spread, called elements.

    \b
    Example:
      seq2exp-tracks plot run --gene MYH9 --out MYH9.png
    """
    from seq2exp_tracks.exports.plot import plot_gene

    plot_gene(run, gene, out, truth=truth)
    click.echo(f"{out} written")
