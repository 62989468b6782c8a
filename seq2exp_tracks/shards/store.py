"""The shards of a run that is not whole yet, in a hidden folder beside its files.

A shard counts when its scores are on the disk and its receipt says so; everything else is computed again.
"""

import hashlib
import platform
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import Gene
from seq2exp_tracks.io.checksum import sha256_of
from seq2exp_tracks.io.run_folder import LOCK, SHARDS
from seq2exp_tracks.io.whole_file import PARTIAL_FILES, whole_in_the_end
from seq2exp_tracks.io.writing import writing
from seq2exp_tracks.manifest import Json
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.shards.content import ShardFile, read_scores
from seq2exp_tracks.shards.failures import FAILED, failures, write_failure
from seq2exp_tracks.shards.identity import Identity
from seq2exp_tracks.shards.plan import Shard
from seq2exp_tracks.shards.receipt import RECEIPT, SCORES, Receipt
from seq2exp_tracks.windows import Window


class ShardStore:
    """Keeps and gives back the shards of one run.

    Args:
        run: The run's folder.
        identity: What decides the scores.
        window_of: The window of a gene.
        unchanged: Called when a shard is done, before it counts; raises if its inputs are not what they were.
    """

    def __init__(
        self,
        run: Path,
        identity: Identity,
        window_of: Callable[[Gene], Window],
        unchanged: Callable[[], None] = lambda: None,
    ) -> None:
        self.folder = run / SHARDS
        self.identity = identity
        self.unchanged = unchanged
        self._window_of = window_of

    def receipt(self, shard: Shard) -> Receipt | None:
        """The receipt of a shard that is made from the same things and whole by its size; else None."""
        return Receipt.fitting(self.folder, shard.name, self.identity.key(shard))

    def is_whole(self, shard: Shard) -> bool:
        """Whether a shard is there and every byte of it as it was written."""
        receipt = self.receipt(shard)
        try:
            return receipt is not None and sha256_of(self._scores(shard)) == receipt.sha256
        except InputError:
            return False

    def is_damaged(self, shard: Shard) -> bool:
        """Whether a shard was there once, and is not as it was written.

        One that was made from other things is whole, but not of this run.
        """
        file = self._receipt(shard)
        receipt = Receipt.read(file)
        if receipt is None:
            return file.exists()
        return receipt.key == self.identity.key(shard) and not self.is_whole(shard)

    def paths(self, shards: Iterable[Shard]) -> list[dict[str, Json]]:
        """What computed some shards that are there, each path once."""
        receipts = [receipt for shard in shards if (receipt := self.receipt(shard)) is not None]
        return other_paths(receipts, {})

    def write(self, shard: Shard, scores: Iterable[WindowScores]) -> None:
        """Writes a shard and its receipt.

        Args:
            shard: The shard.
            scores: Those of its genes, in their order, computed as they are asked for; what they raise is
                raised as it is, and nothing is left.

        Raises:
            OutputError: If it cannot be written.
            InputError: If an input has changed meanwhile.
        """
        began, path, key = time.monotonic(), self._scores(shard), self.identity.key(shard)
        with writing(self._receipt(shard)):
            self._failure(shard).unlink(missing_ok=True)
            self._receipt(shard).unlink(missing_ok=True)  # it would not fit what comes now
        with whole_in_the_end(path, alone=False) as partial, _Hashing(partial, path) as hashing:
            with ShardFile(hashing, path, key) as shard_file:
                for gene, one in zip(shard.genes, scores, strict=True):
                    if one.window.gene != gene:
                        raise ValueError(f"shard {shard.name}: scores of {one.window.gene.id} for {gene.id}")
                    shard_file.add(one)
            self.unchanged()
        Receipt(
            shard=shard.number,
            genes=len(shard.genes),
            key=key,
            path=dict(self.identity.path),
            sha256=hashing.sha256.hexdigest(),
            bytes=hashing.bytes,
            seconds=round(time.monotonic() - began, 3),
            finished=datetime.now(UTC).isoformat(timespec="seconds"),
            host=platform.node(),
        ).write(self._receipt(shard))

    def read(self, shard: Shard) -> Iterator[WindowScores]:
        """The scores of a shard, window by window.

        Raises:
            InputError: If the file is damaged; it does not count any more then.
        """
        try:
            yield from read_scores(self._scores(shard), [self._window_of(gene) for gene in shard.genes])
        except InputError as error:
            self._receipt(shard).unlink(missing_ok=True)
            raise InputError(
                f"{error}; give the same command again, `merge` with --compute-missing, which computes it "
                "anew"
            ) from error

    def set_aside(self, shard: Shard, why: str) -> None:
        """Says of a shard why it is not there, for whoever asks how the run stands."""
        write_failure(self.folder, shard.name, why)

    def failures(self) -> dict[int, str]:
        """Why shards were set aside, by their number."""
        return failures(self.folder)

    def holds_shards(self) -> bool:
        """Whether any shard has a receipt."""
        return any(self.folder.glob(f"[0-9]*{RECEIPT}"))

    def keep_only(self, shards: Sequence[Shard]) -> None:
        """Removes files of shards that the run does not have, and what killed processes left half-written.

        Raises:
            OutputError: If one cannot be removed.
        """
        names = {shard.name for shard in shards}
        others = [file for file in self.folder.glob("[0-9]*") if file.stem not in names]
        with writing(self.folder):
            for file in (*others, *self.folder.glob(PARTIAL_FILES)):
                file.unlink(missing_ok=True)

    def clear(self) -> None:
        """Removes all shards; locks stay, for whoever waits for one.

        Raises:
            OutputError: If one cannot be removed.
        """
        with writing(self.folder):
            for file in self.folder.iterdir():
                if file.name != LOCK and file.suffix != ".lock":
                    file.unlink(missing_ok=True)

    def _scores(self, shard: Shard) -> Path:
        return self.folder / f"{shard.name}{SCORES}"

    def _receipt(self, shard: Shard) -> Path:
        return self.folder / f"{shard.name}{RECEIPT}"

    def _failure(self, shard: Shard) -> Path:
        return self.folder / f"{shard.name}{FAILED}"


def other_paths(receipts: Sequence[Receipt], path: dict[str, Json]) -> list[dict[str, Json]]:
    """The paths of shards that were computed by another one, each once."""
    others: list[dict[str, Json]] = []
    for receipt in receipts:
        if receipt.path != path and receipt.path not in others:
            others.append(receipt.path)
    return others


class _Hashing:
    """A new file that sums up what is written to it; a context manager, which closes it.

    Args:
        partial: Where it is written.
        path: Its name, for messages.

    Raises:
        OutputError: If it cannot be made, or in the end not be written; before, whoever writes is told.
    """

    def __init__(self, partial: Path, path: Path) -> None:
        self._path = path
        self.sha256 = hashlib.sha256()
        self.bytes = 0
        self.closed = False
        with writing(path):
            self._file = partial.open("wb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        with writing(self._path):
            self._file.close()

    def write(self, content: Any) -> int:
        """Writes some bytes."""
        self.sha256.update(content)
        written = self._file.write(content)
        self.bytes += written
        return written

    def tell(self) -> int:
        """Where the next byte goes."""
        return self.bytes

    def flush(self) -> None:
        """Hands on what is buffered."""
        self._file.flush()

    def close(self) -> None:
        """Leaves the file open: the end of the body closes it."""
