"""Loads checkpoints of either format into models, strictly, and tells what they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from seq2exp_tracks.checkpoints.fitting import misfits, refuse, refuse_sizes, shapes_of
from seq2exp_tracks.checkpoints.own import read_own, read_own_configs, read_own_scales
from seq2exp_tracks.checkpoints.published import (
    PublishedCheckpoint,
    read_published,
    read_published_config,
    rename,
)
from seq2exp_tracks.errors import CheckpointError
from seq2exp_tracks.model.config import ModelConfig
from seq2exp_tracks.model.seq2exp import Seq2Exp
from seq2exp_tracks.scales import Distribution


@dataclass(frozen=True, slots=True)
class CheckpointInfo:
    """What `checkpoint inspect` tells.

    Attributes:
        path: The file.
        format: Who wrote it in which format.
        config: What the model is made of.
        parameters: Number of weights, shared ones counted once, without a selector's.
        ignored: Keys and options of the file that mean nothing to us.
    """

    path: Path
    format: str
    config: ModelConfig
    parameters: int
    ignored: tuple[str, ...]

    def __str__(self) -> str:
        """One fact a line, for people."""
        config = self.config
        facts = {
            "format": self.format,
            "mask": str(config.mask),
            "window": f"{config.window:,} bp" + (" only" if config.position_embedding else ""),
            "promoter": f"{config.promoter:,} bp",
            "signals": ", ".join(config.signals),
            "gene features": str(config.gene_features),
            "layers": f"{config.generator_layers} + {config.encoder_layers}"
            + (" (one stack for both)" if config.shared_stack else ""),
            "channels": str(config.d_model),
            "parameters": f"{self.parameters:,}",
            "ignored": ", ".join(self.ignored) or "nothing",
        }
        return "\n".join(f"{name:14}{fact}" for name, fact in facts.items())


def load_checkpoint(path: str | Path) -> Seq2Exp:
    """Loads a trained model, ready to score.

    Args:
        path: A file of ours or a published Lightning checkpoint. The checkpoint of a selector that a
            published one names is looked for beside it.

    Returns:
        The model in evaluation mode and float32, with gradients of its weights switched off (so that the
        fast scan is used; `requires_grad_()` switches them on).

    Raises:
        CheckpointError: If the file is not a checkpoint, is damaged or unsafe, does not fit its
            configuration, or needs what we do not compute.
    """
    return _load(Path(path))[0]


def read_config(path: str | Path) -> ModelConfig:
    """Reads the configuration of a checkpoint without its weights.

    Raises:
        CheckpointError: As `load_checkpoint`, for what the configuration shows.
    """
    path = Path(path)
    return read_published_config(path) if _is_published(path) else read_own_configs(path)[0]


def read_scales(path: str | Path) -> dict[str, Distribution] | None:
    """Reads how the values of each signal were distributed in training, by the signal's name.

    Returns:
        The distributions; None for published checkpoints and others that do not tell.

    Raises:
        CheckpointError: If the file is no checkpoint, or is damaged.
    """
    path = Path(path)
    return None if _is_published(path) else read_own_scales(path)


def describe_checkpoint(path: str | Path) -> CheckpointInfo:
    """Loads a checkpoint to tell what it is; raises what `load_checkpoint` raises."""
    model, written_by, ignored = _load(Path(path))
    parameters = sum(tensor.numel() for tensor in _own_tensors(model).values())
    return CheckpointInfo(Path(path), written_by, model.config, parameters, ignored)


def _load(path: Path) -> tuple[Seq2Exp, str, tuple[str, ...]]:
    """A model, who wrote its file, and what of the file was ignored."""
    if not _is_published(path):
        return _load_own(path), "seq2exp-tracks", ()
    checkpoint = read_published(path)
    selector = _load_selector(checkpoint, path) if checkpoint.config.selector else None
    model = _empty(checkpoint.config, selector, checkpoint.weights, path)
    weights, problems = rename(checkpoint.weights, checkpoint.config, shapes_of(_own_tensors(model)))
    refuse(problems, path)
    _fill(model, weights, path)
    return model, f"published, PyTorch Lightning {checkpoint.version}", checkpoint.ignored


def _load_selector(checkpoint: PublishedCheckpoint, path: Path) -> Seq2Exp:
    """Loads the frozen model that picks the mask, and checks it against the copy in the checkpoint."""
    beside = path.parent / str(checkpoint.config.selector)
    if not beside.is_file():
        raise CheckpointError(f"{path}: its mask is picked by {beside.name}: put that file beside it")
    theirs = read_published(beside) if _is_published(beside) else None
    if theirs is None or not theirs.config.learns_mask:
        raise CheckpointError(f"{beside}: picks the mask of {path.name}, but learns no mask itself")
    if len(theirs.config.signals) > len(checkpoint.config.signals):
        raise CheckpointError(
            f"{beside}: needs the signals {theirs.config.signals}, but {path.name} has fewer"
        )
    refuse(
        [
            f"mask_model.{name} is not the one of {beside.name}"
            for name, tensor in checkpoint.selector_weights().items()
            if name not in theirs.weights or not torch.equal(tensor, theirs.weights[name])
        ],
        path,
    )
    return load_checkpoint(beside)


def _load_own(path: Path) -> Seq2Exp:
    checkpoint = read_own(path)
    config = checkpoint.selector
    if (config is None) != (checkpoint.config.selector is None) or (config and not config.learns_mask):
        raise CheckpointError(f"{path}: its configuration and its selector do not fit together")
    selector = _empty(config, None, checkpoint.weights, path) if config else None
    model = _empty(checkpoint.config, selector, checkpoint.weights, path)
    refuse(misfits(shapes_of(checkpoint.weights), shapes_of(model.state_dict())), path)
    _fill(model, checkpoint.weights, path)
    return model


def _is_published(path: Path) -> bool:
    """Tells the two formats apart by their first bytes.

    Raises:
        CheckpointError: If there is no such file, or it is neither.
    """
    if path.is_dir():
        raise CheckpointError(f"{path}: a folder; name the checkpoint file inside it")
    try:
        with path.open("rb") as file:
            head = file.read(9)
    except FileNotFoundError as error:
        way_out = "score --checkpoint soft fetches the authors'"
        raise CheckpointError(f"{path}: no such file; {way_out}") from error
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read ({error.strerror})") from error
    if head.startswith(b"PK"):
        return True
    if len(head) == 9 and head.endswith(b"{"):  # safetensors: 8 bytes of length, then JSON
        return False
    found = f"it starts with '{head[:4].decode('latin-1')}'" if head else "an empty file"
    raise CheckpointError(
        f"{path}: not a checkpoint ({found}); "
        "expected a Lightning .ckpt or a .safetensors file of seq2exp-tracks"
    )


def _empty(
    config: ModelConfig, selector: Seq2Exp | None, weights: Mapping[str, Tensor], path: Path
) -> Seq2Exp:
    """A model for the tensors of a file, whose weights take no memory yet."""
    refuse_sizes(config.to_json(), weights, path)
    try:
        with torch.device("meta"):
            return Seq2Exp(config, selector)
    except (RuntimeError, TypeError) as error:
        raise CheckpointError(f"{path}: its configuration asks for impossible sizes") from error


def _own_tensors(model: Seq2Exp) -> dict[str, Tensor]:
    """A model's own tensors by name, without its selector's."""
    state = model.state_dict()
    return {name: tensor for name, tensor in state.items() if not name.startswith("selector.")}


def _fill(model: Seq2Exp, weights: Mapping[str, Tensor], path: Path) -> None:
    """Gives a model its weights in float32, and makes it ready to score."""
    broken = [name for name, tensor in weights.items() if not tensor.isfinite().all()]
    refuse([f"{name} holds NaN or infinity" for name in broken], path)
    state = model.state_dict()  # a selector's tensors are there already
    # Copied, because where a tensor lies in a file or in another tensor decides its alignment in memory,
    # and that can decide the last bit of a matrix product.
    state |= {name: tensor.contiguous().to(torch.float32, copy=True) for name, tensor in weights.items()}
    model.load_state_dict(state, strict=True, assign=True)
    model.eval().requires_grad_(False)
