"""Which file of a repository of the Hugging Face Hub is meant: by its listing, or of what lies here."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.resources.mirror import Way
from seq2exp_tracks.resources.sources import OnHub, Remote
from seq2exp_tracks.resources.store import Store
from seq2exp_tracks.resources.transfer import NotThereError, Transfer


class Hub:
    """Finds files of repositories; each listing is asked for once.

    Args:
        store: What lies here already is taken without asking.
        way: How addresses are reached.
        transfer: Who asks.
    """

    def __init__(self, store: Store, way: Way, transfer: Transfer) -> None:
        self._store, self._way, self._transfer = store, way, transfer
        self._listings: dict[str, tuple[str, ...]] = {}

    def find(self, source: OnHub) -> Remote | None:
        """The file that fits a source: of several the one with the shortest path, then by the alphabet.

        Returns:
            The file; None where the repository has none that fits, or is not there.

        Raises:
            InputError: If the Hub cannot be asked.
        """
        here = _fitting(self._store.lying_here(source), source)
        if here is None and not self._way.offline:
            here = _fitting(self.listing(source), source)
        return None if here is None else source.remote(here)

    def listing(self, source: OnHub) -> tuple[str, ...]:
        """Paths of all files of a repository; none where the repository is not there.

        Raises:
            InputError: If the Hub cannot be asked or answers something else.
        """
        if source.listing not in self._listings:
            self._listings[source.listing] = self._ask(source.listing)
        return self._listings[source.listing]

    def _ask(self, address: str) -> tuple[str, ...]:
        at = self._way.to(address)
        try:
            text = _file(at) if isinstance(at, Path) else self._transfer.read(at)
        except NotThereError:
            return ()
        try:
            found: Any = json.loads(text)
            return tuple(str(file["rfilename"]) for file in found["siblings"])
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{at}: not the listing of a repository ({error!r})") from error


def _fitting(files: Iterable[str], source: OnHub) -> str | None:
    """The file that fits a source; None where none does."""
    fitting = (file for file in files if source.fits(file))
    return min(fitting, key=lambda file: (len(file), file), default=None)


def _file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise NotThereError(f"{path}: not there") from error
