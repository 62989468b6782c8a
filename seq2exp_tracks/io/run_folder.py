"""The folder that a run is written to: whole or not at all, its manifest last."""

from collections.abc import Collection
from pathlib import Path

from seq2exp_tracks.io.whole_folder import WholeFolder

MANIFEST = "manifest.json"

SHARDS = ".shards"
"""Folder in it for what survives of a run that ends early."""

LOCK = "lock"
"""File in that folder which says who writes to it."""


class RunFolder(WholeFolder):
    """A folder for one run; see `WholeFolder`.

    Args:
        folder: The folder; it and its parents are made if they are missing.
        overwrite: Whether an older run in it may be replaced, when the new one is whole.
        names: Names that the run may write, to be refused at the start where they are taken.

    Raises:
        OutputError: If the folder holds a run or one of the names, is no folder or cannot be written, or
            another run is being written to it.
    """

    def __init__(self, folder: Path, *, overwrite: bool = False, names: Collection[str] = ()) -> None:
        super().__init__(folder, MANIFEST, "run", overwrite=overwrite, names=names)
