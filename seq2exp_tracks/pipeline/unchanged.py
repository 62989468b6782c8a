"""Files that are replaced or written to while a run reads them: what comes of them is of neither content."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Self

from seq2exp_tracks.errors import InputError


class FileState(NamedTuple):
    """What changes when a file is replaced or written to.

    Attributes:
        inode: Its number on the disk.
        size: Bytes.
        mtime_ns: When its content changed.
    """

    inode: int
    size: int
    mtime_ns: int

    @classmethod
    def of(cls, path: Path) -> "FileState | None":
        """The state of a file now; None if it is gone."""
        try:
            status = path.stat()
        except OSError:
            return None
        return cls(status.st_ino, status.st_size, status.st_mtime_ns)


@dataclass(frozen=True, slots=True)
class Unchanged:
    """Compares files with what they were.

    Attributes:
        states: What they were.
    """

    states: Mapping[Path, FileState | None]

    @classmethod
    def of(cls, paths: Iterable[Path]) -> Self:
        """Remembers what files are now; to be called before any of them is opened."""
        return cls({path: FileState.of(path) for path in paths})

    def only(self, paths: Iterable[Path]) -> "Unchanged":
        """The same of some of them."""
        return Unchanged({path: self.states[path] for path in paths})

    def __call__(self) -> None:
        """Looks at each of them.

        Raises:
            InputError: If one is not what it was.
        """
        for path, state in self.states.items():
            if FileState.of(path) != state:
                raise InputError(
                    f"{path}: changed while the run was reading it; the shards before are kept: put the file "
                    "back and give the same command again, or begin anew with --overwrite"
                )
