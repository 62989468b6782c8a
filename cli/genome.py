"""`seq2exp-tracks genome`: the user's genomes, by name."""

from pathlib import Path

import click

from .progress import progress_bar
from .remote_options import FILE, fetch_asked
from .resource_options import confirmation


@click.group(short_help="Tell where your own genomes lie.")
def genome() -> None:
    """Genomes that `score --genome NAME` knows."""


@genome.command(short_help="Register a genome's files under a name, and check them.")
@click.argument("name")
@click.option(
    "--fasta", type=FILE, required=True, help="Sequence: FASTA, plain or bgzip. It defines the chromosomes."
)
@click.option(
    "--genes", type=FILE, required=True, help="Genes: GTF, GFF3, BED, or a table with tss and strand."
)
@click.option("--blacklist", type=FILE, help="BED of regions that never count as regulatory.")
@click.option("--features", type=FILE, help="Table of the nine features of each gene (docs/inputs.md).")
@click.option("--overwrite", is_flag=True, help="Replace a genome of the same name.")
@click.option("--yes", is_flag=True, help="Fetch also more than 1 GB without asking.")
def add(
    name: str,
    fasta: Path,
    genes: Path,
    blacklist: Path | None,
    features: Path | None,
    overwrite: bool,
    yes: bool,
) -> None:
    """Register a genome under NAME after reading each of its files once.

    \b
    Example:
      seq2exp-tracks genome add hg38 --fasta hg38.fa.gz --genes gencode.v43.gtf.gz \\
          --blacklist hg38-blacklist.v2.bed

    Files may be given as https://, s3:// or gs://: they are fetched first (docs/ray.md).
    """
    from seq2exp_tracks.resources.registry import GenomeEntry, Registry

    registry = Registry()
    registry.check_free(name, overwrite)  # before anything is fetched or read

    from seq2exp_tracks.pipeline import check_genome  # loads torch

    entry = GenomeEntry(name, fasta, genes, blacklist, features)
    with progress_bar() as progress:
        for remark in fetch_asked(progress, confirmation(yes)):
            progress.note(remark)
        found = check_genome(entry, progress)
    for line in found:
        click.echo(line, err=True)
    registry.add(entry, overwrite)
    click.echo(f"{name} registered in {registry.path}")


@genome.command("list")
def list_genomes() -> None:
    """Print the registered genomes and their files."""
    from seq2exp_tracks.resources.registry import Registry

    registry = Registry()
    for name, entry in sorted(registry.genomes().items()):
        for role, path in entry.files.items():
            click.echo(f"{name}\t{role}\t{path}{'' if path.exists() else '  (gone)'}")
    if not registry.genomes():
        click.echo(
            "no genome registered; add one with: seq2exp-tracks genome add NAME --fasta … --genes …", err=True
        )


@genome.command()
@click.argument("name")
def remove(name: str) -> None:
    """Forget the genome NAME; its files stay."""
    from seq2exp_tracks.resources.registry import Registry

    Registry().remove(name)
    click.echo(f"{name} removed")
