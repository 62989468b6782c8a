"""The folder that a run is written to: whole or not at all.

Files are written into a hidden folder inside it, on the same file system, and take their final names only
when the whole run is done, the manifest last. So a folder with a manifest is a whole run, and a run that
fails, is interrupted or killed leaves an older one as it was.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path, PurePosixPath
from types import TracebackType

from seq2exp_tracks.errors import OutputError
from seq2exp_tracks.io.writing import writing

MANIFEST = "manifest.json"
PARTIAL = ".partial"


class RunFolder:
    """A folder for one run; a context manager inside which files are written by `path`.

    Leaving it without an error moves the files to their final names. Leaving it by any exception, Ctrl-C
    included, removes them.

    Args:
        folder: The folder; it and its parents are made if they are missing.
        overwrite: Whether an older run in it may be replaced, when the new one is whole.
        names: Names that the run may write, to be refused at the start where they are taken.

    Raises:
        OutputError: If the folder holds a run or one of the names, is no folder or cannot be written, or
            another run is being written to it.
    """

    def __init__(self, folder: Path, *, overwrite: bool = False, names: Collection[str] = ()) -> None:
        self._folder = folder
        self._overwrite = overwrite
        self._names = names
        self._lock = -1
        self._made = False

    @property
    def partial(self) -> Path:
        """Where the files are until the run is whole."""
        return self._folder / PARTIAL

    def path(self, name: str) -> Path:
        """Where to write a file of the run, given its final name, relative to the folder."""
        path = self.partial / name
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def __enter__(self) -> "RunFolder":
        with writing(self._folder):
            self._made = not self._folder.exists()
            self._folder.mkdir(parents=True, exist_ok=True)
        self._take_lock()
        try:
            self._refuse_taken({MANIFEST, *self._names})
            with writing(self._folder):
                # What a killed process left behind.
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
            raise OutputError(
                f"{self._folder}: another run is being written to it; wait or choose another folder"
            ) from error
        except OSError:
            # Some network file systems know no locks: there a second run is not noticed.
            pass

    def _leave(self) -> None:
        """Gives the lock back, and removes the folder if it was made for nothing."""
        os.close(self._lock)
        if self._made:
            with suppress(OSError):
                self._folder.rmdir()

    def _refuse_taken(self, names: Collection[str]) -> None:
        taken = sorted(name for name in names if os.path.lexists(self._folder / name))
        if not taken or self._overwrite:
            return
        what = "a run" if MANIFEST in taken else taken[0]
        raise OutputError(
            f"{self._folder}: holds {what} already; choose another folder or replace it with --overwrite"
        )

    def _publish(self) -> None:
        """Moves the files to their final names, the manifest last."""
        files = sorted(path for path in self.partial.rglob("*") if path.is_file())
        names = [path.relative_to(self.partial).as_posix() for path in files]
        if MANIFEST not in names:
            raise ValueError(f"{self._folder}: a run without {MANIFEST} is not whole")
        names.remove(MANIFEST)
        self._refuse_taken(names)
        for name in [*names, MANIFEST]:
            _sync(self.partial / name)
        self._remove_old_run()
        moved: list[Path] = []
        try:
            for name in [*names, MANIFEST]:
                final = self._folder / name
                final.parent.mkdir(parents=True, exist_ok=True)
                moved.append(final)
                if name == MANIFEST:
                    _sync(self._folder)
                (self.partial / name).replace(final)
        except BaseException:
            for path in moved:
                path.unlink(missing_ok=True)
            raise
        _sync(self._folder)

    def _remove_old_run(self) -> None:
        """Removes the manifest of an older run first, so that it is no run any more, then its files."""
        manifest = self._folder / MANIFEST
        listed = _listed_files(manifest)
        manifest.unlink(missing_ok=True)
        for name in listed:
            with suppress(FileNotFoundError):
                (self._folder / name).unlink()
            with suppress(OSError):
                (self._folder / name).parent.rmdir()


def _listed_files(manifest: Path) -> list[str]:
    """The files that an older manifest lists; none outside its folder, and none if it cannot be read."""
    try:
        names = [entry["path"] for entry in json.loads(manifest.read_bytes())["files"]]
        paths = [PurePosixPath(name) for name in names]
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
