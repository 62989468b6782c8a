"""Files at s3:// and gs://, by fsspec: the part of it that is used, and its many errors as one line.

Tested with fsspec's own `memory://` only: never with s3 or gs.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from seq2exp_tracks.errors import InputError, OutputError, TracksError
from seq2exp_tracks.resources.address import Address
from seq2exp_tracks.resources.unfinished import State, forget

_PIECE = 8 << 20
# What file systems call that by which a state of a file is told from another.
_VALIDATORS = ("ETag", "etag", "generation", "LastModified", "updated", "mtime", "created")


class Cloud:
    """A file or a folder by its address.

    Args:
        address: The address.

    Raises:
        InputError: If what reaches it is not installed.
    """

    def __init__(self, address: Address) -> None:
        self._address = address
        with self._told(InputError):
            self._fs, self._path = import_module("fsspec.core").url_to_fs(address.url)
        self._path = str(self._path).rstrip("/")

    def state(self) -> State:
        """Size and validator of the file.

        Raises:
            InputError: If there is none, or it cannot be asked.
        """
        with self._told(InputError):
            self._fs.invalidate_cache()
            found: dict[str, Any] = self._fs.info(self._path)
        if found.get("type") == "directory":
            raise InputError(f"{self._address.shown}: is a folder, and a file is needed; mend the address")
        validator = next((str(found[name]) for name in _VALIDATORS if found.get(name)), None)
        return State(found.get("size"), validator)

    def fetch(self, to: Path, tell: Callable[[int], None]) -> None:
        """Copies the file, from its beginning.

        Raises:
            InputError: If it cannot be had.
            OutputError: If it cannot be written.
        """
        forget(to)
        try:
            copy = to.open("wb")
        except OSError as error:
            raise OutputError(f"{to}: cannot be written ({error.strerror}); mend the folder") from error
        with copy, self._told(InputError), self._fs.open(self._path, "rb") as original:
            while piece := original.read(_PIECE):
                _write(copy, piece, to)
                tell(len(piece))

    def exists(self, name: str) -> bool:
        """Whether a folder holds a file."""
        with self._told(OutputError):
            self._fs.invalidate_cache()
            return bool(self._fs.exists(f"{self._path}/{name}"))

    def json(self, name: str) -> Any:
        """The content of a small file in a folder; None if it is no JSON."""
        with self._told(OutputError):
            text = self._fs.cat_file(f"{self._path}/{name}")
        try:
            return json.loads(text)
        except ValueError:
            return None

    def put(self, file: Path, name: str) -> None:
        """Copies a file into a folder, and looks whether all of it is there.

        Raises:
            OutputError: If it cannot be written.
        """
        there = f"{self._path}/{name}"
        with self._told(OutputError):
            self._fs.put_file(str(file), there)
            self._fs.invalidate_cache()
            size = self._fs.info(there)["size"]
        if size != file.stat().st_size:
            raise OutputError(
                f"{self._address.shown}/{name}: {size:,} bytes are there of {file.stat().st_size:,}; give "
                "the same command again"
            )

    def remove(self, name: str) -> None:
        """Removes a file of a folder, if it is there."""
        with self._told(OutputError):
            if self._fs.exists(f"{self._path}/{name}"):
                self._fs.rm_file(f"{self._path}/{name}")

    @contextmanager
    def _told(self, kind: type[TracksError]) -> Iterator[None]:
        """Turns whatever a file system raises into one line; every library has its own errors."""
        shown = self._address.shown
        try:
            yield
        except TracksError:
            raise
        except ImportError as error:
            scheme = self._address.scheme
            raise InputError(
                f"{shown}: needs a package for {scheme}://: pip install 'seq2exp-tracks[remote]'"
            ) from error
        except FileNotFoundError as error:
            raise kind(f"{shown}: not there; mend the address") from error
        except Exception as error:
            why = self._address.hidden(str(error))[:200] or type(error).__name__
            raise kind(f"{shown}: cannot be used ({why}); mend the address or the access to it") from error


def _write(copy: Any, piece: bytes, to: Path) -> None:
    try:
        copy.write(piece)
    except OSError as error:
        raise OutputError(
            f"{to}: cannot be written ({error.strerror}); free some space or name another folder with "
            "SEQ2EXP_TRACKS_CACHE"
        ) from error
