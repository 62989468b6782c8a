"""`seq2exp-tracks score`: genes in, genome tracks out."""

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from .inputs import input_options
from .options import PATH, hardware_options
from .progress import progress_bar
from .remote_options import FILE, FOLDER, fetch_asked
from .report import report_part, report_run
from .resource_options import Fetching, confirmation, fetch_options, told_what_is_kept
from .score_options import running_options, sharing_options, writing_options

if TYPE_CHECKING:
    from seq2exp_tracks.pipeline.remote_run import RemoteRun
    from seq2exp_tracks.resources.address import Address
    from seq2exp_tracks.shards.part import Part
    from seq2exp_tracks.tracks.summary import RunSummary

# What is chosen where the user does not say, and stands in a request under the same names.
_CHOSEN = ("genome", "checkpoint", "signals", "contacts", "no_contacts", "without", "contacts_norm")


@click.command()
@click.option(
    "--checkpoint",
    type=FILE,
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
    from seq2exp_tracks.derived_features import with_features
    from seq2exp_tracks.io.run_folder import RunFolder
    from seq2exp_tracks.pipeline import ScoreRequest, make_tracks
    from seq2exp_tracks.pipeline.part import PartDone, compute_part
    from seq2exp_tracks.pipeline.ray_cluster import check_ray
    from seq2exp_tracks.pipeline.remote_run import RUNS
    from seq2exp_tracks.processes import usable_cores
    from seq2exp_tracks.resources.asked import Asked
    from seq2exp_tracks.resources.choice import choose
    from seq2exp_tracks.resources.registry import GenomeEntry, Registry
    from seq2exp_tracks.signals import channel_name
    from seq2exp_tracks.tracks.listing import RUN_FILES

    remote = None if isinstance(out, Path) else _remote_run(out, part, options)
    folder = out if isinstance(out, Path) else out.place(RUNS)
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
        out=folder,
        **options,
    )
    if _is_default("contacts_norm"):
        asked = replace(asked, contacts_norm=None)
    if request.executor == "ray":
        if part is not None:
            raise click.UsageError("--shard and --executor ray exclude each other: Ray shares out all shards")
        check_ray()
    if remote is None or not remote.is_whole_here:
        RunFolder(folder, overwrite=request.overwrite, names=RUN_FILES).check()
    fetching = Fetching(data_folder, mirror, offline, yes)
    with progress_bar() as progress, ExitStack() as opened:
        fetched = fetch_asked(progress, confirmation(yes), offline=offline)
        catalog = opened.enter_context(fetching.catalog(progress))
        with told_what_is_kept(catalog.fetcher, "no track was written; "):
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
            request = replace(request, **files | {"remarks": (*chosen.remarks, *fetched)})
            found: RunSummary | PartDone | None = None
            if remote is not None and remote.is_computed(request):
                progress.note(f"computed already; what is left is to copy it to {remote.shown}")
            elif part is None:
                found = make_tracks(request, progress)
            else:
                found = compute_part(request, part, progress)
        if remote is not None:
            remote.upload(progress)
    if isinstance(found, PartDone):
        report_part(folder, part, found)
    elif found is not None:
        report_run(folder, found, None if isinstance(out, Path) else out.shown)
    if remote is not None:
        remote.forget()
        click.echo(f"copied to {remote.shown}")


def _remote_run(out: "Address", part: "Part | None", options: dict[str, Any]) -> "RemoteRun":
    """The run at an address, after a look whether it may be written there."""
    from seq2exp_tracks.pipeline.remote_run import RemoteRun

    if part is not None or options["keep_shards"]:
        raise click.UsageError(
            f"--out {out.shown}: --shard and --keep-shards need a folder, as shards are not copied"
        )
    remote = RemoteRun(out, overwrite=options["overwrite"])
    remote.check()
    return remote


def _is_default(option: str) -> bool:
    """Whether the user left an option alone."""
    source = click.get_current_context().get_parameter_source(option)
    return source is ParameterSource.DEFAULT
