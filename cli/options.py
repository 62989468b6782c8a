"""Options that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from .remote_options import given_file

Command = TypeVar("Command", bound=Callable[..., Any])

# Not `exists=True`: the library says in one line what is wrong with a file, with exit status 1.
PATH = click.Path(path_type=Path)

_HARDWARE = (
    click.option(
        "--device",
        default="auto",
        show_default=True,
        help="auto (all GPUs if there are any and Triton is installed, else the CPU), cpu, cuda, or cuda:1.",
    ),
    click.option(
        "--precision-compute",
        type=click.Choice(["fp32", "bf16"]),
        default="fp32",
        show_default=True,
        help="Matrix products and stored rows on a GPU; what bf16 changes was never measured on one.",
    ),
    click.option(
        "--windows-in-flight",
        type=click.IntRange(min=1),
        metavar="N",
        help="Windows that a GPU reads at once.  [default: as its memory holds, at most 64]",
    ),
    click.option(
        "--workers", type=click.IntRange(min=1), metavar="N", help="CPU processes.  [default: one a core]"
    ),
)


def hardware_options(command: Command) -> Command:
    """Adds the options that say what computes."""
    for option in reversed(_HARDWARE):
        command = option(command)
    return command


# What the error shows for options that take other files than signals.
_EXAMPLES = {"bam": "H3K27ac=k562.bam", "atac": "DNase=k562.bam"}


def named_files(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> dict[str, Path]:
    """Repeated NAME=FILE as a dict."""
    files: dict[str, Path] = {}
    for value in values:
        name, equals, path = value.partition("=")
        if not (name and equals and path):
            example = _EXAMPLES.get(option.name or "", "H3K27ac=k562.bw")
            raise click.BadParameter(f"{value!r} is not NAME=FILE, for example {example}")
        if name in files:
            raise click.BadParameter(f"{name} is given twice")
        files[name] = given_file(context, path) or Path(path)
    return files
