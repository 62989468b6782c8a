"""A window to measure with: random bases and signals, drawn from a seed. Reads no file."""

import numpy as np

from seq2exp_tracks.features import FEATURES
from seq2exp_tracks.genome import Gene, Strand
from seq2exp_tracks.inputs import WindowInputs
from seq2exp_tracks.windows import Window


def random_window(length: int, channels: int, seed: int = 0) -> WindowInputs:
    """What the model reads of a gene that there is not, without padding and blacklist.

    Args:
        length: Bases of the window.
        channels: Signals of the model.
        seed: What all of it is drawn from.
    """
    random = np.random.default_rng(seed)
    gene = Gene("random", "random", "random", length // 2, Strand.PLUS)
    return WindowInputs(
        window=Window.around(gene, length, length),
        bases=random.integers(0, 4, length, dtype=np.uint8),
        signals=random.gamma(0.5, 2, (length, channels)).astype(np.float32),
        excluded=np.zeros(length, bool),
        features=np.zeros(len(FEATURES), np.float32),
        imputed=(),
    )
