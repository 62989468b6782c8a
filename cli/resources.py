"""`seq2exp-tracks resources`: what goes by a name, where it lies, and whether it is as it arrived."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .progress import progress_bar
from .resource_options import Fetching, folder_option

if TYPE_CHECKING:
    from seq2exp_tracks.resources.catalog import Catalog, Part


@click.group(short_help="Genomes, cell types and checkpoints that are known by name.")
def resources() -> None:
    """Genomes, cell types and checkpoints that `score` and `fetch` know by name."""


@resources.command("list", short_help="Print all that goes by a name, and whether it is here.")
@folder_option
def list_resources(data_folder: Path | None) -> None:
    """Print all that goes by a name: NAME, file, whether it is here, whether its address was seen to hold."""
    with progress_bar() as progress, Fetching(data_folder, None, True, False).catalog(progress) as catalog:
        presets = catalog.presets
        unverified = False
        for name in (*presets.genomes, *presets.cells, *presets.checkpoints):
            for part in catalog.named([name]):
                seen = getattr(part.source, "verified", True)
                unverified |= not seen
                here = "here" if _path(catalog, part) else "absent"
                click.echo(
                    f"{part.owner}\t{part.role}\t{here}\t{'' if seen else 'unverified'}\t{_from(part)}"
                )
        if unverified:
            click.echo(
                "unverified: the makers of this package had no connection to try the address; a wrong one is "
                "mended in resources.toml (docs/resources.md)",
                err=True,
            )


@resources.command(short_help="Print where files lie, or are to be put.")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@folder_option
def path(names: tuple[str, ...], data_folder: Path | None) -> None:
    """Print where the files of NAME lie, or are to be put; without NAME the folder of all."""
    with progress_bar() as progress, Fetching(data_folder, None, True, False).catalog(progress) as catalog:
        if not names:
            click.echo(catalog.fetcher.store.folder)
        for part in catalog.named(names):
            place = _path(catalog, part)
            click.echo(f"{part.name}\t{place or _place(catalog, part)}\t{'here' if place else 'absent'}")


@resources.command(short_help="Compare every fetched file with what it was.")
@folder_option
@click.pass_context
def verify(ctx: click.Context, data_folder: Path | None) -> None:
    """Read every fetched file and compare it with what it was; exit status 1 if one has changed."""
    from seq2exp_tracks.resources.checking import check_store
    from seq2exp_tracks.resources.store import Store

    store, counts = Store(data_folder), {"same": 0, "changed": 0, "gone": 0}
    for finding in check_store(store):
        counts[finding.state] += 1
        if finding.state != "same":
            click.echo(f"{finding.path}\t{finding.state} since {finding.when}")
    click.echo(", ".join(f"{count} {state}" for state, count in counts.items()), err=True)
    if counts["changed"] or counts["gone"]:
        click.echo(f"fetch again what is not the same: delete it below {store.folder} first", err=True)
        ctx.exit(1)


def _path(catalog: "Catalog", part: "Part") -> Path | None:
    """Where a file lies, or None."""
    from seq2exp_tracks.errors import InputError
    from seq2exp_tracks.resources.catalog import VECTORS
    from seq2exp_tracks.resources.sources import Local

    try:
        source = catalog.resolve(part)
    except InputError:
        return None
    if source is None:
        return None
    place = source.path if isinstance(source, Local) else catalog.fetcher.store.path(source)
    if part.role == VECTORS:  # a file for each chromosome
        place = place.parent
    return place if place.exists() else None


def _place(catalog: "Catalog", part: "Part") -> str:
    """Where a file is to be put."""
    from seq2exp_tracks.resources.sources import Local, OnHub

    if isinstance(part.source, Local):
        return str(part.source.path)
    if isinstance(part.source, OnHub):
        return str(catalog.fetcher.store.path(part.source.remote("…")))
    return str(catalog.fetcher.store.path(part.source))


def _from(part: "Part") -> str:
    """Where a file comes from."""
    from seq2exp_tracks.resources.sources import Local, OnHub

    if isinstance(part.source, Local):
        return str(part.source.path)
    if isinstance(part.source, OnHub):
        return f"https://huggingface.co/{part.source.hub} ({' '.join(part.source.words)})"
    return part.source.address
