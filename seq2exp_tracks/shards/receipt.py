"""The receipt of a shard: what it was made from, what made it, and the checksum of what came out.

A small JSON file beside the shard's scores, written when those are on the disk. Without a receipt that fits
there is no shard: whoever goes on with a run computes it again.
"""

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from seq2exp_tracks.io.whole_file import whole_file
from seq2exp_tracks.manifest import Json
from seq2exp_tracks.shards.identity import checksum

FORMAT = "seq2exp-tracks shard"
VERSION = "1.0"

SCORES = ".parquet"
"""What the name of a shard's scores ends with."""

RECEIPT = ".json"
"""What that of its receipt ends with."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What there is to say of a shard that is whole.

    Attributes:
        shard: Its number.
        genes: How many genes it holds.
        key: Checksum of what decides its scores; see `Identity.key`.
        path: What computed it; see `Identity.path`.
        sha256: Checksum of the file of its scores.
        bytes: Size of that file.
        seconds: How long it took.
        finished: When, ISO 8601 with time zone.
        host: Where.
    """

    shard: int
    genes: int
    key: str
    path: dict[str, Json]
    sha256: str
    bytes: int
    seconds: float
    finished: str
    host: str

    def write(self, file: Path) -> None:
        """Writes the receipt, whole or not at all.

        Raises:
            OutputError: If it cannot be written.
        """
        with whole_file(file, alone=False) as partial:
            partial.write_text(self._text(), encoding="utf-8")

    @classmethod
    def read(cls, file: Path) -> "Receipt | None":
        """The receipt in a file; None if there is none, or it is not as it was written, byte for byte."""
        try:
            text = file.read_bytes().decode()
            content = json.loads(text)
            receipt = cls(**{field.name: content[field.name] for field in fields(cls)})
            return receipt if receipt._text() == text else None
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
            return None

    @classmethod
    def fitting(cls, folder: Path, shard: str, key: str) -> "Receipt | None":
        """The receipt of a shard that is made from the same things and whole by its size; else None.

        Args:
            folder: The folder of shards.
            shard: Name of the shard.
            key: Checksum of what decides its scores.
        """
        receipt = cls.read(folder / f"{shard}{RECEIPT}")
        if receipt is None or receipt.key != key:
            return None
        try:
            size = (folder / f"{shard}{SCORES}").stat().st_size
        except OSError:
            return None
        return receipt if size == receipt.bytes else None

    def _text(self) -> str:
        """What the file says: the one spelling of this receipt in this version of the format."""
        content: dict[str, Any] = {"format": FORMAT, "version": VERSION} | asdict(self)
        return json.dumps(content | {"checksum": checksum(content)}, indent=1) + "\n"
