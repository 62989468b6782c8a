"""A folder that is written whole or not at all.

Files are written into a hidden folder inside it, on the same file system, and take their final names only
when all of them are done, last the record that lists them. So a folder with a record is whole, and writing
that fails or is interrupted leaves an older content as it was; so does a process that is killed, but for the
moment in which files take their names.

A file in the hidden folder is locked by who writes: network file systems know no locks on folders.
"""

import os
import shutil
from collections.abc import Collection
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from seq2exp_tracks.errors import OutputError
from seq2exp_tracks.io.interrupts import interrupts_held
from seq2exp_tracks.io.listed_files import files_listed
from seq2exp_tracks.io.lock_file import held
from seq2exp_tracks.io.on_disk import sync
from seq2exp_tracks.io.taking_names import clear_if_killed, take_names, was_killed
from seq2exp_tracks.io.writing import writing

PARTIAL = ".partial"

_LOCK = ".lock"


class WholeFolder:
    """A folder to be written; a context manager inside which files are written by `path`.

    Leaving it without an error moves the files to their final names. Leaving it by any exception, Ctrl-C
    included, removes them. Ctrl-C while they take their names waits until all have them.

    Args:
        folder: The folder; it and its parents are made if they are missing.
        record: Name of the file, JSON, whose `files` lists the others by name, or as objects with a `path`.
        what: What the folder holds, such as `run`.
        overwrite: Whether older content may be replaced, when the new one is whole: the files that its record
            lists are removed, others stay.
        names: Names that may be written, to be refused at the start where they are taken; None refuses a
            folder that holds anything.

    Raises:
        OutputError: If the folder holds what may not be replaced, is no folder or cannot be written, or
            another process writes to it.
    """

    def __init__(
        self, folder: Path, record: str, what: str, *, overwrite: bool, names: Collection[str] | None
    ) -> None:
        self._folder = folder
        self._record = record
        self._what = what
        self._overwrite = overwrite
        self._names = names
        self._made = False
        self._removed: list[str] = []
        self._leaving = ExitStack()

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
        if was_killed(self._folder, self.partial, self._record):
            return  # what is there of it goes when the folder is entered, which looks again
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
            self.partial.mkdir(exist_ok=True)
        with ExitStack() as leaving:  # backwards
            leaving.callback(self._remove_empty)
            taken = f"{self._folder}: another {self._what} is being written to it"
            leaving.enter_context(held(self.partial / _LOCK, taken))
            leaving.callback(shutil.rmtree, self.partial, ignore_errors=True)
            with writing(self._folder):
                clear_if_killed(self._folder, self.partial, self._record)
            self.check()
            with writing(self._folder):
                self._remove_left_behind()
            self._leaving = leaving.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._leaving:
            if kind is not None:
                return
            with writing(self._folder):
                names = self._finished()
            with interrupts_held(f"{self._folder} holds the whole {self._what} by now"):
                with writing(self._folder):
                    take_names(self._folder, self.partial, names, self._record)
                for name in self._removed:
                    shutil.rmtree(self._folder / name, ignore_errors=True)
                self._leaving.close()

    def written(self) -> list[str]:
        """The names of the files that are written by now, in order."""
        files = (path for path in sorted(self.partial.rglob("*")) if path.is_file())
        names = (path.relative_to(self.partial).as_posix() for path in files)
        return [name for name in names if name != _LOCK]

    def _finished(self) -> list[str]:
        """The names of the files but the record, when all of them are on the disk."""
        names = self.written()
        if self._record not in names:
            raise ValueError(f"{self._folder}: a {self._what} without {self._record} is not whole")
        if gone := set(files_listed(self.partial / self._record)).difference(names):
            raise OutputError(
                f"{self._folder}: {min(gone)} is gone from {PARTIAL}, as where two processes write there; "
                "see to it that none does, and give the same command again"
            )
        for name in names:
            sync(self.partial / name)
        names.remove(self._record)
        self._refuse_taken(names)
        return names

    def _refuse_taken(self, names: Collection[str]) -> None:
        taken = sorted(name for name in names if os.path.lexists(self._folder / name))
        if not taken or self._overwrite:
            return
        what = f"a {self._what}" if self._record in taken else taken[0]
        raise OutputError(
            f"{self._folder}: holds {what} already; choose another folder or replace it with --overwrite"
        )

    def _remove_left_behind(self) -> None:
        """Removes what a killed process left in the hidden folder."""
        for path in self.partial.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            elif path.name != _LOCK:
                path.unlink()

    def _remove_empty(self) -> None:
        """Removes the hidden folder, if no other process is in it, and a folder that was made for nothing."""
        with suppress(OSError):
            self.partial.rmdir()  # NFS keeps a file, by another name, until it is closed
        if self._made:
            with suppress(OSError):
                self._folder.rmdir()
