"""Kinds of options that several commands share."""

from pathlib import Path

import click

# Not `exists=True`: the library says in one line what is wrong with a file, with exit status 1.
PATH = click.Path(path_type=Path)
