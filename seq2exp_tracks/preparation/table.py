"""The table of features: what `features.GeneFeatures` reads, and the reads per million it is made of."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float64

from seq2exp_tracks.genome import Gene
from seq2exp_tracks.io.feature_columns import DHS_RPM, H3K27AC_RPM, HALF_LIFE_FEATURES, PROMOTER_ACTIVITY
from seq2exp_tracks.io.writing import writing

_COLUMNS = ("gene_id", "gene_name", *HALF_LIFE_FEATURES, H3K27AC_RPM[0], DHS_RPM[0], PROMOTER_ACTIVITY)
_UNKNOWN = "NA"


def write_features(
    path: Path,
    genes: Sequence[Gene],
    half_life: Float64[np.ndarray, "genes 8"],
    rpm: Float64[np.ndarray, "genes 2"],
    activity: Float64[np.ndarray, " genes"],
) -> None:
    """Writes a row for each gene.

    Args:
        path: File to write.
        genes: The genes.
        half_life: Features in the order of `HALF_LIFE_FEATURES`; NaN where one is not known.
        rpm: Reads per million of H3K27ac and DNase in the promoter; NaN where there are no reads.
        activity: Promoter activity.

    Raises:
        OutputError: If it cannot be written.
    """
    numbers = np.column_stack([half_life, rpm, activity])
    with writing(path), path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, delimiter="\t", lineterminator="\n")
        table.writerow(_COLUMNS)
        for gene, row in zip(genes, numbers.tolist(), strict=True):
            table.writerow([gene.id, gene.name, *(_cell(value) for value in row)])


def _cell(value: float) -> str:
    return _UNKNOWN if np.isnan(value) else f"{value:.6g}"
