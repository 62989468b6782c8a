"""WindowScores: what the model says of one window. Plain numpy, padding gone."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32

from seq2exp_tracks.windows import Window

HIGHEST_EXPRESSION = 20.0
"""No log10(1 + CAGE) is near this: labels and predictions above it are not on that scale."""


@dataclass(frozen=True, slots=True, eq=False)
class WindowScores:
    """Scores of the bases of `window.inside`, one value a base, and the gene's predicted expression.

    Attributes:
        window: The window that was scored.
        learned: Mean of each base's Beta distribution, alpha / (alpha + beta), in [0, 1]: the learned
            regulatory-mask score, before any clamp (paper section 3.2).
        sd: Standard deviation of the same Beta distribution.
        applied: The mask that the predictor saw: blacklist at 0, the promoter at 1, and 0 or 1
            everywhere in hard models.
        excluded: Bases of the blacklist.
        expression: Predicted log10(1 + CAGE) of the gene.
        imputed: Names of the gene features that were not known and were filled in.
        contact: Hi-C signal as the model was given it: log10(1 + contact with the gene's TSS). None where
            the model reads no Hi-C or was given none of this TSS.
    """

    window: Window
    learned: Float32[np.ndarray, " inside"]
    sd: Float32[np.ndarray, " inside"]
    applied: Float32[np.ndarray, " inside"]
    excluded: Bool[np.ndarray, " inside"]
    expression: float
    imputed: tuple[str, ...]
    contact: Float32[np.ndarray, " inside"] | None
