"""Kinds of options that several commands share."""

from pathlib import Path

import click

# Not `exists=True`: the library says in one line what is wrong with a file, with exit status 1.
PATH = click.Path(path_type=Path)


def named_files(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[str, Path]:
    """Repeated NAME=FILE as a dict."""
    files: dict[str, Path] = {}
    for value in values:
        name, equals, path = value.partition("=")
        if not (name and equals and path):
            raise click.BadParameter(f"{value!r} is not NAME=FILE, for example H3K27ac=k562.bw")
        if name in files:
            raise click.BadParameter(f"{name} is given twice")
        files[name] = Path(path)
    return files
