"""Which file of a repository of the Hugging Face Hub is meant: by its listing, or of what lies here."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.io.contact_vectors import chromosome_of
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

    def vectors(self, source: OnHub) -> dict[str, Remote]:
        """Files of stored contact that fit a source, by the chromosome of each: all of one folder.

        Returns:
            What the repository has, or without a connection what lies here; nothing where it has none.

        Raises:
            InputError: If the Hub cannot be asked.
        """
        files = self._store.lying_here(source) if self._way.offline else self.listing(source)
        found: dict[str, dict[str, str]] = {}
        for file in filter(source.fits, files):
            folder, _, name = file.rpartition("/")
            if chrom := chromosome_of(name):
                found.setdefault(folder, {})[chrom] = file
        if not found:
            return {}
        folder = min(found, key=lambda folder: (-len(found[folder]), len(folder), folder))
        return {chrom: source.remote(file) for chrom, file in found[folder].items()}

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
            return tuple(file for entry in found["siblings"] if _is_safe(file := str(entry["rfilename"])))
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{address}: not the listing of a repository ({error!r}); try again later"
            ) from error


def _fitting(files: Iterable[str], source: OnHub) -> str | None:
    """The file that fits a source; None where none does."""
    fitting = (file for file in files if source.fits(file))
    return min(fitting, key=lambda file: (len(file), file), default=None)


def _is_safe(file: str) -> bool:
    """Whether a path stays in the folder of its repository; what does not is never looked at."""
    return not {"", ".", ".."} & set(file.split("/")) and file.isprintable() and "\\" not in file


def _file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise NotThereError(f"{path}: not there") from error
