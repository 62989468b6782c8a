"""Inputs that are not on this machine: fetched whole into a cache before anything reads them.

Of the libraries that read the formats some know addresses, each a few and in a way of its own; fetched files
are read alike, are checked, and stay as they are while a run reads them. An index is never fetched: one that
belongs to another file gives wrong bases and no error. It is made here.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, Self

from seq2exp_tracks.errors import InputError, OutputError
from seq2exp_tracks.io.checksum import sha256_of
from seq2exp_tracks.io.whole_file import partial_path, publish, whole_file
from seq2exp_tracks.io.writing import writing
from seq2exp_tracks.progress import Progress
from seq2exp_tracks.resources.address import CACHE_VARIABLE, CLOUD, Address
from seq2exp_tracks.resources.cache_locks import begin_reading, fetching, is_read
from seq2exp_tracks.resources.cloud import Cloud
from seq2exp_tracks.resources.fetching import LARGE
from seq2exp_tracks.resources.meter import Meter
from seq2exp_tracks.resources.sizes import size_text
from seq2exp_tracks.resources.store import record_path
from seq2exp_tracks.resources.transfer import Transfer
from seq2exp_tracks.resources.unfinished import State, arrived, download_path, forget

KIND = "remote"
"""Folder of the cache for inputs."""

_SPARE = 100_000_000


class Origin(Protocol):
    """Where one file comes from."""

    def state(self) -> State:
        """Size and validator of the file."""

    def fetch(self, to: Path, tell: Callable[[int], None]) -> None:
        """Copies it, and tells of bytes that have arrived."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """The record of a file in the cache.

    Attributes:
        address: Where it came from, as it may be shown.
        bytes: Its size.
        validator: What named its state there; None where nobody told.
        sha256: What it holds.
        when: When it arrived, ISO 8601 in UTC.
    """

    address: str
    bytes: int
    validator: str | None
    sha256: str
    when: str

    def remark(self) -> str:
        """What every output tells of it."""
        return f"fetched: {self.address} (sha256 {self.sha256[:12]}…)"


class RemoteInputs:
    """Fetches inputs that are not in the cache, or are others by now.

    A context manager: until it is left, nobody replaces what it has fetched.

    Args:
        transfer: Asks web servers.
        progress: Who is told.
        confirm: Is told how much is to be fetched where that is much, and raises if it must not be.
        offline: Whether nothing is fetched, and what is in the cache is taken as it is.
    """

    def __init__(
        self, transfer: Transfer, progress: Progress, confirm: Callable[[str], None], *, offline: bool
    ) -> None:
        self._transfer, self._progress, self._confirm = transfer, progress, confirm
        self._offline = offline
        self._read: list[int] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        while self._read:
            os.close(self._read.pop())

    def fetch(self, address: Address) -> Fetched:
        """Sees to it that a file lies at its place in the cache.

        Raises:
            InputError: If it cannot be had, or changes meanwhile.
            OutputError: If it cannot be written.
        """
        path = address.place(KIND)
        with fetching(path.parent, self._progress):
            fetched = self._known(address, path) if self._offline else self._asked(address, path)
            self._read.append(begin_reading(path.parent))
        return fetched

    def _known(self, address: Address, path: Path) -> Fetched:
        """What is in the cache."""
        known = _record(path)
        if known is None:
            raise InputError(f"--offline, and {address.shown} is not in the cache; go without --offline")
        return known

    def _asked(self, address: Address, path: Path) -> Fetched:
        """What is in the cache if it is that of the server still, else what the server has."""
        known, origin = _record(path), self._origin(address)
        state = origin.state()
        if known is not None:
            same = state == State(known.bytes, known.validator) and state.validator is not None
            if not same and is_read(path.parent):
                raise InputError(
                    f"{address.shown}: not known to be as on {known.when}, and another command reads what "
                    f"came then; wait for it, or name another folder with {CACHE_VARIABLE}"
                )
            when = f"as on {known.when}" if same else f"not known to be as on {known.when}: fetched again"
            self._progress.note(f"{address.shown}: {when}")
            if same:
                return known
        return self._arrived(address, path, origin, state)

    def _arrived(self, address: Address, path: Path, origin: Origin, state: State) -> Fetched:
        """Fetches a file; it takes its name when it is whole, and its record comes last."""
        self._check_room(path, address, state.bytes or 0)
        download = download_path(path)
        self._progress.note(f"fetching {address.shown} ({_told(state.bytes)}) into {path.parent}")
        origin.fetch(download, Meter(self._progress, f"Fetching {path.name} (MB)", state.bytes or 0).add)
        size, later = download.stat().st_size, origin.state()
        if later != state or size != (state.bytes if state.bytes is not None else size):
            forget(download)
            raise InputError(f"{address.shown}: changed while it was fetched; give the same command again")
        digest = sha256_of(download)
        when = datetime.now(UTC).isoformat(timespec="seconds")
        fetched = Fetched(address.shown, size, state.validator, digest, when)
        with writing(path):
            record_path(path).unlink(missing_ok=True)
            for index in path.parent.glob(f"{path.name}.*"):
                index.unlink()  # of what was there before
            download.replace(partial_path(path))
        publish(path)
        forget(download)
        with whole_file(record_path(path)) as partial:
            partial.write_text(json.dumps(asdict(fetched), indent=1) + "\n", encoding="utf-8")
        return fetched

    def _check_room(self, path: Path, address: Address, size: int) -> None:
        free = shutil.disk_usage(path.parent).free
        if size + _SPARE > free:
            raise OutputError(
                f"{path.parent}: {size_text(size)} to fetch and {size_text(free)} free; free some space, or "
                f"name another folder with {CACHE_VARIABLE}"
            )
        if size > LARGE:
            self._confirm(f"{size_text(size)} from {address.shown}")

    def _origin(self, address: Address) -> Origin:
        return Cloud(address) if address.scheme in CLOUD else _Web(self._transfer, address)


@dataclass(frozen=True, slots=True)
class _Web:
    """A file of a web server: what has arrived of one is gone on with."""

    transfer: Transfer
    address: Address

    def state(self) -> State:
        """Size and validator of the file."""
        with self._told():
            return self.transfer.state(self.address.url)

    def fetch(self, to: Path, tell: Callable[[int], None]) -> None:
        """Copies what is not there yet; who interrupts it is told what stays."""
        try:
            with self._told():
                self.transfer.fetch(self.address.url, to, tell)
        except KeyboardInterrupt as error:
            raise KeyboardInterrupt(
                f"{size_text(arrived(to))} of {self.address.shown} kept in {to.parent}; "
                "the same command goes on where it was"
            ) from error

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Keeps what is signed out of messages."""
        try:
            yield
        except InputError as error:
            raise InputError(self.address.hidden(str(error))) from None


def _record(path: Path) -> Fetched | None:
    """The record of a file that lies in the cache whole; None if anything is wrong with either."""
    try:
        record = Fetched(**json.loads(record_path(path).read_text(encoding="utf-8")))
        return record if path.stat().st_size == record.bytes else None
    except (OSError, ValueError, TypeError):
        return None


def _told(size: int | None) -> str:
    return "nobody tells how much" if size is None else size_text(size)
