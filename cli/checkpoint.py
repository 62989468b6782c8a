"""`seq2exp-tracks checkpoint`: what trained weights are, and the way into our own format."""

from pathlib import Path

import click

from .options import PATH


@click.group(short_help="Inspect and convert trained weights.")
def checkpoint() -> None:
    """Trained weights: published Lightning checkpoints and our own format."""


@checkpoint.command(short_help="Print what a file holds, without running what it contains.")
@click.argument("file", type=PATH)
def inspect(file: Path) -> None:
    """Print what FILE holds, without running anything that it contains."""
    from seq2exp_tracks.checkpoints import describe_checkpoint

    click.echo(describe_checkpoint(file))


@checkpoint.command(short_help="Write weights and settings as a .safetensors file.")
@click.argument("file", type=PATH)
@click.argument("out", type=PATH)
def convert(file: Path, out: Path) -> None:
    """Write the weights and settings of FILE to OUT (.safetensors), with the same results to the bit."""
    from seq2exp_tracks.checkpoints import convert_checkpoint

    convert_checkpoint(file, out)
    click.echo(f"{out} written")
