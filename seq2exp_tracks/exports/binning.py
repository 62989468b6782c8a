"""One value a pixel column: a long window brought down to the width of a picture.

Knows nothing of drawing. NaN stands for a base without a value, and stays apart from 0.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64, Shaped


@dataclass(frozen=True, slots=True, eq=False)
class Binned:
    """Values of consecutive bins along the genome.

    Attributes:
        edges: Position of the bins' limits in bp, one more than there are bins.
        mean: Mean over the bases with a value; NaN in a bin that has none.
        highest: Greatest value; NaN in a bin that has none.
    """

    edges: Int64[np.ndarray, " edges"]
    mean: Float64[np.ndarray, " bins"]
    highest: Float64[np.ndarray, " bins"]


def bin_values(values: Shaped[np.ndarray, " bases"], start: int, bins: int) -> Binned:
    """Summarises values by bins of equal width; fewer bases than bins stay as they are.

    Args:
        values: One value a base, NaN where there is none; at least one base.
        start: Position of the first base in bp.
        bins: Most bins to make.
    """
    limits = np.linspace(0, len(values), min(bins, len(values)) + 1).astype(np.int64)
    known = np.isfinite(values)
    firsts = limits[:-1]
    count = np.add.reduceat(known, firsts, dtype=np.int64)
    total = np.add.reduceat(np.where(known, values, 0.0).astype(np.float64), firsts)
    highest = np.maximum.reduceat(np.where(known, values, -np.inf).astype(np.float64), firsts)
    empty = count == 0
    mean = np.divide(total, count, out=np.full(len(count), np.nan), where=~empty)
    return Binned(limits + start, mean, np.where(empty, np.nan, highest))


def runs_without_value(values: Shaped[np.ndarray, " bases"], start: int) -> list[tuple[int, int]]:
    """Stretches of bases without a value, as positions in bp, half-open."""
    missing = np.concatenate([[False], ~np.isfinite(values), [False]])
    changes = np.flatnonzero(np.diff(missing)) + start
    return [(int(first), int(last)) for first, last in changes.reshape(-1, 2)]
