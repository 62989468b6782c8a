"""Whether the TSS of genes stand where transcription starts: by the sequence there, and by the signals.

No format tells that its positions are one base off or on the wrong end of a gene; many genes together do.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float64

from seq2exp_tracks.checkup.finding import Finding, Level
from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import Gene, Interval, Strand
from seq2exp_tracks.io.fasta import Fasta
from seq2exp_tracks.scales import spread
from seq2exp_tracks.signals import BigWigSignal

MOST_GENES = 1_000
LEAST_GENES = 100
"""Genes of a strand that the initiator is looked for in, at least."""

SURE = 4.5
"""Standard errors from which a difference is told: by chance 1 in 100,000."""

NEAR = 500
"""Bases on either side of a TSS in which a promoter's signal lies."""

AWAY = 20_000
"""Distance (bp) from a TSS of what it is compared with."""

LEAST_ABOVE = 0.58
"""Share of pairs in which a TSS has more signal than another place; by chance it is a half.

It is 0.62 with all genes of GENCODE on chr22 and K562's tracks, about 0.8 with the protein-coding ones.
"""

STRANDS_APART = 0.12
"""Difference of those shares between the strands that is no accident."""

LEAST_OF_A_STRAND = 15


def check_initiators(fasta: Fasta, genes: Sequence[Gene]) -> list[Finding]:
    """Looks for the initiator: transcription starts at a purine behind a pyrimidine more often than not.

    Where that pair stands one base beside the TSS in many more genes than at it, positions are off by one.
    """
    findings = []
    for strand in Strand:
        some = spread([gene for gene in genes if gene.strand is strand], MOST_GENES)
        try:
            pairs = [pair for gene in some if (pair := _initiators(fasta, gene)) is not None]
        except InputError as error:
            return [Finding.of_error("genome", error)]
        if len(pairs) < LEAST_GENES:
            continue
        before, at, behind = np.mean(pairs, axis=0).tolist()
        beside, side = (before, "before") if before > behind else (behind, "behind")
        error_of_both = math.sqrt((beside * (1 - beside) + at * (1 - at)) / len(pairs))
        if beside - at > SURE * error_of_both:
            what = (
                f"TSS of genes on {strand} look one base off: an initiator (pyrimidine, purine) stands at "
                f"{at:.0%} of them and at {beside:.0%} one base {side}"
            )
            way_out = "check whether positions count from 0 or 1, and ends are inclusive"
            findings.append(Finding("genes", Level.WARN, what, way_out))
    return findings


def _initiators(fasta: Fasta, gene: Gene) -> tuple[bool, bool, bool] | None:
    """Whether an initiator stands one base before the TSS as the gene is read, at it, and one behind."""
    if not 2 <= gene.tss < fasta.sizes[gene.chrom] - 2:
        return None
    codes = fasta.codes(Interval(gene.chrom, gene.tss - 2, gene.tss + 3)).astype(int)
    if (codes > 3).any():
        return None
    read = codes if gene.strand is Strand.PLUS else 3 - codes[::-1]
    purine = read % 2 == 0  # A 0, C 1, G 2, T 3
    first, second, third = (bool(not purine[place] and purine[place + 1]) for place in range(3))
    return first, second, third


def check_signal_at_genes(
    signals: Mapping[str, BigWigSignal], genes: Sequence[Gene], sizes: Mapping[str, int]
) -> list[Finding]:
    """Looks for the signals at the TSS: open chromatin and H3K27ac are there, whatever the cells.

    Args:
        signals: Signals by name.
        genes: Genes on chromosomes that the files have.
        sizes: Lengths of the chromosomes.
    """
    some = spread(genes, MOST_GENES)
    findings = []
    for name, signal in signals.items():
        try:
            at_tss = _means(signal, some, sizes, 0)
            around = np.concatenate([_means(signal, some, sizes, shift) for shift in (-AWAY, AWAY)])
        except InputError as error:
            findings.append(Finding.of_error("signals", error))
            continue
        findings += _at_tss(name, some, at_tss, around[np.isfinite(around)])
    return findings


def _at_tss(
    name: str,
    genes: Sequence[Gene],
    at_tss: Float64[np.ndarray, " genes"],
    around: Float64[np.ndarray, " places"],
) -> list[Finding]:
    known = np.isfinite(at_tss)
    plus = np.array([gene.strand is Strand.PLUS for gene in genes], bool)
    by_strand = {"+": at_tss[plus & known], "-": at_tss[~plus & known]}
    if min(len(around), *map(len, by_strand.values())) < LEAST_OF_A_STRAND:
        return []
    above = {strand: _compared(values, around)[0] for strand, values in by_strand.items()}
    low, high = sorted(above, key=lambda strand: above[strand])
    if above[high] - above[low] > STRANDS_APART and _compared(by_strand[high], by_strand[low])[1] > SURE:
        what = (
            f"{name} at a TSS is higher than {AWAY // 1_000} kb from one in {above[high]:.0%} of pairs for "
            f"genes on {high}, in {above[low]:.0%} for those on {low}, whose TSS may be at the wrong end"
        )
        return [Finding("genes", Level.WARN, what, f"the TSS of a gene on {low} is {_END[low]} of it")]
    share, _ = _compared(at_tss[known], around)
    what = f"{name} at a TSS is higher than {AWAY // 1_000} kb from one in {share:.0%} of pairs"
    if share < LEAST_ABOVE:
        way_out = "check that genes and signals are of the same assembly, and that the file is no control"
        return [Finding("genes", Level.WARN, f"{what}, about as by chance", way_out)]
    return [Finding("genes", Level.OK, what)]


_END = {"+": "the lowest base", "-": "the highest base"}


def _means(
    signal: BigWigSignal, genes: Sequence[Gene], sizes: Mapping[str, int], shift: int
) -> Float64[np.ndarray, " genes"]:
    """Mean signal near the TSS of each gene or a distance from it (bp); NaN off the chromosome."""
    means = np.full(len(genes), np.nan)
    for number, gene in enumerate(genes):
        start, end = gene.tss + shift - NEAR, gene.tss + shift + NEAR
        if start >= 0 and end <= sizes[gene.chrom]:
            means[number] = signal.bigwig.read(Interval(gene.chrom, start, end)).mean()
    return means


def _compared(one: Float64[np.ndarray, " a"], other: Float64[np.ndarray, " b"]) -> tuple[float, float]:
    """Compares two samples by their ranks (Mann and Whitney): artefacts of any height count once.

    Returns:
        Share of the pairs in which the first is higher, equal ones counting half; and how many standard
        errors that is above a half.
    """
    both = np.concatenate([one, other])
    _, inverse, counts = np.unique(both, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    wins = float(ranks[: len(one)].sum()) - len(one) * (len(one) + 1) / 2
    share = wins / (len(one) * len(other))
    return share, (share - 0.5) / math.sqrt((len(both) + 1) / (12 * len(one) * len(other)))
