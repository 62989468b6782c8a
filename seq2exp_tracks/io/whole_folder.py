"""A folder that is written whole or not at all.

Files are written into a hidden folder inside it, on the same file system, and take their final names only
when all of them are done, last the record that lists them. So a folder with a record is whole, and writing
that fails, is interrupted or killed leaves an older content as it was.

Where a process is killed while files take their names, the folder has no record; a list that was written
before tells the next one what to remove.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Self

from seq2exp_tracks.errors import OutputError
from seq2exp_tracks.io.lock_file import told_holder
from seq2exp_tracks.io.writing import writing

PARTIAL = ".partial"

# In the hidden folder: lists, as a record does, what has no place in the folder while that has no record.
_MOVING = ".moving"


class WholeFolder:
    """A folder to be written; a context manager inside which files are written by `path`.

    Leaving it without an error moves the files to their final names. Leaving it by any exception, Ctrl-C
    included, removes them.

    Args:
        folder: The folder; it and its parents are made if they are missing.
        record: Name of the file, JSON, whose `files` lists the others by name, or as objects with a `path`.
        what: What the folder holds, such as `run`.
        overwrite: Whether older content may be replaced, when the new one is whole: the files that its record
            lists are removed, others stay.
        names: Names that may be written, to be refused at the start where they are taken; None refuses a
            folder that holds anything.
        holder: Name of a `lock_file` in the folder that says who writes to it.

    Raises:
        OutputError: If the folder holds what may not be replaced, is no folder or cannot be written, or
            another process writes to it.
    """

    def __init__(
        self,
        folder: Path,
        record: str,
        what: str,
        *,
        overwrite: bool,
        names: Collection[str] | None,
        holder: str | None = None,
    ) -> None:
        self._folder = folder
        self._record = record
        self._what = what
        self._overwrite = overwrite
        self._names = names
        self._holder = holder
        self._lock = -1
        self._made = False
        self._removed: list[str] = []

    @property
    def partial(self) -> Path:
        """Where the files are until all are done."""
        return self._folder / PARTIAL

    def path(self, name: str) -> Path:
        """Where to write a file, given its final name, relative to the folder."""
        path = self.partial / name
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def check(self) -> None:
        """Refuses, before any work is done for it, what could not be replaced; writes nothing.

        Raises:
            OutputError: If the folder holds what may not be replaced, or is no folder.
        """
        if self._was_moving():  # what is there of it goes when the folder is entered, which looks again
            return
        with writing(self._folder):
            there = {path.name for path in self._folder.iterdir()} if self._folder.exists() else set()
        self._refuse_taken(there - {PARTIAL} if self._names is None else {self._record, *self._names})

    def remove_when_whole(self, name: str) -> None:
        """Has a folder in it removed when all files have their final names, and not before."""
        self._removed.append(name)

    def __enter__(self) -> Self:
        with writing(self._folder):
            self._made = not self._folder.exists()
            self._folder.mkdir(parents=True, exist_ok=True)
        self._take_lock()
        try:
            with writing(self._folder):
                # What a killed process left behind.
                if self._was_moving():
                    self._remove(_listed_files(self.partial / _MOVING))
                    (self.partial / _MOVING).unlink()
            self.check()
            with writing(self._folder):
                if self.partial.exists():
                    shutil.rmtree(self.partial)
                self.partial.mkdir()
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                with writing(self._folder):
                    self._publish()
                for name in self._removed:
                    shutil.rmtree(self._folder / name, ignore_errors=True)
        finally:
            shutil.rmtree(self.partial, ignore_errors=True)
            self._leave()

    def _take_lock(self) -> None:
        """Keeps a second process out; the system lets go of the lock if this one dies."""
        with writing(self._folder):
            self._lock = os.open(self._folder, os.O_RDONLY)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._lock)
            by = "" if self._holder is None else told_holder(self._folder / self._holder)
            raise OutputError(
                f"{self._folder}: another {self._what} is being written to it{by}; wait or choose another "
                "folder"
            ) from error
        except OSError:
            # Some network file systems know no locks: there a second process is not noticed.
            pass

    def _leave(self) -> None:
        """Removes the folder if it was made for nothing, and gives the lock back."""
        if self._made:
            with suppress(OSError):
                self._folder.rmdir()
        os.close(self._lock)

    def _refuse_taken(self, names: Collection[str]) -> None:
        taken = sorted(name for name in names if os.path.lexists(self._folder / name))
        if not taken or self._overwrite:
            return
        what = f"a {self._what}" if self._record in taken else taken[0]
        raise OutputError(
            f"{self._folder}: holds {what} already; choose another folder or replace it with --overwrite"
        )

    def _publish(self) -> None:
        """Moves the files to their final names, the record last."""
        files = sorted(path for path in self.partial.rglob("*") if path.is_file())
        names = [path.relative_to(self.partial).as_posix() for path in files]
        if self._record not in names:
            raise ValueError(f"{self._folder}: a {self._what} without {self._record} is not whole")
        names.remove(self._record)
        self._refuse_taken(names)
        for name in [*names, self._record]:
            _sync(self.partial / name)
        older = _listed_files(self._folder / self._record)
        (self.partial / _MOVING).write_text(json.dumps({"files": [*older, *names]}), encoding="utf-8")
        _sync(self.partial / _MOVING)
        # Without it the folder is not whole any more, so that it goes before what it lists.
        (self._folder / self._record).unlink(missing_ok=True)
        self._remove(older)
        moved: list[Path] = []
        try:
            for name in [*names, self._record]:
                final = self._folder / name
                final.parent.mkdir(parents=True, exist_ok=True)
                moved.append(final)
                if name == self._record:
                    _sync(self._folder)
                (self.partial / name).replace(final)
        except BaseException:
            for path in moved:
                path.unlink(missing_ok=True)
            raise
        _sync(self._folder)

    def _was_moving(self) -> bool:
        """Whether a process was killed while files took their names: some have them, and not the record."""
        written = (self.partial / _MOVING).exists() and (self.partial / self._record).exists()
        return written and not (self._folder / self._record).exists()

    def _remove(self, names: Sequence[str]) -> None:
        """Removes files in the folder, and folders in it that are empty then."""
        for name in names:
            with suppress(FileNotFoundError):
                (self._folder / name).unlink()
            with suppress(OSError):
                (self._folder / name).parent.rmdir()


def _listed_files(record: Path) -> list[str]:
    """The files that a record lists; none outside its folder, and none if it cannot be read."""
    try:
        entries = json.loads(record.read_bytes())["files"]
        paths = [PurePosixPath(entry["path"] if isinstance(entry, dict) else entry) for entry in entries]
    except (OSError, ValueError, LookupError, TypeError):
        return []
    return [str(path) for path in paths if not path.is_absolute() and ".." not in path.parts]


def _sync(path: Path) -> None:
    """Waits until a file, or the names in a folder, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
