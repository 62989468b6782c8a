"""What a run wrote, for the person who waited for it."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from seq2exp_tracks.pipeline.part import PartDone
    from seq2exp_tracks.shards.part import Part
    from seq2exp_tracks.tracks.summary import RunSummary


def report_run(out: Path, found: "RunSummary", shown: str | None = None) -> None:
    """Prints what a run found and the files that it holds.

    Args:
        out: Folder of the run.
        found: What was found.
        shown: What the folder is called where that is not its path here.
    """
    from seq2exp_tracks.manifest import Manifest

    manifest = Manifest.read(out)
    merged = [file for file in manifest.files if file.gene_id is None]
    own = len(manifest.files) - len(merged)
    width = max(len(file.path) for file in merged)
    click.echo(
        f"{shown or out}: {_count(found.genes, 'gene')} scored with a {manifest.model.setting} model; "
        f"{found.covered_bases:,} bases have a score"
    )
    if found.element_length is not None:
        click.echo(
            f"{_count(found.elements, 'element')}; median {found.elements_per_gene:g} a gene, "
            f"median length {found.element_length:g} bp"
        )
    for file in merged:
        click.echo(f"  {file.path:<{width}}  {_size(file.bytes):>8}  {file.description}")
    if own:
        click.echo(f"  {'genes/':<{width}}  {own:>8}  files of single genes, before merging")
    click.echo(f"  {'manifest.json':<{width}}  {'':>8}  What all of it was made from")


def report_part(out: Path, part: "Part | None", done: "PartDone") -> None:
    """Prints what a part of a run is, and how to go on.

    Args:
        out: Folder of the run.
        part: The part.
        done: What it holds.
    """
    click.echo(
        f"{out}: part {part} is done: {_count(done.shards, 'shard')}, {_count(done.genes, 'gene')}; when all "
        f"parts are, make the tracks with: seq2exp-tracks merge {shlex.quote(str(out))}"
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _size(count: int) -> str:
    """A number of bytes as people read it."""
    return f"{count / 1e6:,.1f} MB" if count >= 1e5 else f"{count / 1e3:,.1f} kB"
