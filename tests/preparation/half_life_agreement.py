"""How far derived half-life features agree with tables that others made, feature by feature.

Prints the table of docs/preparing.md:

    python tests/preparation/half_life_agreement.py ../shared/data
"""

import math
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from seq2exp_tracks.genome import Interval
from seq2exp_tracks.io.fasta import Fasta
from seq2exp_tracks.io.feature_columns import HALF_LIFE_FEATURES
from seq2exp_tracks.io.tables import read_table
from seq2exp_tracks.io.transcripts import read_transcripts
from seq2exp_tracks.preparation.half_life import Z_SCORES, features_by_gene

# Means and standard deviations that the second table was made with, which are rounded.
ROUNDED = {
    "UTR5LEN_log10zscore": (2.11646, 0.70231),
    "CDSLEN_log10zscore": (3.12191, 0.32018),
    "INTRONLEN_log10zscore": (4.12446, 1.05413),
    "UTR3LEN_log10zscore": (2.72836, 0.86385),
}
TABLES = {
    "authors": ("labels/epinformer_halflife_reference_30genes.tsv", Z_SCORES),
    "GENCODE v43": ("labels/chr22.genes_labels_features.tsv", ROUNDED),
}
# Half of the last decimal that a table has, and a little: GC has 3 decimals in the authors' and 6 in the
# other, density has 2. A z-score by rounded means and deviations is off by less than 1e-4.
WITHIN = {"authors": {"LEN": 1e-9, "GC": 0.00051}, "GENCODE v43": {"LEN": 1e-4, "GC": 2e-6}}
WITHIN_DENSITY = 0.0051


@dataclass(frozen=True)
class Agreement:
    """Of one feature: genes that the table knows, those that agree, and the correlation over all of them."""

    genes: int
    equal: int
    correlation: float


def derived(data: Path) -> dict[str, np.ndarray]:
    """The features of the genes of chr22, by symbol."""
    with Fasta(data / "genome/hg38.chr22.fa.gz") as fasta:
        transcripts = read_transcripts(data / "genes/gencode_v43.chr22.transcripts.bed12.gz", fasta.sizes)
        codes = fasta.codes(Interval("chr22", 0, fasta.sizes["chr22"]))
    return {symbol: row for (_, symbol, _), row in features_by_gene(transcripts, {"chr22": codes}).items()}


def agreement(data: Path, name: str, ours: dict[str, np.ndarray]) -> dict[str, Agreement]:
    """Compares with one of the tables."""
    path, scores = TABLES[name]
    table = read_table(data / path)
    symbols = table.text("gene")
    found = {}
    for place, feature in enumerate(HALF_LIFE_FEATURES):
        theirs = table.numbers(feature)
        pairs = np.array(
            [
                (rescaled(ours[symbol][place], feature, scores), value)
                for symbol, value in zip(symbols, theirs, strict=True)
                if symbol in ours and not math.isnan(value)
            ]
        )
        kind = "LEN" if "LEN" in feature else "GC"
        within = WITHIN_DENSITY if feature == "ORFEXONDENSITY" else WITHIN[name][kind]
        equal = int((np.abs(pairs[:, 0] - pairs[:, 1]) <= within).sum())
        found[feature] = Agreement(len(pairs), equal, float(np.corrcoef(pairs.T)[0, 1]))
    return found


def rescaled(value: float, feature: str, scores: dict[str, tuple[float, float]]) -> float:
    """A z-score by other means and standard deviations."""
    if feature not in scores:
        return value
    (mean, sd), (other_mean, other_sd) = Z_SCORES[feature], scores[feature]
    return (value * sd + mean - other_mean) / other_sd


def markdown(data: Path) -> str:
    """The table of docs/preparing.md."""
    ours = derived(data)
    both = {name: agreement(data, name, ours) for name in TABLES}
    lines = [
        "| feature | authors' rows: equal | correlation | GENCODE v43: equal | correlation |",
        "|---|---|---|---|---|",
    ]
    for feature in HALF_LIFE_FEATURES:
        cells = [
            f"{found[feature].equal}/{found[feature].genes} | {found[feature].correlation:.3f}"
            for found in both.values()
        ]
        lines.append(f"| `{feature}` | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(markdown(Path(sys.argv[1])))
