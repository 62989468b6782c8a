"""`seq2exp-tracks simulate`: a small genome whose regulatory elements are known."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .options import PATH
from .progress import progress_bar

if TYPE_CHECKING:
    from seq2exp_tracks.simulation.genome import SimulatedGenome
    from seq2exp_tracks.simulation.layout import Layout

# The files by their attribute of `SimulatedGenome`, and what they are.
SHARED = {
    "fasta": "Sequence, with its index",
    "genes": "Genes",
    "blacklist": "Regions whose signal is an artefact",
    "sites": "Planted binding sites",
    "domains": "Domains of the contact map",
    "parameters": "Everything that the genome was made with",
}
PER_CELL_TYPE = {
    "dnase": "DNase, fold change over control",
    "h3k27ac": "H3K27ac, fold change over control",
    "reads": "DNase reads for a peak caller, with their index",
    "contacts": "Hi-C counts at 5 kb",
    "features": "Nine features of each gene",
    "labels": "Expression: measured, and expected by the formula",
    "truth": "Which element acts on which gene, and how much",
}


def _lengths(_: click.Context, __: click.Parameter, value: str | None) -> dict[str, int] | None:
    """NAME=BP,NAME=BP as a dict."""
    if value is None:
        return None
    lengths: dict[str, int] = {}
    for part in value.split(","):
        name, _equals, length = part.partition("=")
        if not name or not (length.isdecimal() and len(length) < 16) or name in lengths:
            raise click.BadParameter(f"{value!r} is not NAME=BP,NAME=BP, such as chrA=400000,chrB=250000")
        lengths[name] = int(length)
    return lengths


@click.command(short_help="Simulate a small genome whose regulatory elements are known.")
@click.option("--out", type=PATH, required=True, help="Folder for the files.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of all random numbers.")
@click.option(
    "--setting",
    type=click.Choice(["default", "signals-suffice", "promoter-only"]),
    default="default",
    show_default=True,
    help="What acts: the planted enhancers, every open element as its signal says, or promoters only.",
)
@click.option(
    "--size",
    type=click.Choice(["demo", "small"]),
    default="demo",
    show_default=True,
    help="demo: 36 genes, 2 chromosomes, window 20 kb. small: 300 genes, 4 chromosomes, window 10 kb.",
)
@click.option(
    "--genes", type=int, metavar="N", help="Other number of genes; chromosomes grow or shrink with it."
)
@click.option(
    "--chromosomes",
    callback=_lengths,
    metavar="NAME=BP,…",
    help="Other chromosomes.  [default: those of --size, as long as --genes needs]",
)
@click.option("--window", type=int, metavar="BP", help="All that acts on a gene lies in this window.")
@click.option(
    "--cell-types", default="A,B", show_default=True, metavar="NAME,…", help="Names of the cell types."
)
@click.option("--overwrite", is_flag=True, help="Replace files that OUT holds.")
def simulate(
    out: Path,
    seed: int,
    setting: str,
    size: str,
    genes: int | None,
    chromosomes: dict[str, int] | None,
    window: int | None,
    cell_types: str,
    overwrite: bool,
) -> None:
    """Simulate a small genome whose regulatory elements are known.

    Genes get promoters and enhancers with motifs, open or closed in each cell type, and decoys: motifs that
    are closed, and peaks that do nothing. Expression follows from what is open, by a formula that
    docs/simulation.md states; truth.bed lists every effect. Takes seconds; a seed gives the same files again.

    \b
    Examples:
      seq2exp-tracks simulate --out sim --seed 1 --size small
      seq2exp-tracks simulate --out easy --seed 1 --size small --setting signals-suffice
      seq2exp-tracks simulate --out own --genes 60 --window 16000 --cell-types K562,GM12878

    OUT then holds genome.fa, genes.gtf, blacklist.bed, sites.bed, domains.bed and parameters.json, and for
    each cell type a folder with DNase.bw, DNase.bam, H3K27ac.bw, contacts.cool, features.tsv, labels.tsv and
    truth.bed. A folder with parameters.json is complete.
    """
    from seq2exp_tracks.simulation.genome import SimulatedGenome
    from seq2exp_tracks.simulation.genome import simulate as simulate_genome
    from seq2exp_tracks.simulation.setting import setting_named

    names, layout = cell_types.split(","), _layout(size, genes, chromosomes, window)
    with progress_bar() as progress:
        simulate_genome(
            out,
            seed,
            layout,
            setting_named(setting),
            cell_types=names,
            overwrite=overwrite,
            progress=progress,
        )
    _report(out, layout, {name: SimulatedGenome.inside(out, name) for name in names})


def _layout(size: str, genes: int | None, chromosomes: dict[str, int] | None, window: int | None) -> "Layout":
    from dataclasses import replace

    from seq2exp_tracks.errors import InputError
    from seq2exp_tracks.simulation.layout import SIZES

    layout = SIZES[size]
    if window is not None and window % 2:
        raise InputError(f"a window of {window:,} bp has no middle; give an even number")
    if window is not None:
        layout = replace(layout, reach=window // 2)
    if chromosomes is not None:
        layout = layout.with_chromosomes(chromosomes)
        return layout if genes is None else replace(layout, genes=genes)
    return layout if genes is None else layout.with_genes(genes)


def _report(out: Path, layout: "Layout", made: "dict[str, SimulatedGenome]") -> None:
    """Prints what is where, and what to do with it."""
    first = next(iter(made.values()))
    total = sum(layout.chromosomes.values())
    click.echo(
        f"{out}: {layout.genes} genes on {len(layout.chromosomes)} chromosomes, {total:,} bp; "
        f"what acts on a gene lies in its window of {layout.window:,} bp"
    )
    _list(out, first, SHARED)
    for files in made.values():
        _list(out, files, PER_CELL_TYPE)
    click.echo(_next_steps(out.resolve().name, layout, total, first))


def _next_steps(name: str, layout: "Layout", total: int, files: "SimulatedGenome") -> str:
    """The commands to try on a cell type."""

    def quoted(attribute: str) -> str:
        return shlex.quote(str(getattr(files, attribute)))

    name, peaks = shlex.quote(name), shlex.quote(str(files.reads.parent / "macs3"))
    cells = shlex.quote(files.reads.parent.name)
    *_, test, valid = ["", *layout.chromosomes]
    by_chromosome = f"--valid-chrom {shlex.quote(valid)} --test-chrom {shlex.quote(test)}"
    split = by_chromosome if len(layout.chromosomes) > 2 else "--split position"
    return f"""
Register it as a genome, to score and to train on it:
  seq2exp-tracks genome add {name} --fasta {quoted("fasta")} --genes {quoted("genes")} \\
      --blacklist {quoted("blacklist")} --features {quoted("features")}
Make cells of its reads, as of your own (there are no H3K27ac reads, and the GTF has no CDS):
  seq2exp-tracks prepare --genome {name} --bam DNase={quoted("reads")} --scale DNase=fold \\
      --signal H3K27ac={quoted("h3k27ac")} --contacts {quoted("contacts")} \\
      --half-life {quoted("features")} --exclude-blacklist --name {cells} --out {name}.cells
Train a small model on these cells:
  seq2exp-tracks train --genome {name} --cells {name}.cells/cells.toml --size small \\
      --window {layout.window} --labels {quoted("labels")} --label-column expression \\
      {split} --out {name}.model
Call peaks, if MACS3 is installed:
  macs3 callpeak -f BAMPE -t {quoted("reads")} -g {total} -n peaks --outdir {peaks}"""


def _list(out: Path, files: "SimulatedGenome", descriptions: dict[str, str]) -> None:
    for attribute, description in descriptions.items():
        path: Path = getattr(files, attribute)
        size = path.stat().st_size / 1_000
        click.echo(f"  {path.relative_to(out).as_posix():<24} {size:>9,.1f} kB  {description}")
