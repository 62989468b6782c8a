"""Half-life features that are there as a table: they belong to genes, not to cells."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float64

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import Gene
from seq2exp_tracks.io.feature_columns import HALF_LIFE_FEATURES
from seq2exp_tracks.io.gene_index import GeneIndex
from seq2exp_tracks.io.tables import read_table


def read_half_life(path: Path, genes: Sequence[Gene]) -> Float64[np.ndarray, "genes 8"]:
    """The eight features of each gene in a TSV or CSV; NaN where the table does not know one.

    Raises:
        InputError: If a column is missing, a cell is no number, or the table has none of the genes.
    """
    table = read_table(path)
    index = GeneIndex.of_table(table)
    columns = np.column_stack([table.numbers(table.require((name,))) for name in HALF_LIFE_FEATURES])
    rows = [index.row(gene) for gene in genes]
    if all(row is None for row in rows):
        raise InputError(f"{path}: has none of the {len(genes):,} genes; is it of the same annotation?")
    unknown = np.full(len(HALF_LIFE_FEATURES), np.nan)
    return np.stack([unknown if row is None else columns[row] for row in rows])
