"""What all readers of Hi-C files share: names of normalisations, and errors in one line."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.io.hictk import hictkpy

# What the published model was trained on: vanilla coverage.
TRAINED_NORMALIZATION = "VC"


def stored_name(file: hictkpy.File, path: Path, normalization: str) -> str | None:
    """Name under which a file stores a normalisation; None where VC is to be computed.

    Raises:
        InputError: If the file has no such normalisation.
    """
    present = set(file.avail_normalizations())
    if normalization == "NONE" or normalization in present:
        return normalization
    if normalization == "ICE" and "weight" in present:
        return "weight"  # cooler's name for it
    if normalization == TRAINED_NORMALIZATION:
        return None
    listed = ", ".join(sorted(present | {"VC", "NONE"}))
    raise InputError(f"{path}: no {normalization} normalisation in it; to be had: {listed}")


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turns hictk's errors, whose messages may have many lines, into one line of ours."""
    try:
        yield
    except (RuntimeError, OSError) as error:
        problem = str(error).partition("\n")[0]
        raise InputError(f"{path}: the contacts cannot be read: {problem}; get the file again") from error
