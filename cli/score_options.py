"""Options of `score` alone: how windows become files, what they may share, how a run is carried through."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from .options import Command

if TYPE_CHECKING:
    from seq2exp_tracks.shards.part import Part


def _part(value: str | None) -> "Part | None":
    """The part that is asked for."""
    from seq2exp_tracks.shards.part import Part

    try:
        return None if value is None else Part.parse(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


_WRITING = (
    click.option(
        "--merge",
        type=click.Choice(["max", "mean", "nearest"]),
        default="max",
        show_default=True,
        help="Where windows overlap, a base gets the highest score, the mean, or that of the nearest TSS.",
    ),
    click.option(
        "--top-share", type=float, metavar="SHARE", help="Call this share of bases.  [default for soft: 0.10]"
    ),
    click.option(
        "--threshold", type=float, help="Call bases of at least this score.  [default for hard: 0.5]"
    ),
    click.option(
        "--gap", type=int, default=100, show_default=True, metavar="BP", help="Join calls this close."
    ),
    click.option(
        "--min-length", type=int, default=50, show_default=True, metavar="BP", help="Drop shorter elements."
    ),
    click.option(
        "--per-gene/--no-per-gene",
        default=None,
        help="Also write each gene's own mask.  [default: for 50 genes or fewer]",
    ),
    click.option(
        "--resolution",
        type=click.IntRange(min=1),
        default=1,
        show_default=True,
        metavar="BP",
        help="Bases that share a value in the mask's tracks: 10 makes them 8 times smaller.",
    ),
    click.option(
        "--bin-by",
        type=click.Choice(["mean", "max"]),
        default="mean",
        show_default=True,
        help="What a bin of --resolution holds of its bases.",
    ),
    click.option(
        "--precision",
        type=click.IntRange(0, 7),
        metavar="DECIMALS",
        help="Decimals of the mask's tracks.  [default: 3, and 4 for mask.sd]",
    ),
)

_SHARING = (
    click.option(
        "--shared-generator",
        is_flag=True,
        help="Soft models: overlapping windows share a pass of the generator. Faster; not exact.",
    ),
    click.option(
        "--tolerance",
        type=click.FloatRange(min=0),
        default=0.01,
        show_default=True,
        help="With --shared-generator: refuse if masks or expression differ by more from exact ones.",
    ),
    click.option(
        "--calibration-genes",
        type=click.IntRange(min=1),
        default=8,
        show_default=True,
        metavar="N",
        help="With --shared-generator: genes that are scored both ways before the run.",
    ),
)

_RUNNING = (
    click.option(
        "--patience",
        type=click.FloatRange(min=0, min_open=True),
        default=1800.0,
        show_default=True,
        metavar="SECONDS",
        help="End a worker that takes longer for a window, or a GPU for those in flight, and try again.",
    ),
    click.option(
        "--writers",
        type=click.IntRange(min=0),
        metavar="N",
        help="Processes that write beside them.  [default: 0 on the CPU, 2 on a GPU]",
    ),
    click.option(
        "--executor",
        type=click.Choice(["local", "ray"]),
        default="local",
        show_default=True,
        help="What computes: this machine, or a Ray cluster (docs/ray.md).",
    ),
    click.option(
        "--address",
        metavar="ADDRESS",
        help="With --executor ray: the cluster; auto finds it.  [default: one of this machine's own]",
    ),
    click.option("--overwrite", is_flag=True, help="Replace the run that OUT holds."),
    click.option(
        "--resume",
        is_flag=True,
        help="Of an unfinished run in OUT with other inputs or settings keep what fits.",
    ),
    click.option(
        "--allow-mixed", is_flag=True, help="Go on with what another kind of device or kernels computed."
    ),
    click.option("--keep-shards", is_flag=True, help="Leave every window's scores in OUT/.shards."),
    click.option(
        "--shard",
        "part",
        metavar="I/N",
        callback=lambda _context, _parameter, value: _part(value),
        help="Compute part I of N only, beside others into one OUT; then: merge OUT.",
    ),
)


def writing_options(command: Command) -> Command:
    """Adds what decides how the scores of windows become tracks and tables."""
    return _with(command, _WRITING)


def sharing_options(command: Command) -> Command:
    """Adds what decides whether windows share passes of the generator."""
    return _with(command, _SHARING)


def running_options(command: Command) -> Command:
    """Adds who computes, how patient a run is, and what becomes of one that is there."""
    return _with(command, _RUNNING)


def _with(command: Command, options: tuple[Callable[[Command], Command], ...]) -> Command:
    for option in reversed(options):
        command = option(command)
    return command
