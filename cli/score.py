"""`seq2exp-tracks score`: genes in, genome tracks out."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .headed import INPUT_HEADINGS, HeadedCommand
from .inputs import CELLS, input_options, left_alone
from .named_genome import hold
from .options import hardware_options
from .progress import ProgressBar, progress_bar
from .remote_options import FILE, FOLDER, fetch_asked
from .resource_options import Fetching, confirmation, fetch_options, told_what_is_kept
from .score_options import running_options, sharing_options, writing_options
from .score_out import destination

if TYPE_CHECKING:
    from seq2exp_tracks.pipeline.request import ScoreRequest
    from seq2exp_tracks.resources.address import Address
    from seq2exp_tracks.resources.asked import Asked, Chosen
    from seq2exp_tracks.resources.catalog import Catalog
    from seq2exp_tracks.shards.part import Part

# What is chosen where the user does not say, and stands in a request under the same names.
_CHOSEN = ("genome", "checkpoint", "signals", "contacts", "no_contacts", "without", "contacts_norm")

# What there is to say of tracks where a run is interrupted, unless it knows more.
_NOTHING = "no track was written"


_HEADINGS = {
    "checkpoint": "Model and cells",
    **INPUT_HEADINGS,
    "names": "Which genes, and what is read of them",
    "merge": "Tracks and elements",
    "shared_generator": "Sharing passes of the generator",
    "device": "Hardware",
    "patience": "The run",
}


@click.command(
    short_help="Score windows of genes and write what was learned as tracks.",
    cls=HeadedCommand,
    headings=_HEADINGS,
)
@click.option(
    "--checkpoint",
    type=FILE,
    help="Trained weights: .ckpt or .safetensors, or soft or hard for the authors'.  [default: soft]",
)
@click.option(
    "--cell-type", metavar="NAME", help="Signals by name (see: resources list).  [default: the genome's]"
)
@CELLS
@click.option(
    "--without",
    multiple=True,
    metavar="NAME",
    help="A signal that was not measured: 0 everywhere, and every output says so. Repeatable.",
)
@input_options()
@fetch_options
@click.option(
    "--gene", "names", multiple=True, metavar="NAME", help="Only this gene, by symbol or id. Repeatable."
)
@click.option(
    "--region", help="Only genes with their TSS in it: chr22:36,000,000-36,500,000 (1-based, inclusive)."
)
@click.option("--labels", type=FILE, help="Table of measured expression, copied beside the prediction.")
@click.option("--label-column", metavar="NAME", help="Column of --labels.")
@click.option("--window", type=int, metavar="BP", help="Bases around the TSS.  [default: the checkpoint's]")
@click.option(
    "--match-scale",
    type=click.Choice(["none", "quantile", "factor"]),
    default="none",
    show_default=True,
    help="Bring each bigWig to the scale that the checkpoint was trained on (docs/doctor.md).",
)
@writing_options
@sharing_options
@hardware_options
@running_options
@click.option("--out", type=FOLDER, required=True, help="Folder for the tracks, also at s3:// or gs://.")
def score(
    data_folder: Path | None,
    mirror: str | None,
    offline: bool,
    yes: bool,
    part: "Part | None",
    out: "Path | Address",
    **options: Any,
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

    A run that ends early keeps what it has computed: the same command goes on with it.

    Files may be given as https://, s3:// or gs://: they are fetched first (docs/ray.md).
    """
    from seq2exp_tracks.pipeline import ScoreRequest
    from seq2exp_tracks.pipeline.ray_cluster import check_ray
    from seq2exp_tracks.resources.asked import Asked
    from seq2exp_tracks.resources.registry import GenomeEntry

    goes_to = destination(out, part, keep_shards=options["keep_shards"], overwrite=options["overwrite"])
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
        out=goes_to.folder,
        **options,
    )
    if left_alone("contacts_norm"):
        asked = replace(asked, contacts_norm=None)
    goes_to.check(request)
    if request.executor == "ray":
        check_ray()
    fetching = Fetching(data_folder, mirror, offline, yes)
    with progress_bar() as progress:
        fetched = fetch_asked(progress, confirmation(yes), offline=offline)
        with fetching.catalog(progress) as catalog, told_what_is_kept(catalog.fetcher, _NOTHING):
            chosen = _chosen(asked, request, catalog, progress)
        files = {name: getattr(chosen, name) for name in _CHOSEN if name != "no_contacts"}
        request = replace(request, **files, cells=chosen.cells, remarks=(*chosen.remarks, *fetched))
        with told_what_is_kept(catalog.fetcher, _NOTHING):
            goes_to.write(request, progress)
    goes_to.report()


def _chosen(asked: "Asked", request: "ScoreRequest", catalog: "Catalog", progress: ProgressBar) -> "Chosen":
    """What is read where the user does not say; what lacks is fetched, and features are derived."""
    from seq2exp_tracks.derived_features import with_features
    from seq2exp_tracks.processes import usable_cores
    from seq2exp_tracks.resources.choice import choose
    from seq2exp_tracks.resources.registry import Registry
    from seq2exp_tracks.signals import channel_name

    chosen = choose(asked, catalog, Registry(), channel_name)
    hold(chosen.genome)
    chosen = with_features(
        chosen,
        catalog.fetcher.store,
        progress,
        gene_types=request.gene_types,
        bed_tss=request.bed_tss,
        workers=request.workers or usable_cores(),
    )
    for remark in chosen.remarks:
        progress.note(remark)
    return chosen
