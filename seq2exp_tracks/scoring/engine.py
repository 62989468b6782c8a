"""Windows through the model: WindowInputs in, WindowScores out.

The only place where a window's numpy arrays become tensors and come back. However many are launched at once,
a gene's scores depend on nothing but the gene, which is what makes runs reproducible.

`score_window` is all of it in turn, for one window. Its parts are there for whoever keeps a GPU busy: the
inputs of the next windows are copied and the scores of the last ones fetched while it computes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float32, UInt8
from torch import Tensor
from torch.nn.functional import embedding

from seq2exp_tracks.errors import CheckpointError
from seq2exp_tracks.inputs import WindowInputs
from seq2exp_tracks.model.seq2exp import Seq2Exp
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.signals import CONTACT_SIGNAL
from seq2exp_tracks.windows import Window

# One row a code of a base: A, C, G, T, and zeros for N.
_ONE_HOT = torch.cat([torch.eye(4), torch.zeros(1, 4)])


class WindowTensors(NamedTuple):
    """What the model reads of windows of one length. Bases are codes: a sixteenth of one-hot."""

    bases: UInt8[Tensor, "windows length"]
    signals: Float32[Tensor, "windows length channels"]
    excluded: Bool[Tensor, "windows length"]
    features: Float32[Tensor, "windows nfeatures"]


@dataclass(frozen=True, slots=True, eq=False)
class Launched:
    """Windows that the device computes, and where in host memory their scores will be.

    Attributes:
        inputs: What was scored.
        contacts: As in `WindowScores`, of each window.
        learned: Mean of each base's Beta distribution.
        sd: Standard deviation of the same.
        applied: The mask that the predictor saw.
        expression: Predicted log10(1 + CAGE).
        fetched: When the four are there; None where they are already.
    """

    inputs: Sequence[WindowInputs]
    contacts: list[Float32[np.ndarray, " _"] | None]
    learned: Float32[Tensor, "windows length"]
    sd: Float32[Tensor, "windows length"]
    applied: Float32[Tensor, "windows length"]
    expression: Float32[Tensor, " windows"]
    fetched: torch.cuda.Event | None


def score_window(
    model: Seq2Exp,
    inputs: WindowInputs,
    device: torch.device,
    logits: Float32[Tensor, "1 length 2"] | None = None,
) -> WindowScores:
    """Scores one window.

    Args:
        model: The model, in evaluation mode and on `device`.
        inputs: What the model reads, padding included.
        device: Where the arithmetic happens.
        logits: What the model's generator says of the window, if that is known already.

    Returns:
        Scores of the bases inside the chromosome: the padding is removed here.

    Raises:
        CheckpointError: If the model's mask is given from outside, so that there is nothing learned
            to show.
    """
    tensors = WindowTensors(*(tensor.to(device) for tensor in as_tensors(inputs)))
    (scores,) = collect(launch(model, [inputs], tensors, logits))
    return scores


def as_tensors(inputs: WindowInputs) -> WindowTensors:
    """The arrays of one window as tensors on the host, which share their memory."""
    arrays = (inputs.bases, inputs.signals, inputs.excluded, inputs.features)
    return WindowTensors(*(torch.from_numpy(array).unsqueeze(0) for array in arrays))


@torch.inference_mode()
def launch(
    model: Seq2Exp,
    inputs: Sequence[WindowInputs],
    tensors: WindowTensors,
    logits: Float32[Tensor, "windows length 2"] | None = None,
) -> Launched:
    """Begins to score windows; a GPU goes on computing after the return.

    Args:
        model: The model, in evaluation mode.
        inputs: What is scored.
        tensors: The same, on the model's device.
        logits: See `score_window`.

    Raises:
        CheckpointError: See `score_window`.
    """
    output = model(
        one_hot(tensors.bases),
        tensors.signals,
        tensors.features if model.config.gene_features else None,
        blacklist=tensors.excluded,
        logits=logits,
    )
    if output.alpha is None or output.beta is None:
        raise CheckpointError(
            "this checkpoint takes its mask from outside: it has learned none to write as a track"
        )
    mean, sd = _beta_moments(output.alpha, output.beta)
    launched = Launched(
        inputs=inputs,
        contacts=[_contact(window, model.config.signals) for window in inputs],
        learned=_to_host(mean),
        sd=_to_host(sd),
        applied=_to_host(output.mask),
        expression=_to_host(output.expression),
        fetched=torch.cuda.Event() if mean.is_cuda else None,  # type: ignore[no-untyped-call] # as torch has it
    )
    if launched.fetched is not None:
        launched.fetched.record(torch.cuda.current_stream(mean.device))
    return launched


def collect(launched: Launched) -> list[WindowScores]:
    """Waits for the scores of windows that were launched, and removes the padding."""
    if launched.fetched is not None:
        launched.fetched.synchronize()
    return [_scores(launched, place) for place in range(len(launched.inputs))]


def one_hot(bases: UInt8[Tensor, "batch length"]) -> Float32[Tensor, "batch length 4"]:
    """Bases as the model reads them, on their device: a 1 for A, C, G or T, a row of zeros for N."""
    encoded: Tensor = embedding(bases.int(), _ONE_HOT.to(bases.device))
    return encoded


def _scores(launched: Launched, place: int) -> WindowScores:
    """The scores of one of the windows, in memory of their own."""
    inputs = launched.inputs[place]
    window = inputs.window
    return WindowScores(
        window=window,
        learned=_inside(window, launched.learned[place]),
        sd=_inside(window, launched.sd[place]),
        applied=_inside(window, launched.applied[place]),
        excluded=window.crop(inputs.excluded).copy(),
        expression=launched.expression[place].item(),
        imputed=inputs.imputed,
        contact=launched.contacts[place],
    )


def _contact(inputs: WindowInputs, channels: tuple[str, ...]) -> Float32[np.ndarray, " inside"] | None:
    """The channel of contact with the TSS, if there is one and the TSS was seen.

    A TSS that was seen has contact above 0 with every base, by the pseudocount; one that was not, or a run
    without Hi-C, has 0 everywhere.
    """
    if CONTACT_SIGNAL not in channels:
        return None
    contact = inputs.window.crop(inputs.signals[:, channels.index(CONTACT_SIGNAL)]).copy()
    return contact if contact.any() else None


def _beta_moments(alpha: Tensor, beta: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation of Beta(alpha, beta), elementwise."""
    total = alpha + beta
    mean = alpha / total
    return mean, torch.sqrt(mean * (beta / total) / (total + 1))


def _to_host(values: Tensor) -> Tensor:
    """Values in host memory, or on their way there: only into pinned memory can a GPU copy meanwhile."""
    if not values.is_cuda:
        return values.to("cpu", torch.float32)
    pinned = torch.empty(values.shape, dtype=torch.float32, pin_memory=True)
    return pinned.copy_(values, non_blocking=True)


def _inside(window: Window, values: Tensor) -> Float32[np.ndarray, " inside"]:
    """Values of the bases inside the chromosome, in memory of their own."""
    return window.crop(values.numpy()).copy()
