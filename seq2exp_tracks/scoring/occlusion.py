"""What a gene's predicted expression becomes when the mask is 0 at some bases.

The mask of those bases is set as the blacklist sets it: to 0, before the promoter is set to 1. So the
promoter that the model always reads cannot be hidden, and everything else is as in the run.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from jaxtyping import Bool

from seq2exp_tracks.inputs import WindowInputs
from seq2exp_tracks.model.seq2exp import Seq2Exp
from seq2exp_tracks.scoring.engine import as_tensors, one_hot, score_window


@torch.inference_mode()
def predict_without(
    model: Seq2Exp, inputs: WindowInputs, hidden: Sequence[Bool[np.ndarray, " length"]], device: torch.device
) -> list[float]:
    """Predicts the expression of one gene once for each set of bases whose mask is 0.

    The generator runs once: what it says of a base does not depend on the mask.

    Args:
        model: A model that learns its mask, in evaluation mode and on `device`.
        inputs: What the model reads, padding included.
        hidden: Bases of the window, padding included, whose mask is 0; none for the prediction as it is.
        device: Where the arithmetic happens.

    Returns:
        Predicted log10(1 + CAGE), one for each set.

    Raises:
        CheckpointError: If the model's mask is given from outside.
    """
    logits = None
    if model.config.learns_mask:
        tensors = as_tensors(inputs)
        logits = model.sequence_logits(one_hot(tensors.bases.to(device)), tensors.signals.to(device))
    return [
        score_window(model, replace(inputs, excluded=inputs.excluded | bases), device, logits).expression
        for bases in hidden
    ]
