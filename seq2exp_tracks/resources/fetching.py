"""Brings files into the store: asked for beforehand, several at a time, each whole or not there."""

import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import as_completed, wait
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event

from seq2exp_tracks.errors import InputError, OutputError
from seq2exp_tracks.io.writing import writing
from seq2exp_tracks.progress import Progress
from seq2exp_tracks.resources.arrival import adopt, copy_of_mirror, publish_download
from seq2exp_tracks.resources.meter import Meter
from seq2exp_tracks.resources.mirror import Way
from seq2exp_tracks.resources.sizes import size_text
from seq2exp_tracks.resources.sources import Remote
from seq2exp_tracks.resources.store import Store
from seq2exp_tracks.resources.transfer import NotThereError, StoppedError, Transfer
from seq2exp_tracks.resources.unawaited import begin
from seq2exp_tracks.resources.unfinished import arrived, download_path

LARGE = 1_000_000_000
"""Bytes above which is asked before anything is fetched."""

_AT_ONCE = 4
# Left free beside what is fetched.
_SPARE = 100_000_000
# Seconds in which what arrives at the moment is written; for a server that is silent nobody waits longer.
_LAST_WORDS = 1.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file that is to be in the store.

    Attributes:
        name: What the user calls it, such as `K562 signal:DNase`.
        remote: Where it comes from.
        fasta: Whether it is the sequence of a genome.
    """

    name: str
    remote: Remote
    fasta: bool = False


class Fetcher:
    """Fetches what lacks.

    Args:
        store: Where files lie.
        way: How addresses are reached.
        transfer: Who asks servers.
        progress: Who is told.
        confirm: Is told how much is to be fetched where that is much, and raises if it must not be.
        free: Free bytes of the disk that a folder is on.

    Attributes:
        store: Where files lie.
        way: How addresses are reached.
        transfer: Who asks servers.
    """

    def __init__(
        self,
        store: Store,
        way: Way,
        transfer: Transfer,
        progress: Progress,
        confirm: Callable[[str], None],
        free: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free,
    ) -> None:
        self.store, self.way, self.transfer = store, way, transfer
        self._progress, self._confirm, self._free = progress, confirm, free
        self._begun: set[Path] = set()

    def ensure(self, wanted: Sequence[Wanted], lacking: Mapping[str, str] | None = None) -> dict[str, Path]:
        """Sees to it that files are in the store.

        Args:
            wanted: The files.
            lacking: Others that lack, which only a connection would tell more of: where to put each, by name.

        Returns:
            Where each lies, by its name.

        Raises:
            InputError: If one cannot be had, with the place to put it by hand; or if nothing may be fetched.
            OutputError: If the store cannot be written, or the disk has no room.
        """
        absent = self._absent(wanted)
        if self.way.offline and (absent or lacking):
            raise _put_by_hand(self.store, absent, lacking or {})
        if not absent and all(self.store.record(self.store.path(file.remote)) for file in wanted):
            return self._adopted(wanted)
        # Another process may be at it, or have brought them meanwhile.
        with self.store.locked(self._progress):
            if absent := self._absent(wanted):
                self._fetch(absent)
            return self._adopted(wanted)

    def kept(self) -> str:
        """What an interrupted fetch leaves for the next one, in words; empty where it leaves nothing."""
        whole = sum(path.exists() for path in self._begun)
        parts = [size for path in self._begun if not path.exists() and (size := arrived(download_path(path)))]
        told = [_counted(whole, "file that arrived")] if whole else []
        told += [f"{size_text(sum(parts))} of {_counted(len(parts), 'unfinished file')}"] if parts else []
        return f"{' and '.join(told)} kept in {self.store.folder}" if told else ""

    def _adopted(self, wanted: Sequence[Wanted]) -> dict[str, Path]:
        return {file.name: adopt(self.store, file.remote, fasta=file.fasta) for file in wanted}

    def _absent(self, wanted: Iterable[Wanted]) -> list[Wanted]:
        """What lacks, each file once."""
        by_place = {file.remote.place: file for file in wanted}
        return [file for file in by_place.values() if not self.store.path(file.remote).exists()]

    def _fetch(self, wanted: Sequence[Wanted]) -> None:
        """Fetches files after all has been asked: sizes, the user, the disk."""
        sizes = [self._size(file) for file in wanted]
        # A copy of a mirror's file begins anew.
        goes_on = (file.remote for file in wanted if isinstance(self.way.to(file.remote.address), str))
        here = sum(arrived(download_path(self.store.path(remote))) for remote in goes_on)
        total = sum(size or 0 for size in sizes)
        left = max(0, total - here)
        told = f"{'' if None not in sizes else 'at least '}{size_text(left)}"
        files = f"{len(wanted)} {'file' if len(wanted) == 1 else 'files'}"
        unverified = sum(not file.remote.verified for file in wanted)
        self._progress.note(
            f"fetching {files} ({told}) into {self.store.folder}"
            + (f"; {unverified} from unverified addresses" if unverified else "")
        )
        if left > LARGE:
            self._confirm(f"{told} in {files}")
        self._check_room(wanted, sizes, left)
        meter = Meter(self._progress, f"Fetching {files} (MB)", total)
        meter.add(here)
        self._begun |= {self.store.path(file.remote) for file in wanted}
        stop = Event()
        # Threads only bring bytes: what must not be left half done is done here, one file at a time.
        futures = begin([partial(self._arrive, file, meter, stop) for file in wanted], _AT_ONCE)
        arriving = dict(zip(futures, wanted, strict=True))
        try:
            for future in as_completed(futures):
                future.result()  # the first error ends it
                publish_download(self.store, arriving[future].remote, fasta=arriving[future].fasta)
        finally:
            # Ctrl-C, too, ends here: what has arrived stays for the next time.
            stop.set()
            wait(futures, _LAST_WORDS)

    def _arrive(self, file: Wanted, meter: Meter, stop: Event) -> None:
        """Fetches one file, which has its hidden name then."""
        if stop.is_set():
            raise StoppedError
        path = self.store.path(file.remote)
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        at = self.way.to(file.remote.address)
        try:
            if isinstance(at, Path):
                if not copy_of_mirror(at, download_path(path), meter.add, stop.is_set):
                    raise StoppedError
            else:
                self.transfer.fetch(at, download_path(path), meter.add, stop)
        except NotThereError as error:
            raise _by_hand(error, file, path) from error

    def _size(self, file: Wanted) -> int | None:
        """Bytes of a file where it comes from, or None."""
        at = self.way.to(file.remote.address)
        path = self.store.path(file.remote)
        if isinstance(at, Path):
            if not at.is_file():
                raise _by_hand(NotThereError(f"{at}: not there"), file, path)
            return at.stat().st_size
        try:
            return self.transfer.size(at)
        except NotThereError as error:
            raise _by_hand(error, file, path) from error

    def _check_room(self, wanted: Sequence[Wanted], sizes: Sequence[int | None], left: int) -> None:
        """Looks whether the disk has room: a sequence lies there twice while it is compressed anew."""
        folder = self.store.folder
        twice = sum(size or 0 for file, size in zip(wanted, sizes, strict=True) if file.fasta)
        needed, free = left + twice, self._free(folder)
        if needed + _SPARE > free:
            raise OutputError(
                f"{folder}: {size_text(needed)} to fetch and {size_text(free)} free; free some space, or "
                "choose another folder with --data-folder"
            )


def _counted(count: int, what: str) -> str:
    """`1 file that arrived`, `2 files that arrived`."""
    return f"{count} {what if count == 1 else what.replace('file', 'files')}"


def _by_hand(error: NotThereError, file: Wanted, path: Path) -> InputError:
    return InputError(
        f"{file.name}: {error}; get the file by hand and put it at {path}, or name another address in "
        "resources.toml (docs/resources.md)"
    )


def _put_by_hand(store: Store, wanted: Sequence[Wanted], lacking: Mapping[str, str]) -> InputError:
    """What lacks where nothing may be fetched, with the place of each."""
    places = [
        (f"  {file.name}: {file.remote.address}", f"    to {store.path(file.remote)}") for file in wanted
    ]
    return InputError(
        "--offline, and these files are not here; put each at its place, or go without --offline:",
        *(line for place in places for line in place),
        *(f"  {name}: {place}" for name, place in lacking.items()),
    )
