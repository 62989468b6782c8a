"""`seq2exp-tracks train`: genes with measured expression in, a checkpoint for `score` out."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .headed import INPUT_HEADINGS, TRAINING_HEADINGS, HeadedCommand
from .inputs import CELLS, input_options
from .label_options import label_options
from .named_genome import genome_named, with_derived_features
from .options import PATH
from .own_cells import with_cells
from .progress import progress_bar
from .resource_options import Fetching, fetch_options
from .training_options import training_options

if TYPE_CHECKING:
    from seq2exp_tracks.training.run import Trained

# As in seq2exp_tracks.training.settings, which takes seconds to load.
SETTINGS = (
    *("soft", "hard", "hard-straight", "fixed"),
    *("caduceus", "caduceus-sequence", "mamba", "epinformer", "enformer"),
)


@click.command(
    short_help="Train a model on your own cells.",
    cls=HeadedCommand,
    headings={
        "cells": "Cells",
        **INPUT_HEADINGS,
        "published": "The authors' data",
        **TRAINING_HEADINGS,
        "seed": "The run",
    },
)
@CELLS
@input_options(genome_required=False)
@fetch_options
@click.option(
    "--published",
    type=PATH,
    metavar="FOLDER",
    help="The data folder of Seq2Exp's authors, instead of --genome, --signal, --contacts and --labels. "
    "Its labels are --label-column CAGE (the default) and RNA, its chromosomes are split by fold 11.",
)
@click.option(
    "--cell-type",
    type=click.Choice(["K562", "GM12878"]),
    help="Cell type of --published.  [default: K562]",
)
@label_options
@click.option(
    "--setting",
    type=click.Choice(SETTINGS),
    default="soft",
    show_default=True,
    help="How the mask is made; hard-straight is hard, but learns the mask from expression too. "
    "The last five are baselines without a mask; epinformer takes elements by --fixed-mask BED too.",
)
@click.option(
    "--fixed-mask",
    type=PATH,
    help="Bases that --setting fixed reads: a BED, such as peaks, or a bigWig of scores, such as mask.bw.",
)
@click.option(
    "--fixed-share",
    type=float,
    metavar="SHARE",
    help="Share of each window's bases to keep of a bigWig, the highest scores first; 0.1 as in the paper.",
)
@training_options
@click.option("--seed", type=click.IntRange(min=0), default=2222, show_default=True, help="Seed of the run.")
@click.option("--resume", is_flag=True, help="Go on with the run that OUT holds, to the same numbers.")
@click.option("--overwrite", is_flag=True, help="Replace the run that OUT holds.")
@click.option("--out", type=PATH, required=True, help="Folder for the checkpoint and all about it.")
def train(
    genome: str | None,
    published: Path | None,
    cell_type: str | None,
    cells: Path | None,
    genes: Path | None,
    data_folder: Path | None,
    mirror: str | None,
    offline: bool,
    yes: bool,
    setting: str,
    **options: Any,
) -> None:
    """Train Seq2Exp on your cells: which bases explain the expression of their genes?

    \b
    Example, on the CPU:
      seq2exp-tracks train --genome hg38 --size small --setting soft \\
          --signal H3K27ac=k562.h3k27ac.bw --signal DNase=k562.dnase.bw \\
          --contacts k562.mcool --labels k562.expression.tsv --label-column CAGE --out trained
    Cells that `prepare` made are given as --cells k562/cells.toml. What was trained scores at once:
      seq2exp-tracks score --genome hg38 --checkpoint trained/best.safetensors … --out run

    OUT then holds best.safetensors (the weights of the lowest validation error, for score),
    log.csv and curves.png (losses and validation), predictions.tsv (genes that did not train),
    and training.json (what was measured, and from what). A run that was killed goes on with
    --resume and the same options.
    """
    from seq2exp_tracks.errors import InputError
    from seq2exp_tracks.resources.registry import GenomeEntry
    from seq2exp_tracks.training.data import PUBLISHED_CELL_TYPE
    from seq2exp_tracks.training.published_folder import published_genome
    from seq2exp_tracks.training.request import TrainRequest
    from seq2exp_tracks.training.run import train_model
    from seq2exp_tracks.training.settings import Setting

    _check_source(genome, published, cell_type)
    if published is not None:
        if genes or options["features"]:
            raise InputError("--published has genes and features of its own; leave out --genes, --features")
        if cells:
            raise InputError("--published has cells of its own; leave out --cells")
        options["cell_type"] = cell_type or PUBLISHED_CELL_TYPE
        entry = published_genome(published, options["cell_type"])
    else:
        options = with_cells(cells, genome or "", options)
        entry = GenomeEntry(genome or "", Path(), Path())
    features = options.pop("features")
    # Mistakes in it are told before anything is fetched.
    request = TrainRequest(genome=entry, published=published, setting=Setting(setting), **options)
    with progress_bar() as progress:
        for remark in request.remarks:
            progress.note(remark)
        if genome is not None:
            fetching = Fetching(data_folder, mirror, offline, yes)
            entry = genome_named(genome, fetching, progress, {"genes": genes, "features": features})
            entry, derived = with_derived_features(
                entry, fetching, progress, request.gene_types, request.bed_tss
            )
            request = replace(request, genome=entry, remarks=(*request.remarks, *derived))
        trained = train_model(request, progress)
    if trained.told_here:
        _report(trained)


def _check_source(genome: str | None, published: Path | None, cell_type: str | None) -> None:
    """Refuses what is to train on nothing or on two things."""
    from seq2exp_tracks.errors import InputError

    if (genome is None) == (published is None):
        raise InputError("give --genome NAME (see: genome list), or --published FOLDER, the authors' data")
    if published is None and cell_type is not None:
        raise InputError("--cell-type belongs to --published; leave it out, or give that folder")


def _report(trained: "Trained") -> None:
    """Prints what came out."""
    click.echo(f"Best checkpoint: {trained.files.best} (after {trained.best.best_step:,} updates)")
    for part, measured in trained.measured.items():
        click.echo(
            f"{part}: {trained.genes[part]:,} genes, MSE {measured.mse:.4f}, MAE {measured.mae:.4f}, "
            f"Pearson's r {measured.pearson:.3f}"
        )
    click.echo(f"Curves: {trained.files.curves}")
