"""`seq2exp-tracks score`: genes in, genome tracks out."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from .inputs import input_options
from .options import PATH, hardware_options
from .progress import progress_bar
from .report import report_run
from .resource_options import Fetching, fetch_options

if TYPE_CHECKING:
    from seq2exp_tracks.resources.fetching import Fetcher

# What is chosen where the user does not say, and stands in a request under the same names.
_CHOSEN = ("genome", "checkpoint", "signals", "contacts", "no_contacts", "without", "contacts_norm")


@click.command()
@click.option(
    "--checkpoint",
    type=PATH,
    help="Trained weights: .ckpt or .safetensors, or soft or hard for the authors'.  [default: soft]",
)
@click.option(
    "--cell-type", metavar="NAME", help="Signals by name (see: resources list).  [default: the genome's]"
)
@click.option("--cells", type=PATH, help="Signals of your own cells: the TOML that `prepare` writes.")
@click.option(
    "--without",
    multiple=True,
    metavar="NAME",
    help="A signal that was not measured: 0 everywhere, and every output says so. Repeatable.",
)
@input_options(genome_help="A genome by name (see: genome list, resources list).")
@fetch_options
@click.option(
    "--gene", "names", multiple=True, metavar="NAME", help="Only this gene, by symbol or id. Repeatable."
)
@click.option(
    "--region", help="Only genes with their TSS in it: chr22:36,000,000-36,500,000 (1-based, inclusive)."
)
@click.option("--labels", type=PATH, help="Table of measured expression, copied beside the prediction.")
@click.option("--label-column", metavar="NAME", help="Column of --labels.")
@click.option("--window", type=int, metavar="BP", help="Bases around the TSS.  [default: the checkpoint's]")
@click.option(
    "--match-scale",
    type=click.Choice(["none", "quantile", "factor"]),
    default="none",
    show_default=True,
    help="Bring each bigWig to the scale that the checkpoint was trained on (docs/doctor.md).",
)
@click.option(
    "--merge",
    type=click.Choice(["max", "mean", "nearest"]),
    default="max",
    show_default=True,
    help="Where windows overlap, a base gets their highest score, their mean, or that of the nearest TSS.",
)
@click.option(
    "--top-share", type=float, metavar="SHARE", help="Call this share of bases.  [default for soft: 0.10]"
)
@click.option("--threshold", type=float, help="Call bases of at least this score.  [default for hard: 0.5]")
@click.option("--gap", type=int, default=100, show_default=True, metavar="BP", help="Join calls this close.")
@click.option(
    "--min-length", type=int, default=50, show_default=True, metavar="BP", help="Drop shorter elements."
)
@click.option(
    "--per-gene/--no-per-gene",
    default=None,
    help="Also write each gene's own mask.  [default: for 50 genes or fewer]",
)
@click.option(
    "--resolution",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    metavar="BP",
    help="Bases that share a value in the mask's tracks: 10 makes them 8 times smaller.",
)
@click.option(
    "--bin-by",
    type=click.Choice(["mean", "max"]),
    default="mean",
    show_default=True,
    help="What a bin of --resolution holds of its bases.",
)
@click.option(
    "--precision",
    type=click.IntRange(0, 7),
    metavar="DECIMALS",
    help="Decimals of the mask's tracks.  [default: 3, and 4 for mask.sd]",
)
@click.option(
    "--shared-generator",
    is_flag=True,
    help="Soft models: overlapping windows share a pass of the generator. Faster; not exact.",
)
@click.option(
    "--tolerance",
    type=click.FloatRange(min=0),
    default=0.01,
    show_default=True,
    help="With --shared-generator: refuse if masks or expression differ by more from exact ones.",
)
@click.option(
    "--calibration-genes",
    type=click.IntRange(min=1),
    default=8,
    show_default=True,
    metavar="N",
    help="With --shared-generator: genes that are scored both ways before the run.",
)
@hardware_options
@click.option(
    "--writers",
    type=click.IntRange(min=0),
    metavar="N",
    help="Processes that write beside them.  [default: 0 on the CPU, 2 on a GPU]",
)
@click.option("--overwrite", is_flag=True, help="Replace the run that OUT holds.")
@click.option("--out", type=PATH, required=True, help="Folder for the tracks.")
def score(
    data_folder: Path | None, mirror: str | None, offline: bool, yes: bool, out: Path, **options: Any
) -> None:
    """Score every gene's window and write tracks of what the model learned.

    What is not given is fetched by name, and the run says so: of hg38 K562 and the authors' soft checkpoint.
    With a checkpoint and signals of your own nothing is added, unless --cell-type names it.

    \b
    Examples:
      seq2exp-tracks score --genome hg38 --gene MYH9 --out k562
      seq2exp-tracks score --genome hg38 --checkpoint soft.ckpt \\
          --signal H3K27ac=k562.h3k27ac.bw --signal DNase=k562.dnase.bw \\
          --contacts k562.mcool --chrom chr22 --out k562

    OUT then holds mask.bw (learned score of every base), mask.sd.bw (its uncertainty),
    mask.applied.bw (what the predictor saw), elements.bed, genes.bed, genes.parquet, predicted
    expression by strand, and manifest.json, which says what all of it was made from.
    """
    from seq2exp_tracks.derived_features import with_features
    from seq2exp_tracks.io.run_folder import RunFolder
    from seq2exp_tracks.pipeline import ScoreRequest, make_tracks
    from seq2exp_tracks.processes import usable_cores
    from seq2exp_tracks.resources.asked import Asked
    from seq2exp_tracks.resources.choice import choose
    from seq2exp_tracks.resources.registry import GenomeEntry, Registry
    from seq2exp_tracks.signals import channel_name
    from seq2exp_tracks.tracks.listing import RUN_FILES

    asked = Asked(
        **{name: options.pop(name) for name in (*_CHOSEN, "genes", "features", "cell_type", "cells")},
        **{name: options[name] for name in ("chroms", "names", "region")},
    )
    # Made of what is given first, so that mistakes are told before anything is fetched.
    request = ScoreRequest(
        genome=GenomeEntry(asked.genome, Path(), Path()),
        checkpoint=asked.checkpoint or Path(),
        contacts=asked.contacts,
        no_contacts=asked.no_contacts,
        out=out,
        **options,
    )
    if _is_default("contacts_norm"):
        asked = replace(asked, contacts_norm=None)
    RunFolder(out, overwrite=request.overwrite, names=RUN_FILES).check()
    fetching = Fetching(data_folder, mirror, offline, yes)
    with progress_bar() as progress, ExitStack() as opened:
        catalog = opened.enter_context(fetching.catalog(progress))
        with _told_what_is_kept(catalog.fetcher):
            chosen = choose(asked, catalog, Registry(), channel_name)
            chosen = with_features(
                chosen,
                catalog.fetcher.store,
                progress,
                gene_types=request.gene_types,
                bed_tss=request.bed_tss,
                workers=request.workers or usable_cores(),
            )
            opened.close()
            for remark in chosen.remarks:
                progress.note(remark)
            files = {name: getattr(chosen, name) for name in (*_CHOSEN, "remarks") if name != "no_contacts"}
            found = make_tracks(replace(request, **files), progress)
    report_run(out, found)


def _is_default(option: str) -> bool:
    """Whether the user left an option alone."""
    source = click.get_current_context().get_parameter_source(option)
    return source is ParameterSource.DEFAULT


@contextmanager
def _told_what_is_kept(fetcher: "Fetcher") -> Iterator[None]:
    """Says what an interrupted command has fetched, which stays: it did write something then."""
    try:
        yield
    except KeyboardInterrupt as error:
        if kept := fetcher.kept():
            raise click.ClickException(
                f"interrupted: no track was written; {kept}; the same command goes on where it was"
            ) from error
        raise
