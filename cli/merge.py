"""`seq2exp-tracks merge`: shards that are there become tracks."""

from pathlib import Path
from typing import Any

import click

from .next_steps import next_steps
from .options import PATH
from .progress import progress_bar
from .report import report_run


@click.command(short_help="Merge what the parts of a run have computed into tracks.")
@click.argument("run", type=PATH)
@click.option("--merge", type=click.Choice(["max", "mean", "nearest"]), help="Rule where windows overlap.")
@click.option("--top-share", type=float, metavar="SHARE", help="Call this share of bases.")
@click.option("--threshold", type=float, help="Call bases of at least this score.")
@click.option("--gap", type=int, metavar="BP", help="Join calls this close.")
@click.option("--min-length", type=int, metavar="BP", help="Drop shorter elements.")
@click.option("--per-gene/--no-per-gene", default=None, help="Also write each gene's own mask.")
@click.option("--resolution", type=click.IntRange(min=1), metavar="BP", help="Bases that share a value.")
@click.option("--bin-by", type=click.Choice(["mean", "max"]), help="What a bin of --resolution holds.")
@click.option("--precision", type=click.IntRange(0, 7), metavar="DECIMALS", help="Decimals of the tracks.")
@click.option("--compute-missing", is_flag=True, help="Compute shards that are missing, on this machine.")
@click.option("--device", help="With --compute-missing: auto, cpu, cuda, or cuda:1.")
@click.option(
    "--workers", type=click.IntRange(min=1), metavar="N", help="With --compute-missing: CPU processes."
)
@click.option("--writers", type=click.IntRange(min=0), metavar="N", help="Processes that write.")
@click.option("--overwrite", is_flag=True, help="Replace the finished run that RUN holds.")
@click.option(
    "--allow-mixed", is_flag=True, default=None, help="Merge what several kinds of device computed."
)
@click.option(
    "--keep-shards/--no-keep-shards",
    default=None,
    help="Leave the shards in RUN/.shards.  [default: if they were kept before]",
)
def merge(run: Path, compute_missing: bool, **changes: Any) -> None:
    """Merge the shards in RUN into tracks: those of `score --shard I/N`, or kept with --keep-shards.

    Inputs are read again and have to be what they were. Options take the place of those that RUN was begun
    with; what is not given stays as it was.

    \b
    Examples:
      seq2exp-tracks merge k562
      seq2exp-tracks merge k562 --threshold 0.6 --overwrite
    """
    from seq2exp_tracks.pipeline.merging import merge_run

    with progress_bar() as progress:
        found = merge_run(run, changes, compute_missing=compute_missing, progress=progress)
    report_run(run, found)
    click.echo(next_steps(run))
