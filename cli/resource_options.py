"""Options that say where fetched files lie and how they are reached."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .options import PATH, Command
from .progress import ProgressBar

if TYPE_CHECKING:
    from seq2exp_tracks.resources.catalog import Catalog
    from seq2exp_tracks.resources.fetching import Fetcher

_FOLDER = click.option(
    "--data-folder",
    type=PATH,
    help="Where fetched files lie.  [default: SEQ2EXP_TRACKS_DATA, else your data folder]",
)
_FETCHING = (
    _FOLDER,
    click.option(
        "--mirror",
        metavar="URL|FOLDER",
        help="Ask it for host/path in place of https://host/path.  [default: SEQ2EXP_TRACKS_MIRROR]",
    ),
    click.option("--offline", is_flag=True, help="Fetch nothing; say what lacks and where to put it."),
    click.option("--yes", is_flag=True, help="Fetch also more than 1 GB without asking."),
)


def folder_option(command: Command) -> Command:
    """Adds `--data-folder` alone."""
    return _FOLDER(command)


def fetch_options(command: Command) -> Command:
    """Adds `data_folder`, `mirror`, `offline` and `yes`."""
    for option in reversed(_FETCHING):
        command = option(command)
    return command


@dataclass(frozen=True)
class Fetching:
    """The values of `fetch_options`."""

    data_folder: Path | None
    mirror: str | None
    offline: bool
    yes: bool

    def catalog(self, progress: ProgressBar) -> "AbstractContextManager[Catalog]":
        """The catalog of all that goes by a name."""
        from seq2exp_tracks.resources.opening import open_catalog

        return open_catalog(
            progress,
            confirmation(self.yes),
            folder=self.data_folder,
            mirror=self.mirror,
            offline=self.offline,
        )


def confirmation(yes: bool) -> Callable[[str], None]:
    """Asks on a terminal whether much may be fetched; refuses where nobody can answer.

    Args:
        yes: Whether it was said beforehand.
    """

    def confirm(amount: str) -> None:
        from seq2exp_tracks.errors import InputError

        if yes:
            return
        if not sys.stdin.isatty():
            raise InputError(f"{amount} to fetch; add --yes to fetch more than 1 GB without being asked")
        if not click.confirm(f"Fetch {amount}?", err=True):
            raise InputError(f"{amount} not fetched; name files of your own (--help)")

    return confirm


@contextmanager
def told_what_is_kept(fetcher: "Fetcher", otherwise: str = "") -> Iterator[None]:
    """Says what an interrupted fetch leaves, as a command that has written nothing else would deny it.

    Args:
        fetcher: Who fetches.
        otherwise: What there is to say of what else was written, where the interruption does not tell.
    """
    try:
        yield
    except KeyboardInterrupt as error:
        if kept := fetcher.kept():
            told = [str(error) or otherwise, kept, "the same command goes on where it was"]
            raise click.ClickException(f"interrupted: {'; '.join(filter(None, told))}") from error
        raise
