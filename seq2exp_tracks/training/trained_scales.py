"""On which scale a model is trained: how its signals, and the activity of its promoters, are distributed."""

from collections.abc import Sequence

import numpy as np

from seq2exp_tracks.features import FEATURES
from seq2exp_tracks.genome import Gene
from seq2exp_tracks.inputs import InputReader
from seq2exp_tracks.io.feature_columns import PROMOTER_ACTIVITY
from seq2exp_tracks.scales import Distribution, measure, spread
from seq2exp_tracks.windows import Window


def scales_of(inputs: InputReader, genes: Sequence[Gene]) -> dict[str, Distribution]:
    """Distributions over the windows of genes, for a checkpoint to carry.

    Args:
        inputs: Reads the windows.
        genes: The genes that train; some of them are looked at, spread along the genome.

    Returns:
        By name of the signal; and that of promoter activity over the genes of which it is known.

    Raises:
        InputError: If a file is damaged.
    """
    sizes = inputs.sizes
    along = sorted(genes, key=lambda gene: (sizes.rank(gene.chrom), gene.tss, gene.id))
    windows = [Window.around(gene, inputs.window, sizes[gene.chrom]) for gene in spread(along)]
    signals = inputs.signals
    found = {
        name: measure(source.read, windows)
        for name, source in zip(signals.names, signals.sources, strict=True)
    }
    if len(activity := known_activity(inputs, along)):
        found[PROMOTER_ACTIVITY] = Distribution.of(activity)
    return found


def known_activity(inputs: InputReader, genes: Sequence[Gene]) -> np.ndarray:
    """Promoter activity of the genes of which it is known."""
    rows = (inputs.features.of(gene) for gene in genes)
    place = FEATURES.index(PROMOTER_ACTIVITY)
    return np.array([row[place] for row, filled in rows if PROMOTER_ACTIVITY not in filled], np.float32)
