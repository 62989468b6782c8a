"""The folder that fetched files lie in, with a record of each.

A file lies at `host/path` of its address, so that a store is laid out like a mirror. Its record lies
hidden beside it, and is there before the file has its name: what it holds is known and checked ever after.
A file that somebody put there by hand is taken as it is and gets its record at its first use.
"""

import json
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import platformdirs

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.io.checksum import sha256_of
from seq2exp_tracks.io.whole_file import whole_file
from seq2exp_tracks.progress import Progress
from seq2exp_tracks.resources.cache_locks import fetching
from seq2exp_tracks.resources.sources import OnHub, Remote

DATA_VARIABLE = "SEQ2EXP_TRACKS_DATA"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What is known of a file of the store.

    Attributes:
        address: Where it came from, or would have.
        bytes: Its size here.
        sha256: What it holds here.
        arrived_sha256: What it held when it arrived: another where it was compressed anew.
        when: When it arrived or was found, in UTC.
    """

    address: str
    bytes: int
    sha256: str
    arrived_sha256: str
    when: str

    @classmethod
    def of(cls, path: Path, address: str, arrived_sha256: str | None = None) -> Self:
        """Reads a file and describes it."""
        digest = sha256_of(path)
        return cls(
            address=address,
            bytes=path.stat().st_size,
            sha256=digest,
            arrived_sha256=arrived_sha256 or digest,
            when=datetime.now(UTC).isoformat(timespec="seconds"),
        )


class Store:
    """The folder of fetched files.

    Args:
        folder: The folder; else the one that the environment names, else one of the user's data.
    """

    def __init__(self, folder: Path | None = None) -> None:
        named = os.environ.get(DATA_VARIABLE)
        self.folder = folder or (Path(named) if named else platformdirs.user_data_path("seq2exp-tracks"))

    def path(self, remote: Remote) -> Path:
        """Where a file lies, or is to be put by hand."""
        return self.folder / remote.place

    def record(self, path: Path) -> Record | None:
        """The record of a file of the store, or None.

        Raises:
            InputError: If it is damaged.
        """
        place = record_path(path)
        try:
            return Record(**json.loads(place.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError) as error:
            raise InputError(f"{place}: not the record of a file ({error}); delete it") from error

    def digest(self, path: Path) -> str:
        """The sha256 of a file, from its record where it has one."""
        record = self.record(path)
        return record.sha256 if record else sha256_of(path)

    def write_record(self, path: Path, record: Record) -> None:
        """Writes the record of a file.

        Raises:
            OutputError: If it cannot be written.
        """
        with whole_file(record_path(path)) as partial:
            partial.write_text(json.dumps(asdict(record), indent=1), encoding="utf-8")

    def recorded(self) -> Iterator[Path]:
        """Every file of the store that has a record, there or gone, in order."""
        for place in sorted(self.folder.rglob(".record-*.json")):
            yield place.with_name(place.name.removeprefix(".record-").removesuffix(".json"))

    def lying_here(self, source: OnHub) -> list[str]:
        """Paths of the files of a repository that lie here."""
        folder = self.folder / Remote(address=f"{source.listing}/x").place.parts[0]
        folder = folder / source.hub / "resolve" / "main"
        return sorted(
            path.relative_to(folder).as_posix()
            for path in folder.rglob("*")
            if path.is_file() and not path.name.startswith(".")
        )

    def locked(self, progress: Progress | None = None) -> AbstractContextManager[None]:
        """Keeps other processes from fetching into the store; waits for one that does.

        Args:
            progress: Who is told where there is one.

        Raises:
            OutputError: If the folder cannot be written.
        """
        return fetching(self.folder, progress)


def record_path(path: Path) -> Path:
    """Where the record of a file lies."""
    return path.with_name(f".record-{path.name}.json")
