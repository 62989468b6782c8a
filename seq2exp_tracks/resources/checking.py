"""Reads the files of the store again and compares them with their records."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from seq2exp_tracks.io.checksum import sha256_of
from seq2exp_tracks.resources.store import Store


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of a file of the store.

    Attributes:
        path: The file.
        state: `same` as when it arrived, `changed`, or `gone`.
        when: When it arrived.
    """

    path: Path
    state: Literal["same", "changed", "gone"]
    when: str


def check_store(store: Store) -> Iterator[Finding]:
    """Reads every file that has a record.

    Raises:
        InputError: If a record is damaged.
    """
    for path in store.recorded():
        record = store.record(path)
        if record is None:
            continue
        if not path.exists():
            yield Finding(path, "gone", record.when)
        else:
            yield Finding(path, "same" if sha256_of(path) == record.sha256 else "changed", record.when)
