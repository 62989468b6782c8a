"""The folder of a simulated genome: whole or not at all.

Files are written into a hidden folder inside it and take their names when all are done, `parameters.json`
last. So a folder with that file is whole, and a simulation that fails or is interrupted leaves an older one
as it was.
"""

import fcntl
import json
import os
import shutil
from contextlib import suppress
from pathlib import Path, PurePosixPath
from types import TracebackType

from seq2exp_tracks.errors import OutputError
from seq2exp_tracks.io.writing import writing

RECORD = "parameters.json"
PARTIAL = ".partial"


class SimulationFolder:
    """A folder for one simulated genome; a context manager that yields where to write its files.

    Leaving it without an error moves the files to their final names. Leaving it by any exception, Ctrl-C
    included, removes them.

    Args:
        folder: The folder; it and its parents are made if they are missing.
        overwrite: Whether a folder that holds anything may be written to: files of an older simulation are
            replaced, others stay.

    Raises:
        OutputError: If the folder holds anything that may not be replaced, or cannot be written.
    """

    def __init__(self, folder: Path, *, overwrite: bool) -> None:
        self._folder = folder
        self._overwrite = overwrite
        self._made = False
        self._lock = -1

    def __enter__(self) -> Path:
        partial = self._folder / PARTIAL
        with writing(self._folder):
            self._refuse_taken()
            self._made = not self._folder.exists()
            self._folder.mkdir(parents=True, exist_ok=True)
            self._take_lock()
            # What a killed process left behind.
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir()
        return partial

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                with writing(self._folder):
                    self._publish()
        finally:
            shutil.rmtree(self._folder / PARTIAL, ignore_errors=True)
            os.close(self._lock)
            if self._made:
                with suppress(OSError):  # it is not empty: all went well
                    self._folder.rmdir()

    def _take_lock(self) -> None:
        """Keeps a second process out; the system lets go of the lock if this one dies."""
        self._lock = os.open(self._folder, os.O_RDONLY)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._lock)
            raise OutputError(
                f"{self._folder}: another genome is being written to it; wait or choose another folder"
            ) from error
        except OSError:
            # Some network file systems know no locks: there a second process is not noticed.
            pass

    def _refuse_taken(self) -> None:
        if not self._folder.exists() or self._overwrite:
            return
        taken = sorted(path.name for path in self._folder.iterdir() if path.name != PARTIAL)
        if taken:
            what = "a simulated genome" if RECORD in taken else taken[0]
            raise OutputError(
                f"{self._folder}: holds {what} already; choose another folder or replace it with --overwrite"
            )

    def _publish(self) -> None:
        """Moves the files to their final names, the record last."""
        partial, record = self._folder / PARTIAL, self._folder / RECORD
        names = listed_files(partial / RECORD)
        old = listed_files(record)
        record.unlink(missing_ok=True)
        for name in old:
            (self._folder / name).unlink(missing_ok=True)
            with suppress(OSError):  # it holds something else still, or is gone
                (self._folder / name).parent.rmdir()
        for name in [*names, RECORD]:
            final = self._folder / name
            final.parent.mkdir(parents=True, exist_ok=True)
            (partial / name).replace(final)


def listed_files(record: Path) -> list[str]:
    """The files that a simulation lists; none outside its folder, and none where there is no record."""
    try:
        paths = [PurePosixPath(name) for name in json.loads(record.read_bytes())["files"]]
    except (OSError, ValueError, LookupError, TypeError):
        return []
    return [str(path) for path in paths if not path.is_absolute() and ".." not in path.parts]
