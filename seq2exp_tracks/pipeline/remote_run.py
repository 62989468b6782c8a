"""A run whose folder is not on this machine: written here, in the cache, and then copied there.

Its shards stay here while it is computed. The manifest is copied last, so that a folder with one is whole;
where copying ends early the same command goes on with it. A second command for the same address is refused
on this machine, and on another that has the same cache; elsewhere it is not noticed. Tested with fsspec's
`memory://` only.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from seq2exp_tracks.errors import InputError, OutputError
from seq2exp_tracks.io.listed_files import files_listed, listed
from seq2exp_tracks.io.lock_file import held
from seq2exp_tracks.io.run_folder import MANIFEST
from seq2exp_tracks.io.whole_file import whole_file
from seq2exp_tracks.io.writing import writing
from seq2exp_tracks.pipeline.request import ScoreRequest
from seq2exp_tracks.pipeline.request_json import to_json
from seq2exp_tracks.progress import Progress
from seq2exp_tracks.resources.address import CLOUD, Address
from seq2exp_tracks.resources.cloud import Cloud

RUNS = "runs"
"""Folder of the cache for runs that are on their way."""

# What the user may say otherwise when a finished run is only to be copied.
_NO_MATTER = ("resume", "overwrite", "workers", "writers", "executor", "address", "patience", "remarks")


class RemoteRun:
    """A run folder at s3:// or gs://.

    Args:
        address: The folder.
        overwrite: Whether a run that it holds may be replaced.

    Attributes:
        local: Where the run is written on this machine.
        shown: The address, as it may be printed.

    Raises:
        InputError: If nothing can be written to such an address.
    """

    def __init__(self, address: Address, *, overwrite: bool = False) -> None:
        if address.scheme not in CLOUD:
            raise InputError(
                f"--out {address.shown}: nothing can be written there; use s3:// or gs://, or a folder"
            )
        self.shown = address.shown
        self._overwrite, self._there = overwrite, Cloud(address)
        self.local = address.place(RUNS)
        self._asked = self.local.with_name("request.json")
        self._lock = self.local.with_name(".lock")

    def check(self) -> None:
        """Refuses a folder that holds a run already, before any work is done.

        Raises:
            OutputError: If it does, or cannot be reached.
        """
        if not self._overwrite and self._there.exists(MANIFEST):
            raise OutputError(
                f"{self.shown}: holds a run already; choose another folder or replace it with --overwrite"
            )

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keeps others from computing or copying the run while the body runs.

        Raises:
            OutputError: If another process is at it, or the folder holds a run by now.
        """
        with writing(self._lock):
            self._lock.parent.mkdir(parents=True, exist_ok=True)
        with held(self._lock, f"{self.shown}: another run is being written to it"):
            self.check()  # one that was on its way may have arrived
            yield

    @property
    def is_whole_here(self) -> bool:
        """Whether a whole run lies on this machine that was not copied, or not all of it."""
        return (self.local / MANIFEST).exists()

    def is_computed(self, request: ScoreRequest) -> bool:
        """Whether this very run is whole on this machine, and has only to be copied; to be asked `alone`.

        Raises:
            OutputError: If another one is.
        """
        if not self.is_whole_here:
            with whole_file(self._asked) as partial:
                partial.write_text(json.dumps(_decides(request)), encoding="utf-8")
            return False
        try:
            same = json.loads(self._asked.read_text(encoding="utf-8")) == _decides(request)
        except (OSError, ValueError):
            same = False
        if not same:
            raise OutputError(
                f"{self.local}: holds a run that was not copied to {self.shown} yet, and not the one "
                "that is asked for; finish it with its own command, or delete that folder"
            )
        return True

    def upload(self, progress: Progress) -> None:
        """Copies the run, its manifest last; to be called `alone`.

        Raises:
            OutputError: If it cannot be written.
        """
        names = files_listed(self.local / MANIFEST)
        older = listed(self._there.json(MANIFEST)) if self._there.exists(MANIFEST) else []
        self._there.remove(MANIFEST)  # what is there is not whole from here on
        progress.stage(f"Copying to {self.shown}", len(names) + 1)
        for name in [*names, MANIFEST]:
            self._there.put(self.local / name, name)
            progress.advance()
        for name in set(older) - set(names):
            self._there.remove(name)

    def forget(self) -> None:
        """Removes the run, which is copied, from this machine; unless another process copies it by now."""
        with suppress(OutputError), held(self._lock, self.shown):
            shutil.rmtree(self.local.parent, ignore_errors=True)


def _decides(request: ScoreRequest) -> dict[str, object]:
    """What makes a request another one."""
    return {name: value for name, value in to_json(request).items() if name not in _NO_MATTER}
