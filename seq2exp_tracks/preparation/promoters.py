"""Activity of promoters, as in ABC's GeneList: reads per million within 500 bp of the TSS."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float64, Int64

from seq2exp_tracks.genome import ChromSizes, Gene, Interval
from seq2exp_tracks.io.bigwig import BigWig
from seq2exp_tracks.preparation.coverage import MILLION, SignalCount

REACH = 500  # bp on both sides of the TSS


def promoter_bounds(genes: Sequence[Gene], sizes: ChromSizes) -> Int64[np.ndarray, "genes 2"]:
    """Start and end of each gene's promoter, cut at the ends of its chromosome; empty off the chromosome."""
    bounds = [(gene.tss - REACH, gene.tss + REACH) for gene in genes]
    lengths = np.array([sizes[gene.chrom] for gene in genes], np.int64)
    return np.clip(np.array(bounds, np.int64).reshape(-1, 2), 0, lengths[:, None])


def reads_per_million(
    signal: SignalCount, genes: Sequence[Gene], sizes: ChromSizes
) -> Float64[np.ndarray, " genes"]:
    """Reads that touch each promoter, per million reads; 0 where the file has none.

    Args:
        signal: What was counted of each chromosome, whose tasks had the promoters of its genes in order.
        genes: The genes.
        sizes: Chromosomes of the genome.
    """
    values = np.zeros(len(genes))
    places = {chrom: [at for at, gene in enumerate(genes) if gene.chrom == chrom] for chrom in sizes}
    for chrom in signal.chroms:
        values[places[chrom.chrom]] = chrom.in_promoters
    return values * (MILLION / signal.reads)


def mean_signal(signal: BigWig, genes: Sequence[Gene], sizes: ChromSizes) -> Float64[np.ndarray, " genes"]:
    """Mean of a signal over each promoter: for signals that are there as a bigWig, without their reads."""
    values = np.zeros(len(genes))
    for at, (start, end) in enumerate(promoter_bounds(genes, sizes).tolist()):
        if start < end:
            values[at] = signal.read(Interval(genes[at].chrom, start, end)).mean(dtype=np.float64)
    return values
