"""One window through the model: WindowInputs in, WindowScores out.

The only place where a window's numpy arrays become tensors and come back. One window at a time: a
gene's scores then depend on nothing but the gene, which is what makes runs reproducible.

`score_window` is all of it in turn. Its three parts are there for whoever keeps a GPU busy: the inputs of
the next window are copied and the scores of the last one fetched while it computes.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float32, UInt8
from torch import Tensor
from torch.nn.functional import embedding

from seq2exp_tracks.errors import CheckpointError, TracksError
from seq2exp_tracks.inputs import WindowInputs
from seq2exp_tracks.model.seq2exp import Seq2Exp
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.signals import CONTACT_SIGNAL
from seq2exp_tracks.windows import Window

# One row a code of a base: A, C, G, T, and zeros for N.
_ONE_HOT = torch.cat([torch.eye(4), torch.zeros(1, 4)])


class WindowTensors(NamedTuple):
    """What the model reads of one window, as a batch of one. Bases are codes: a sixteenth of one-hot."""

    bases: UInt8[Tensor, "1 length"]
    signals: Float32[Tensor, "1 length channels"]
    excluded: Bool[Tensor, "1 length"]
    features: Float32[Tensor, "1 nfeatures"]


@dataclass(frozen=True, slots=True, eq=False)
class Launched:
    """A window that the device computes, and where in host memory its scores will be.

    Attributes:
        inputs: What was scored.
        contact: As in `WindowScores`.
        learned: Mean of each base's Beta distribution.
        sd: Standard deviation of the same.
        applied: The mask that the predictor saw.
        expression: Predicted log10(1 + CAGE).
        fetched: When the four are there; None where they are already.
    """

    inputs: WindowInputs
    contact: Float32[np.ndarray, " inside"] | None
    learned: Float32[Tensor, " length"]
    sd: Float32[Tensor, " length"]
    applied: Float32[Tensor, " length"]
    expression: Float32[Tensor, ""]
    fetched: torch.cuda.Event | None


def resolve_device(name: str) -> torch.device:
    """The device that a user means.

    `auto` is the CPU, also where there is a GPU: the scan has no GPU kernel yet, and its definition goes
    through a window base by base, which a GPU is expected to do more slowly than a core the compiled scan.

    Args:
        name: `auto`, or a name of torch such as `cpu`, `cuda` or `cuda:1`.

    Raises:
        TracksError: If the device does not exist on this machine.
    """
    if name == "auto":
        return torch.device("cpu")
    if name.startswith("cuda") and not torch.cuda.is_available():
        raise TracksError(f"device {name!r}: torch {torch.__version__} sees no GPU here; use --device cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise TracksError(f"device {name!r} is unknown; use auto, cpu or cuda") from error
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise TracksError(f"device {name!r}: this machine has {torch.cuda.device_count()} GPU(s)")
    return device


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
    return collect(launch(model, inputs, tensors, logits))


def as_tensors(inputs: WindowInputs) -> WindowTensors:
    """The arrays of a window as tensors on the host, which share their memory."""
    arrays = (inputs.bases, inputs.signals, inputs.excluded, inputs.features)
    return WindowTensors(*(torch.from_numpy(array).unsqueeze(0) for array in arrays))


@torch.inference_mode()
def launch(
    model: Seq2Exp,
    inputs: WindowInputs,
    tensors: WindowTensors,
    logits: Float32[Tensor, "1 length 2"] | None = None,
) -> Launched:
    """Begins to score a window; a GPU goes on computing after the return.

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
    mean, sd = _beta_moments(output.alpha[0], output.beta[0])
    launched = Launched(
        inputs=inputs,
        contact=_contact(inputs, model.config.signals),
        learned=_to_host(mean),
        sd=_to_host(sd),
        applied=_to_host(output.mask[0]),
        expression=_to_host(output.expression[0]),
        fetched=torch.cuda.Event() if mean.is_cuda else None,  # type: ignore[no-untyped-call] # as torch has it
    )
    if launched.fetched is not None:
        launched.fetched.record(torch.cuda.current_stream(mean.device))
    return launched


def collect(launched: Launched) -> WindowScores:
    """Waits for the scores of a window that was launched, and removes the padding."""
    if launched.fetched is not None:
        launched.fetched.synchronize()
    inputs, window = launched.inputs, launched.inputs.window
    return WindowScores(
        window=window,
        learned=_inside(window, launched.learned),
        sd=_inside(window, launched.sd),
        applied=_inside(window, launched.applied),
        excluded=window.crop(inputs.excluded).copy(),
        expression=launched.expression.item(),
        imputed=inputs.imputed,
        contact=launched.contact,
    )


def one_hot(bases: UInt8[Tensor, "batch length"]) -> Float32[Tensor, "batch length 4"]:
    """Bases as the model reads them, on their device: a 1 for A, C, G or T, a row of zeros for N."""
    encoded: Tensor = embedding(bases.int(), _ONE_HOT.to(bases.device))
    return encoded


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
