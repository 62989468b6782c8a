"""What all readers of Hi-C files share: names of normalisations, pairs of bins, and errors in one line.

hictk 1.4 has faults at the ends of chromosomes. Contacts of a chromosome's last row of bins may not be found
where they are all that is asked for: within the usual chromosomes one pair of bins, beside a telomere.
Between a chromosome and an unplaced contig of one or two bins a query may raise IndexError, which counts as
no contacts here, so that a map lacks them all. Queries within one chromosome were never seen to raise it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from jaxtyping import Float64, Int64

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.io.hictk import hictkpy

# What the published model was trained on: vanilla coverage.
TRAINED_NORMALIZATION = "VC"

Pixels = tuple[Int64[np.ndarray, " pixels"], Int64[np.ndarray, " pixels"], Float64[np.ndarray, " pixels"]]
"""Bins of the file, first and second of each pair that was seen, and their contact."""


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


def found_pairs(selector: hictkpy.PixelSelector, span: str = "upper_triangle") -> Pixels:
    """The pairs of bins of a query that have a contact; none where hictk raises IndexError (see above)."""
    try:
        found = selector.to_arrow(query_span=span)
    except IndexError:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    first, second, contact = (found[column].to_numpy() for column in ("bin1_id", "bin2_id", "count"))
    return first, second, contact
