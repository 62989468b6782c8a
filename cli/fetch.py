"""`seq2exp-tracks fetch`: genomes, cell types and checkpoints by name, before they are needed."""

import click

from .progress import progress_bar
from .resource_options import Fetching, fetch_options, told_what_is_kept


@click.command(short_help="Fetch genomes, cell types and checkpoints by name.")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@fetch_options
def fetch(names: tuple[str, ...], **options: object) -> None:
    """Fetch genomes, cell types and checkpoints by NAME (see: resources list).

    A checkpoint is that of the cell types named with it. What was interrupted goes on where it was; what is
    here is not fetched again.

    \b
    Examples:
      seq2exp-tracks fetch hg38 K562 soft
      seq2exp-tracks fetch hg38 --mirror https://mirror.example.org/public
    """
    fetching = Fetching(**options)  # type: ignore[arg-type]
    with (
        progress_bar() as progress,
        fetching.catalog(progress) as catalog,
        told_what_is_kept(catalog.fetcher),
    ):
        files = catalog.bring(catalog.to_fetch(names))
    for name, path in files.items():
        click.echo(f"{name}\t{path}")
