"""Columns of a table as arrays, and rows of it as the texts that HiGlass' items carry."""

from collections.abc import Iterable

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


def absolute(chroms: pa.ChunkedArray, axis: GenomeAxis, source: str) -> Int64[np.ndarray, " rows"]:
    """Absolute position of the first base of each row's chromosome.

    Raises:
        InputError: If the genome lacks a chromosome; names the source and the chromosome.
    """
    offsets = {}
    for name in pc.unique(chroms).to_pylist():
        chrom = axis.sizes.resolve(name)
        if chrom is None:
            raise InputError(f"{source}: the genome has no chromosome {name}; is it of the same assembly?")
        offsets[name] = axis.offset(chrom)
    encoded = chroms.combine_chunks().dictionary_encode()
    by_code = np.array([offsets[name] for name in encoded.dictionary.to_pylist()], np.int64)
    found: Int64[np.ndarray, " rows"] = by_code[encoded.indices.to_numpy()] if len(chroms) else by_code
    return found


def as_fields(values: Iterable[object]) -> list[str]:
    """The values of a row as text."""
    return [MISSING if value is None else str(value) for value in values]
