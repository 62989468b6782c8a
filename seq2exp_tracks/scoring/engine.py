"""One window through the model: WindowInputs in, WindowScores out.

The only place where a window's numpy arrays become tensors and come back. One window at a time: a
gene's scores then depend on nothing but the gene, which is what makes runs reproducible.
"""

import numpy as np
import torch
from jaxtyping import Float32

from seq2exp_tracks.errors import CheckpointError, TracksError
from seq2exp_tracks.inputs import WindowInputs, one_hot
from seq2exp_tracks.model.seq2exp import Seq2Exp
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.signals import CONTACT_SIGNAL
from seq2exp_tracks.windows import Window


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


@torch.inference_mode()
def score_window(model: Seq2Exp, inputs: WindowInputs, device: torch.device) -> WindowScores:
    """Scores one window.

    Args:
        model: The model, in evaluation mode and on `device`.
        inputs: What the model reads, padding included.
        device: Where the arithmetic happens.

    Returns:
        Scores of the bases inside the chromosome: the padding is removed here.

    Raises:
        CheckpointError: If the model's mask is given from outside, so that there is nothing learned
            to show.
    """

    def batch(array: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(array).unsqueeze(0).to(device)

    output = model(
        batch(one_hot(inputs.bases)),
        batch(inputs.signals),
        batch(inputs.features) if model.config.gene_features else None,
        blacklist=batch(inputs.excluded),
    )
    if output.alpha is None or output.beta is None:
        raise CheckpointError(
            "this checkpoint takes its mask from outside: it has learned none to write as a track"
        )
    window = inputs.window
    mean, sd = _beta_moments(output.alpha[0], output.beta[0])
    return WindowScores(
        window=window,
        learned=_inside(window, mean),
        sd=_inside(window, sd),
        applied=_inside(window, output.mask[0]),
        excluded=window.crop(inputs.excluded).copy(),
        expression=output.expression.item(),
        imputed=inputs.imputed,
        contact=_contact(inputs, model.config.signals),
    )


def _contact(inputs: WindowInputs, channels: tuple[str, ...]) -> Float32[np.ndarray, " inside"] | None:
    """The channel of contact with the TSS, if there is one and the TSS was seen.

    A TSS that was seen has contact above 0 with every base, by the pseudocount; one that was not, or a run
    without Hi-C, has 0 everywhere.
    """
    if CONTACT_SIGNAL not in channels:
        return None
    contact: np.ndarray = inputs.window.crop(inputs.signals[:, channels.index(CONTACT_SIGNAL)])
    return contact.copy() if contact.any() else None


def _beta_moments(alpha: torch.Tensor, beta: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and standard deviation of Beta(alpha, beta), elementwise."""
    total = alpha + beta
    mean = alpha / total
    return mean, torch.sqrt(mean * (beta / total) / (total + 1))


def _inside(window: Window, values: torch.Tensor) -> Float32[np.ndarray, " inside"]:
    """Values of the bases inside the chromosome, in memory of their own."""
    array: np.ndarray = values.to("cpu", torch.float32).numpy()
    return window.crop(array).copy()
