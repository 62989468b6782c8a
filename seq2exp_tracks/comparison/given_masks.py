"""How much of the windows a predictor reads whose mask is given, as for a learned one."""

import numpy as np
from jaxtyping import Bool

from seq2exp_tracks.progress import Progress
from seq2exp_tracks.training.opening import open_training
from seq2exp_tracks.training.request import TrainRequest
from seq2exp_tracks.windows import Window


def share_read(request: TrainRequest, progress: Progress) -> float:
    """Share of the bases of the test genes' windows that the model reads, each base once.

    A base of several windows counts as read if one of them reads it, as where the masks of a run are merged.

    Args:
        request: A training with a given mask.
        progress: Who is told of each gene.

    Raises:
        TracksError: If an input cannot be used.
    """
    config = request.config
    opened = open_training(request, config, progress)
    progress.stage("Measuring the given mask", len(opened.split.test))
    seen: dict[str, Bool[np.ndarray, " length"]] = {}
    read: dict[str, Bool[np.ndarray, " length"]] = {}
    for gene in opened.split.test:
        example = opened.reader.read(gene)
        assert example.fixed_mask is not None
        kept = example.fixed_mask.numpy() > 0
        sizes = opened.reader.inputs.sizes
        window = Window.around(gene, config.window, sizes[gene.chrom])
        inside, chrom = window.inside, gene.chrom
        if chrom not in seen:
            seen[chrom], read[chrom] = (np.zeros(sizes[chrom], bool) for _ in range(2))
        place = slice(inside.start, inside.end)
        seen[chrom][place] = True
        read[chrom][place] |= kept[window.pad_left : len(kept) - window.pad_right]
        progress.advance()
    total = sum(int(bases.sum()) for bases in seen.values())
    return sum(int(bases.sum()) for bases in read.values()) / total
