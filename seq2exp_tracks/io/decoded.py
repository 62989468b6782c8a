"""Values along a chromosome, decoded once into a sparse file that all processes of a run read in place.

A value's place in the file is its position on the chromosome, so that what lies between the stretches is a
hole that takes no space. Processes map the file into memory and share what they read of it through the
system's page cache. Knows neither windows nor what the values mean.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from jaxtyping import Shaped

from seq2exp_tracks.errors import OutputError
from seq2exp_tracks.genome import Interval
from seq2exp_tracks.io.stretches import Stretches

# Bases that are decoded at a time: bounds the memory; a piece of nothing but 0 stays a hole.
_PIECE = 500_000


class DecodedArray:
    """The values of some stretches of a chromosome, read from a file that `decode` wrote.

    Copies itself to another process by mapping the file there; it is mapped when it is first read.

    Args:
        path: The file.
        dtype: Type of the values.
        stretches: What was decoded.
    """

    def __init__(self, path: Path, dtype: type[np.generic], stretches: Stretches) -> None:
        self.path = path
        self.stretches = stretches
        self._dtype = dtype
        self._values: np.ndarray | None = None

    def __reduce__(self) -> tuple[type["DecodedArray"], tuple[Path, type[np.generic], Stretches]]:
        return type(self), (self.path, self._dtype, self.stretches)

    def read(self, interval: Interval) -> Shaped[np.ndarray, " length"]:
        """The values of an interval, as a view that cannot be written.

        Raises:
            ValueError: If the interval was not decoded. The file is silent about it: a hole reads as 0.
        """
        if not self.stretches.contain(interval):
            raise ValueError(f"{self.path}: {interval} was not decoded")
        if self._values is None:
            self._values = np.memmap(self.path, self._dtype, mode="r").view(np.ndarray)
        return self._values[interval.start : interval.end]


def decode(
    path: Path,
    dtype: type[np.generic],
    stretches: Stretches,
    read: Callable[[Interval], Shaped[np.ndarray, " length"]],
) -> DecodedArray:
    """Decodes stretches of a chromosome into a new file.

    Args:
        path: The file to write, in the run's scratch folder.
        dtype: Type of the values.
        stretches: What to decode.
        read: Gives the values of an interval.

    Raises:
        OutputError: If the disk is full.
    """
    size = np.dtype(dtype).itemsize
    with filling(path), path.open("xb") as file:
        file.truncate(stretches.end * size)
        for piece in stretches.pieces(_PIECE):
            values = np.ascontiguousarray(read(piece), dtype)
            if values.any():
                file.seek(piece.start * size)
                file.write(values.data)
    return DecodedArray(path, dtype, stretches)


@contextmanager
def filling(path: Path) -> Iterator[None]:
    """One line instead of a traceback where a file of the scratch folder cannot be written.

    Raises:
        OutputError: If the body raises `OSError`.
    """
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"{path.parent}: no room for the decoded inputs ({error.strerror or error}); free some space, or "
            "set TMPDIR to a folder on a larger disk"
        ) from error
