"""Columns of a table as arrays, and rows of it as the texts that HiGlass' items carry."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from jaxtyping import Float64, Int64

from higlass_views.tilesets.axis import GenomeAxis
from seq2exp_tracks.errors import InputError

MISSING = "."


def numbers(column: pa.ChunkedArray) -> Float64[np.ndarray, " rows"]:
    """A column of numbers, NaN where it has none."""
    values: Float64[np.ndarray, " rows"] = column.cast(pa.float64()).to_numpy()
    return values


def whole(column: pa.ChunkedArray) -> Int64[np.ndarray, " rows"]:
    """A column of whole numbers, none of which is missing."""
    return numbers(column).astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Where the rows of a table lie.

    Attributes:
        offsets: Absolute position of the first base of each row's chromosome.
        lengths: Length of each row's chromosome.
    """

    offsets: Int64[np.ndarray, " rows"]
    lengths: Int64[np.ndarray, " rows"]

    @classmethod
    def of(cls, table: pa.Table, axis: GenomeAxis, source: str) -> Self:
        """Looks up the chromosomes of a table with the columns `chrom`, `start` and `end`.

        Raises:
            InputError: If the genome lacks a chromosome, or a row does not lie on its own.
        """
        names = table["chrom"].unique().to_pylist()
        chroms = [axis.sizes.resolve(name) for name in names]
        if None in chroms:
            unknown = names[chroms.index(None)]
            raise InputError(f"{source}: the genome has no chromosome {unknown}; is it of the same assembly?")
        known = [chrom for chrom in chroms if chrom is not None]
        codes = pc.index_in(table["chrom"], pa.array(names, pa.string())).to_numpy()
        places = cls(
            np.array([axis.offset(chrom) for chrom in known], np.int64)[codes],
            np.array([axis.sizes[chrom] for chrom in known], np.int64)[codes],
        )
        off = (whole(table["start"]) < 0) | (whole(table["end"]) > places.lengths)
        if off.any():
            row = table.slice(int(off.argmax()), 1).to_pylist()[0]
            raise InputError(
                f"{source}: {row['chrom']}:{row['start']}-{row['end']} does not lie on the chromosome "
                f"({places.lengths[off][0]:,} bp); is it of the same assembly?"
            )
        return places


def as_fields(values: Iterable[object]) -> list[str]:
    """The values of a row as text."""
    return [MISSING if value is None else str(value) for value in values]
