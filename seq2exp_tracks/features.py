"""The numbers of a gene that the model's head reads beside the window, and measured expression.

Nine features, as in EPInformer and Seq2Exp: eight that go with the half-life of the mRNA (Agarwal and
Shendure 2020, Xpresso) and the activity of the promoter (ABC).
"""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from jaxtyping import Float32, Float64

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import Gene
from seq2exp_tracks.io.feature_columns import DHS_RPM, H3K27AC_RPM, HALF_LIFE_FEATURES, PROMOTER_ACTIVITY
from seq2exp_tracks.io.gene_index import GeneIndex
from seq2exp_tracks.io.tables import Table, read_table

FEATURES = (*HALF_LIFE_FEATURES, PROMOTER_ACTIVITY)


@dataclass(frozen=True, slots=True, eq=False)
class GeneFeatures:
    """The nine features of every gene of a table, in the order of `FEATURES`.

    A value that is missing, and every value of a gene that the table lacks, is filled in with the
    median of its column over the whole table, so that it does not depend on which genes are scored.

    Attributes:
        values: Features by row; NaN where the table does not know one.
        medians: What stands in for a missing value.
        index: Which row is whose; None where there is no table.
    """

    values: Float32[np.ndarray, "genes 9"]
    medians: Float32[np.ndarray, " 9"]
    index: GeneIndex | None

    @classmethod
    def from_table(cls, path: str | Path) -> Self:
        """Reads the features of a TSV or CSV, plain or gzipped.

        Promoter activity is taken from the column of that name, or computed as the square root of the
        product of the two RPM columns.

        Raises:
            InputError: If a column is missing, holds no value at all, or a cell is no number.
        """
        table = read_table(path)
        index = GeneIndex.of_table(table)
        columns = [table.numbers(table.require((name,))) for name in FEATURES[:-1]]
        values = np.stack([*columns, _promoter_activity(table)], axis=1)
        known = ~np.isnan(values)
        for name, any_known in zip(FEATURES, known.any(axis=0), strict=True):
            if not any_known:
                raise InputError(f"{table.path}: no value in the column {name}; give at least one")
        if (np.abs(values[known]) > np.finfo(np.float32).max).any():
            raise InputError(f"{table.path}: a feature is beyond the numbers of 32 bits; mend the table")
        medians = np.nanmedian(values, axis=0)
        return cls(values.astype(np.float32), medians.astype(np.float32), index)

    @classmethod
    def unknown(cls) -> Self:
        """Features of no gene at all: 0, and every one flagged."""
        nothing = np.empty((0, len(FEATURES)), np.float32)
        return cls(nothing, np.zeros(len(FEATURES), np.float32), None)

    def of(self, gene: Gene) -> tuple[Float32[np.ndarray, " 9"], tuple[str, ...]]:
        """The features of a gene, and the names of those that were filled in."""
        row = self.index.row(gene) if self.index else None
        if row is None:
            return self.medians.copy(), FEATURES
        values = self.values[row]
        missing = np.isnan(values)
        names = tuple(name for name, is_missing in zip(FEATURES, missing, strict=True) if is_missing)
        return np.where(missing, self.medians, values), names


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """Measured expression by gene, copied into the outputs as it stands.

    Attributes:
        column: Name of the column that it comes from.
        values: Value by row; NaN where it is not known.
        index: Which row is whose.
    """

    column: str
    values: Float64[np.ndarray, " genes"]
    index: GeneIndex

    def of(self, gene: Gene) -> float | None:
        """The label of a gene, or None where the table lacks it."""
        row = self.index.row(gene)
        if row is None or math.isnan(self.values[row]):
            return None
        return float(self.values[row])


def read_labels(path: str | Path, column: str) -> Labels:
    """Reads one column of measured expression of a TSV or CSV, plain or gzipped.

    Raises:
        InputError: If the column is missing or a cell is no number.
    """
    table = read_table(path)
    name = table.require((column,))
    return Labels(name, table.numbers(name), GeneIndex.of_table(table))


def _promoter_activity(table: Table) -> Float64[np.ndarray, " rows"]:
    given = table.find((PROMOTER_ACTIVITY,))
    if given:
        return table.numbers(given)
    h3k27ac, dhs = table.find(H3K27AC_RPM), table.find(DHS_RPM)
    if h3k27ac is None or dhs is None:
        raise InputError(
            f"{table.path}: no column {PROMOTER_ACTIVITY}, nor both {H3K27AC_RPM[0]} and {DHS_RPM[0]} to "
            f"compute it from; its columns are {', '.join(table.columns)}"
        )
    product = table.numbers(h3k27ac) * table.numbers(dhs)
    if (product < 0).any():
        line = table.lines[int(np.argmax(product < 0))]
        raise InputError(f"{table.path}:{line}: {h3k27ac} or {dhs} is negative; both are reads per million")
    activity: Float64[np.ndarray, " rows"] = np.sqrt(product)
    return activity
