"""`seq2exp-tracks bench`: what this machine gives, and how long a genome will take on it."""

import json
from typing import Any

import click

from .options import PATH, hardware_options
from .progress import progress_bar
from .speed_table import as_record, as_table


@click.command(short_help="Measure how fast this machine scores windows.")
@click.option(
    "--checkpoint", type=PATH, help="Trained weights.  [default: the published soft model, untrained]"
)
@click.option("--window", type=int, metavar="BP", help="Bases around the TSS.  [default: the checkpoint's]")
@hardware_options
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=20,
    show_default=True,
    help="For how long windows are scored; where one would take longer, shorter ones are scored.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def bench(as_json: bool, **options: Any) -> None:
    """Measure how fast this machine scores windows, and how fast its cores or GPUs could.

    \b
    Example:
      seq2exp-tracks bench --checkpoint soft.ckpt

    Windows are random and no file but the checkpoint is read. The floor is the time that the matrix
    products and exponentials of a window would take at the peaks that are measured beside it.
    """
    from seq2exp_tracks.pipeline.speed import measure_machine

    with progress_bar() as progress:
        speed = measure_machine(**options, progress=progress)
    click.echo(json.dumps(as_record(speed), indent=2) if as_json else as_table(speed))
