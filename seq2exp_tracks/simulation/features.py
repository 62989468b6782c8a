"""The nine features of each simulated gene: eight without meaning, and promoter activity from the signals."""

import numpy as np

from seq2exp_tracks.genome import Interval
from seq2exp_tracks.simulation.plan import Plan
from seq2exp_tracks.simulation.signals import BinnedSignal

# Mean and standard deviation of each drawn column: z-scores of log lengths, GC fractions, exons per kb of
# coding sequence. They neither follow from the sequence nor act on expression.
DRAWN = {
    "UTR5LEN_log10zscore": (0.0, 1.0),
    "CDSLEN_log10zscore": (0.0, 1.0),
    "INTRONLEN_log10zscore": (0.0, 1.0),
    "UTR3LEN_log10zscore": (0.0, 1.0),
    "UTR5GC": (0.60, 0.08),
    "CDSGC": (0.52, 0.06),
    "UTR3GC": (0.45, 0.07),
    "ORFEXONDENSITY": (6.0, 2.0),
}
ACTIVITY = "PromoterActivity"
COLUMNS = (*DRAWN, ACTIVITY)

PROMOTER_REACH = 500  # bp on both sides of the TSS, for promoter activity
# A gene of which this feature is not known, so that imputation has something to do.
UNKNOWN = (2, "UTR3LEN_log10zscore")  # index of the gene in the plan, column


def draw_features(
    plan: Plan,
    h3k27ac: dict[str, BinnedSignal],
    dnase: dict[str, BinnedSignal],
    rng: np.random.Generator,
) -> dict[str, dict[str, float]]:
    """The features of every gene by its id; NaN where one is not known.

    Promoter activity is sqrt(H3K27ac * DNase), each the mean over TSS +- 500 bp: the formula of the paper
    with fold change in the place of reads per million.
    """
    features = {}
    for index, planned in enumerate(plan.genes):
        row = {name: float(rng.normal(mean, sd)) for name, (mean, sd) in DRAWN.items()}
        chrom, tss = planned.gene.chrom, planned.gene.tss
        around = Interval(chrom, max(0, tss - PROMOTER_REACH), tss + PROMOTER_REACH)
        row[ACTIVITY] = float(np.sqrt(h3k27ac[chrom].mean(around) * dnase[chrom].mean(around)))
        if index == UNKNOWN[0]:
            row[UNKNOWN[1]] = float("nan")
        features[planned.gene.id] = row
    return features
