"""Writes a bigWig file while its values stream past: no chromosome is ever held in memory.

Written here rather than through libBigWig, whose writer reads a whole chromosome back to make its zoom
levels (14 bytes a base), records a wrong maximum where the first value is the largest, leaves a file without
values unreadable for others, and crashes on a full disk. The files are read by pyBigWig, pybigtools and
UCSC's own code.
"""

from pathlib import Path
from types import TracebackType

import numpy as np
from jaxtyping import Float

from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.io.bigwig_file import join_parts
from seq2exp_tracks.io.bigwig_part import BigWigPartWriter


class BigWigWriter:
    """A bigWig file with one value a base, or a bin; bases that nobody writes have no value, which is not 0.

    The header carries every chromosome of the genome in its order. Used as a context manager: the file is
    whole when the block ends, and removed when it ends in an error.

    Args:
        path: The file to write; an existing one is replaced.
        sizes: Chromosomes of the genome.
        decimals: Values are rounded to so many decimals: the file holds the float32 nearest to the decimal.
        span: Bases that a value stands for; see `BigWigPartWriter`.

    Raises:
        OutputError: If the file cannot be written, also later, when the disk is full.
    """

    def __init__(self, path: Path, sizes: ChromSizes, decimals: int, span: int = 1) -> None:
        self._path = path
        self._sizes = sizes
        self._span = span
        self._part = BigWigPartWriter(path.with_name(f".part-{path.name}"), path, sizes, decimals, span)

    def __enter__(self) -> "BigWigWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()

    def write(self, chrom: str, start: int, values: Float[np.ndarray, " length"]) -> None:
        """Writes the values of consecutive bases, or bins; see `BigWigPartWriter.write`."""
        self._part.write(chrom, start, values)

    def close(self) -> None:
        """Writes what is left, the zoom levels and the indices, and at last the header."""
        join_parts(self._path, self._sizes, [self._part.finish()], self._span)

    def abort(self) -> None:
        """Removes the unfinished file."""
        self._part.abort()
