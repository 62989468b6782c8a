"""Files and folders that are given by an address: https://, s3://, gs://.

Each option has at once the path that its file will have in the cache; the file is fetched when the command
knows that there is something to do.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .progress import ProgressBar

if TYPE_CHECKING:
    from seq2exp_tracks.resources.address import Address

# Commands that fetch what they are given.
_FETCH = ("score", "add")
_ASKED = f"{__name__}.asked"


class RemoteFile(click.Path):
    """A path, or an address whose file `fetch_asked` fetches."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path, which for an address lies in the cache."""
        return given_file(ctx, value) or super().convert(value, param, ctx)


class RemoteFolder(click.Path):
    """A path, or an address of a folder to be written."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path, or the address."""
        return _address(value) or super().convert(value, param, ctx)


FILE = RemoteFile()
FOLDER = RemoteFolder()


def given_file(ctx: click.Context | None, value: object) -> Path | None:
    """Where the file of an address will lie; None for a path."""
    address = _address(value)
    if address is None or ctx is None:
        return None
    if ctx.command.name not in _FETCH:
        raise click.BadParameter(
            f"{address.shown}: this command reads files of this machine; fetch it first, by hand"
        )
    from seq2exp_tracks.resources.remote import KIND

    path = address.place(KIND)
    ctx.meta.setdefault(_ASKED, {})[path] = address
    return path


def fetch_asked(
    progress: ProgressBar, confirm: Callable[[str], None], *, offline: bool = False
) -> tuple[str, ...]:
    """Fetches every file that options of the present command gave by an address.

    Returns:
        What every output is to tell of them, one line each.
    """
    asked: dict[Path, Address] = click.get_current_context().meta.get(_ASKED, {})
    if not asked:
        return ()
    from seq2exp_tracks.resources.remote import RemoteInputs
    from seq2exp_tracks.resources.transfer import Transfer

    with Transfer() as transfer:
        remote = RemoteInputs(transfer, progress, confirm, offline=offline)
        # Until the command ends, which reads them: nobody replaces them.
        click.get_current_context().with_resource(remote)
        return tuple(remote.fetch(address).remark() for address in asked.values())


def _address(value: object) -> "Address | None":
    if not isinstance(value, str) or "://" not in value:
        return None
    from seq2exp_tracks.resources.address import Address

    return Address.parse(value)
