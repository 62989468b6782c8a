"""`seq2exp-tracks compare`: methods trained and measured over seeds, and the tables of what came out."""

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from .headed import INPUT_HEADINGS, TRAINING_HEADINGS, HeadedCommand
from .inputs import CELLS, input_options
from .label_options import label_options
from .named_genome import genome_named, with_derived_features
from .options import PATH, named_files
from .own_cells import with_cells
from .progress import ProgressBar, progress_bar
from .resource_options import Fetching, fetch_options
from .training_options import training_options

if TYPE_CHECKING:
    from seq2exp_tracks.comparison.request import CompareRequest, OwnData, SimulatedData

# As the library's, which takes seconds to load.
METHODS = ("soft", "caduceus", "caduceus-sequence", "macs3")

# What the library is told of measured data, by part, in the names of the command's parameters.
_DATA = (
    *("labels", "label_column", "label_counts", "split", "valid_chroms", "test_chroms", "gap"),
    *("signals", "contacts", "no_contacts", "contacts_norm", "clip_negative"),
    *("gene_types", "bed_tss", "chroms"),
)
# What it is told of a file of cells besides, where one is given.
_OF_CELLS = ("cells", "without", "remarks")
_GENOME = ("genome", "genes", "features")
_FETCHING = ("data_folder", "mirror", "offline", "yes")
_TRUTH = ("truth", "crispr", "cell_type", "peaks", "bam", "against")
_SIMULATION = ("simulate_size", "simulate_genes")


def _seeds(_: click.Context, __: click.Parameter, value: str) -> tuple[int, ...]:
    """`1-3,7` as numbers."""
    seeds: list[int] = []
    for part in value.split(","):
        found = re.fullmatch(r"\s*(\d+)(?:-(\d+))?\s*", part)
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
        if last < first:
            raise click.BadParameter(f"{value!r} is not a list of seeds such as 1-5 or 2,22,222")
        seeds += range(first, last + 1)
    return tuple(seeds)


@click.command(
    short_help="Train several models with several seeds and compare them.",
    cls=HeadedCommand,
    headings={
        "methods": "What is compared",
        "simulated": "On simulated genomes",
        "cells": "Cells",
        **INPUT_HEADINGS,
        **TRAINING_HEADINGS,
        "truth": "What elements are compared with",
        "jobs": "The run",
    },
)
@click.option(
    "--method",
    "methods",
    multiple=True,
    metavar="NAME",
    help="A --setting of train, but for fixed; macs3: reads the peaks of MACS3 alone; retrain: reads the "
    f"best 10 % of the mask that soft learned. Repeatable.  [default: {', '.join(METHODS)}]",
)
@click.option(
    "--seeds",
    default="1-5",
    show_default=True,
    callback=_seeds,
    metavar="N-M,…",
    help="Seeds of the training; with --simulate also of the genomes.",
)
@click.option(
    "--reference", metavar="NAME", help="Method that others are compared with.  [default: the first]"
)
@click.option(
    "--simulate",
    "simulated",
    multiple=True,
    type=click.Choice(["default", "signals-suffice", "promoter-only"]),
    help="Compare on simulated genomes of this setting instead of own data, a new one a seed. Repeatable.",
)
@click.option(
    "--simulate-size",
    type=click.Choice(["demo", "small"]),
    default="small",
    show_default=True,
    help="Size of the simulated genomes, as of simulate.",
)
@click.option("--simulate-genes", type=int, metavar="N", help="Other number of genes of these.")
@CELLS
@input_options(genome_required=False)
@fetch_options
@label_options
@training_options
@click.option("--truth", type=PATH, help="BED of elements with known effects, as simulate writes it.")
@click.option("--crispr", type=PATH, help="Table of CRISPRi pairs, in the format of EPCrisprBenchmark.")
@click.option("--cell-type", metavar="NAME", help="Only pairs of --crispr of this cell type.")
@click.option("--peaks", type=PATH, help="Peaks of MACS3 in these cells: narrowPeak.")
@click.option("--bam", type=PATH, help="Reads to call such peaks from, with macs3.")
@click.option(
    "--against",
    multiple=True,
    callback=named_files,
    metavar="NAME=FILE",
    help="Intervals to compare masks with: BED, narrowPeak or a table with a header. Repeatable.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Trainings at a time, each on a GPU of its own or on its share of the cores: on a CPU, small models "
    "are done sooner with one a core.  [default: one a GPU; 1 on the CPU]",
)
@click.option("--workers", type=click.IntRange(min=1), metavar="N", help="CPU processes that score.")
@click.option("--out", type=PATH, required=True, help="Folder for all of it.")
def compare(
    methods: tuple[str, ...],
    seeds: tuple[int, ...],
    reference: str | None,
    simulated: tuple[str, ...],
    jobs: int | None,
    workers: int | None,
    out: Path,
    **options: Any,
) -> None:
    """Compare methods over seeds: train each, score and measure its mask, and print the paper's tables.

    \b
    On own data:
      seq2exp-tracks compare --genome hg38 --size small \\
          --signal H3K27ac=k562.h3k27ac.bw --signal DNase=k562.dnase.bw --contacts k562.mcool \\
          --labels k562.expression.tsv --label-column CAGE --peaks k562.narrowPeak \\
          --crispr pairs.tsv --cell-type K562 --seeds 1-5 --out compared
    On simulated genomes, whose truth is known:
      seq2exp-tracks compare --simulate default --seeds 1-3 --method soft --method caduceus --out compared

    What OUT holds already is not computed again: a comparison that was interrupted or killed goes on with
    the same command, and methods and seeds can be added. OUT then holds comparison.md (the tables),
    comparison.png, comparison.json, expression.tsv, elements.tsv and coverage.tsv, and a folder for each data
    set, seed and method.
    """
    from seq2exp_tracks.comparison.request import CompareRequest
    from seq2exp_tracks.comparison.run import compare as compare_methods

    if not simulated:
        _check_measured(options)
        options = with_cells(options["cells"], options["genome"], options)
    data = _simulated(simulated, options) if simulated else _measured(options)
    request = CompareRequest(
        data=data,
        methods=methods or METHODS,
        seeds=seeds,
        training={
            name: value
            for name, value in options.items()
            if name not in (*_DATA, *_OF_CELLS, *_GENOME, *_FETCHING, *_TRUTH, *_SIMULATION)
        },
        reference=reference,
        jobs=jobs,
        workers=workers,
        out=out,
    )
    with progress_bar() as progress:
        request = request if simulated else _with_genome(request, options, progress)
        compared = compare_methods(request, progress)
    click.echo(compared.report)
    for path in compared.files:
        click.echo(f"  {path}")


def _check_measured(options: dict[str, Any]) -> None:
    """Refuses data of the user's own that is not whole, or of which a part is to be simulated."""
    from seq2exp_tracks.errors import InputError

    if _given(_SIMULATION):
        raise InputError("--simulate-size and --simulate-genes belong to --simulate")
    if options["genome"] is None or not options["labels"]:
        raise InputError("give --genome and --labels for own data, or --simulate for simulated genomes")


def _measured(options: dict[str, Any]) -> "OwnData":
    """The user's own data."""
    from seq2exp_tracks.comparison.request import OwnData

    inputs = {name: options[name] for name in _DATA}
    # Not where there is none, so that the protocol is the one of before there was any.
    inputs |= {name: options[name] for name in _OF_CELLS if options.get(name)}
    return OwnData(inputs=inputs, **{name: options[name] for name in _TRUTH})


def _with_genome(
    request: "CompareRequest", options: dict[str, Any], progress: ProgressBar
) -> "CompareRequest":
    """The same comparison with the files of its genome, fetched where they lack."""
    from seq2exp_tracks.comparison.request import OwnData

    fetching = Fetching(**{name: options[name] for name in _FETCHING})
    given = {role: options[role] for role in ("genes", "features")}
    for remark in options.get("remarks", ()):
        progress.note(remark)
    entry = genome_named(options["genome"], fetching, progress, given)
    entry, remarks = with_derived_features(
        entry, fetching, progress, options["gene_types"], options["bed_tss"]
    )
    assert isinstance(request.data, OwnData)
    inputs = {"genome": entry, **request.data.inputs}
    if told := (*inputs.get("remarks", ()), *remarks):
        inputs["remarks"] = told
    return replace(request, data=replace(request.data, inputs=inputs))


def _simulated(settings: tuple[str, ...], options: dict[str, Any]) -> "SimulatedData":
    """Simulated genomes; small models on them, if nothing else is asked for."""
    from seq2exp_tracks.comparison.request import SimulatedData
    from seq2exp_tracks.errors import InputError

    if given := _given((*_DATA, *_OF_CELLS, *_GENOME, *_FETCHING, *_TRUTH)):
        raise InputError(
            f"{given[0]}: simulated genomes bring their own; leave it out, or leave out --simulate"
        )
    if not _given(("size",)):
        options["size"] = "small"
    return SimulatedData(settings=settings, size=options["simulate_size"], genes=options["simulate_genes"])


def _given(names: tuple[str, ...]) -> list[str]:
    """The options among some parameters that the user gave."""
    ctx = click.get_current_context()
    return [
        parameter.opts[0]
        for parameter in ctx.command.params
        if parameter.name in names and ctx.get_parameter_source(parameter.name) is ParameterSource.COMMANDLINE
    ]
