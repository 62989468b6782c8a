"""`seq2exp-tracks prepare`: the user's own reads and annotation, made into cells that `score` takes."""

import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .inputs import CONTACTS_NORM, GENOME_HELP
from .named_genome import genome_named
from .options import PATH, named_files
from .progress import progress_bar
from .resource_options import Fetching, fetch_options

if TYPE_CHECKING:
    from seq2exp_tracks.preparation.request import PrepareRequest
    from seq2exp_tracks.preparation.run import Prepared

EVERY = ""  # stands for every signal

_NO_BLACKLIST = "--exclude-blacklist needs --genome with a blacklist, and no --exclude"


def _by_signal(known: tuple[str, ...] | None) -> Callable[[click.Context, click.Parameter, Any], Any]:
    """Repeated VALUE or NAME=VALUE as a dict; values are `known` words, or whole numbers from 1 up."""

    def parsed(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for text in given:
            name, equals, value = text.rpartition("=")
            if known is not None and value not in known:
                raise click.BadParameter(f"{value!r} is not one of {', '.join(known)}")
            if known is None and not (value.isdecimal() and len(value) < 16 and int(value) > 0):
                raise click.BadParameter(f"{value!r} is not a number of base pairs from 1 up")
            if name in found or (equals and not name):
                raise click.BadParameter(f"{text!r}: give VALUE or NAME=VALUE, each name once")
            found[name] = value if known is not None else int(value)
        return found

    return parsed


def _shift(_: click.Context, __: click.Parameter, value: str) -> tuple[int, int]:
    plus, _comma, minus = value.partition(",")
    try:
        return int(plus), int(minus)
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is not PLUS,MINUS, such as +4,-5") from error


@click.command(short_help="Make your own reads and annotation into cells for score.")
@click.option("--genome", metavar="NAME", help=GENOME_HELP)
@fetch_options
@click.option("--fasta", type=PATH, help="Sequence instead of the genome's: FASTA, plain or bgzip.")
@click.option(
    "--gtf", "--genes", "genes", type=PATH, help="Genes with exons and CDS: GTF, GFF3 or BED12 (name = gene)."
)
@click.option(
    "--half-life",
    type=PATH,
    help="Table of the eight half-life features, instead of deriving them; --gtf needs no CDS then.",
)
@click.option(
    "--bam",
    multiple=True,
    callback=named_files,
    metavar="NAME=FILE",
    help="BAM or CRAM under the model's name for the signal: H3K27ac=…, DNase=… Repeat for each.",
)
@click.option(
    "--atac",
    multiple=True,
    callback=named_files,
    metavar="NAME=FILE",
    help="BAM or CRAM of ATAC-seq in the place of a signal: DNase=…; cuts are shifted, outputs say so.",
)
@click.option(
    "--signal",
    "signals",
    multiple=True,
    callback=named_files,
    metavar="NAME=FILE",
    help="A bigWig that is ready; it stays where it is.",
)
@click.option("--without", multiple=True, metavar="NAME", help="A signal that there is not: 0 everywhere.")
@click.option("--contacts", type=PATH, help="Hi-C with 5 kb bins: .hic, .cool or .mcool; it stays there.")
@CONTACTS_NORM
@click.option(
    "--count",
    "counts",
    multiple=True,
    callback=_by_signal(("fragment", "read", "cut")),
    metavar="[NAME=]WHAT",
    help="fragment, read or cut (5' ends).  [default: cut for DNase and ATAC, else fragment]",
)
@click.option(
    "--extend",
    "extends",
    multiple=True,
    callback=_by_signal(None),
    metavar="[NAME=]BP",
    help="Length of a single-end fragment, or window around a cut.  [default: 200; 150 around cuts]",
)
@click.option(
    "--scale",
    "scales",
    multiple=True,
    callback=_by_signal(("rpm", "fold", "raw")),
    metavar="[NAME=]SCALE",
    help="rpm, fold (over the genome's mean) or raw.  [default: fold for H3K27ac, else rpm]",
)
@click.option(
    "--min-mapq",
    type=click.IntRange(0, 255),
    default=30,
    show_default=True,
    metavar="Q",
    help="Least mapping quality of a read.",
)
@click.option(
    "--tn5-shift",
    default="+4,-5",
    show_default=True,
    callback=_shift,
    metavar="PLUS,MINUS",
    help="Shift of ATAC's 5' ends, in bp by strand; 0,0 where the file is shifted.",
)
@click.option("--exclude", type=PATH, help="BED of regions whose reads do not count.")
@click.option("--exclude-blacklist", is_flag=True, help="The same with the genome's blacklist.")
@click.option(
    "--gene-type",
    "gene_types",
    multiple=True,
    metavar="TYPE",
    help="Biotype to take; repeat for several. Default for GTF and GFF3: protein_coding, else all.",
)
@click.option("--name", help="Name of the cells, for all outputs.  [default: that of OUT]")
@click.option(
    "--workers", type=click.IntRange(min=1), metavar="N", help="CPU processes.  [default: one a core]"
)
@click.option("--overwrite", is_flag=True, help="Replace the cells that OUT holds.")
@click.option("--out", type=PATH, required=True, help="Folder for the cells.")
def prepare(
    genome: str | None,
    fasta: Path | None,
    genes: Path | None,
    exclude: Path | None,
    exclude_blacklist: bool,
    gene_types: tuple[str, ...],
    workers: int | None,
    data_folder: Path | None,
    mirror: str | None,
    offline: bool,
    yes: bool,
    **options: Any,
) -> None:
    """Make your own reads and annotation into cells that `score --cells` takes.

    \b
    Examples:
      seq2exp-tracks prepare --genome hg38 --bam H3K27ac=k27.bam --bam DNase=dnase.bam \\
          --contacts hic.mcool --name my_cells --out my_cells
      seq2exp-tracks prepare --fasta genome.fa --gtf genes.gtf --atac DNase=atac.bam \\
          --without H3K27ac --out atac_only

    OUT then holds a bigWig of each signal whose reads were given, features.tsv (mRNA half-life features and
    promoter activity of each gene), prepare.json (how it was counted) and, last, cells.toml.
    """
    from seq2exp_tracks.errors import InputError
    from seq2exp_tracks.preparation.request import PrepareRequest
    from seq2exp_tracks.preparation.run import check_request
    from seq2exp_tracks.preparation.run import prepare as prepare_cells
    from seq2exp_tracks.processes import usable_cores

    if genome is None and (fasta is None or genes is None):
        raise InputError("no genome: give --genome NAME, or both --fasta FILE and --gtf FILE")
    if exclude_blacklist and (genome is None or exclude is not None):
        raise InputError(_NO_BLACKLIST)
    options["name"] = options["name"] or options["out"].resolve().name
    request = PrepareRequest(
        fasta=fasta or Path(),
        genes=genes or Path(),
        genome=genome,
        exclude=exclude,
        gene_types=gene_types or None,
        workers=workers or usable_cores(),
        **options,
    )
    check_request(request)  # before anything is fetched
    with progress_bar() as progress:
        if genome is not None:
            roles = ("fasta", "genes", *(("blacklist",) if exclude_blacklist else ()))
            fetching = Fetching(data_folder, mirror, offline, yes)
            given = {"fasta": fasta, "genes": genes}
            entry = genome_named(genome, fetching, progress, given, roles)
            if exclude_blacklist and entry.blacklist is None:
                raise InputError(_NO_BLACKLIST)
            exclude = entry.blacklist if exclude_blacklist else exclude
            request = replace(request, fasta=entry.fasta, genes=entry.genes, exclude=exclude)
        made = prepare_cells(request, progress)
    _report(request, made)


# Where promoter activity is made of a bigWig, whose unit nobody knows.
_OTHER_SCALE = (
    "  Such promoter activity is on no scale of other cells: a checkpoint of other cells then predicts wrong "
    "expression (its mask is not touched). Give --bam in the place of --signal, or train on these cells."
)


def _report(request: "PrepareRequest", made: "Prepared") -> None:
    """Prints what is where, and what to do with it."""
    click.echo(f"{request.out}: cells with features of {made.genes:,} genes")
    if made.without_half_life:
        click.echo(
            f"  {made.without_half_life:,} genes without half-life features, for want of a translated "
            "transcript: score will fill in medians and flag them"
        )
    for line in (*made.reads, *made.remarks):
        click.echo(f"  {line}")
    if request.signals.keys() & {"H3K27ac", "DNase"} and not request.without:
        click.echo(_OTHER_SCALE)
    click.echo(_next_steps(request, made.cells))


def _next_steps(request: "PrepareRequest", cells: Path) -> str:
    """The commands to go on with, whole but for the checkpoint."""
    name = shlex.quote(request.genome or "NAME")
    given = f"--genome {name} --cells {shlex.quote(str(cells))} --checkpoint CKPT"
    contacts = "" if request.contacts else " --no-contacts"
    lines = []
    if request.genome is None:
        fasta, genes = shlex.quote(str(request.fasta)), shlex.quote(str(request.genes))
        lines += [
            "Give the genome a name:",
            f"  seq2exp-tracks genome add {name} --fasta {fasta} --genes {genes}",
        ]
    out = shlex.quote(f"{request.out.resolve().name}.run")
    return "\n".join(
        [
            *lines,
            "Check them, then score them with a checkpoint CKPT:",
            f"  seq2exp-tracks doctor {given}",
            f"  seq2exp-tracks score {given}{contacts} --out {out}",
        ]
    )
