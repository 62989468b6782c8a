"""Names of the columns that tables of gene features have: ours and, for what is read, those of others."""

HALF_LIFE_FEATURES = (
    "UTR5LEN_log10zscore",
    "CDSLEN_log10zscore",
    "INTRONLEN_log10zscore",
    "UTR3LEN_log10zscore",
    "UTR5GC",
    "CDSGC",
    "UTR3GC",
    "ORFEXONDENSITY",
)
"""The eight features that go with the half-life of the mRNA, as Xpresso's tables name them."""

PROMOTER_ACTIVITY = "PromoterActivity"

H3K27AC_RPM = ("H3K27ac_RPM_TSS1Kb", "H3K27ac.RPM.TSS1Kb")
"""Reads per million of H3K27ac within 500 bp of the TSS: our name, and ABC's in its GeneList."""

DHS_RPM = ("DHS_RPM_TSS1Kb", "DHS.RPM.TSS1Kb")
"""The same of DNase-seq."""
