"""The values of a bigWig along the axis: the one way in which tilesets of signals read their files."""

import numpy as np

from higlass_views.tilesets.axis import BINS_PER_TILE, GenomeAxis
from higlass_views.tilesets.dense import Aggregation, Bins
from seq2exp_tracks.io.bigwig_bins import BigWigBins


def signal_bins(file: BigWigBins, axis: GenomeAxis, start: int, size: int, aggregation: Aggregation) -> Bins:
    """Values of the 1,024 bins of a tile, NaN where the file has none.

    A bin on the edge of two chromosomes is made of the bases of both.

    Args:
        file: The values.
        axis: The axis of the run.
        start: Absolute position of the first bin.
        size: Bases a bin.
        aggregation: How the bases of a bin become one value.

    Raises:
        InputError: If the file changed or is damaged.
    """
    places = [place for place in axis.chrom_bins(start, size) if file.has(place.chrom)]
    if aggregation is Aggregation.MAX:
        largest = np.full(BINS_PER_TILE, np.nan)
        for place in places:
            found = file.maxima(place.chrom, place.start, size, len(place))
            largest[place.bins] = np.fmax(largest[place.bins], found)
        return largest.astype(np.float32)
    totals, covered = np.zeros((2, BINS_PER_TILE))
    for place in places:
        total, bases = file.sums(place.chrom, place.start, size, len(place))
        totals[place.bins] += total
        covered[place.bins] += bases
    return mean_of(totals, covered)


def mean_of(totals: np.ndarray, counts: np.ndarray) -> Bins:
    """Sums over their counts, NaN where nothing was counted."""
    means = np.divide(totals, counts, out=np.full(len(totals), np.nan), where=counts > 0)
    return np.asarray(means, np.float32)
