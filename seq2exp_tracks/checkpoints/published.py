"""Checkpoints of the published code (PyTorch Lightning): their names of weights and where ours lie in them.

The published state dict lists shared weights under every name, keeps input and gate projection in one
tensor, and stores the convolution with an axis of length 1.
"""

import reprlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from seq2exp_tracks.checkpoints.archive import Archive
from seq2exp_tracks.checkpoints.fitting import misfits, shapes_of
from seq2exp_tracks.checkpoints.options import translate
from seq2exp_tracks.checkpoints.unpickler import StoredTensor
from seq2exp_tracks.errors import CheckpointError
from seq2exp_tracks.model.config import Directions, ModelConfig

MODEL_NAME = "BiMambaMIRNP"
"""What the published registry calls Seq2Exp."""

PREFIX = "model."
SELECTOR_PREFIX = "mask_model."


@dataclass(frozen=True, slots=True, eq=False)
class PublishedCheckpoint:
    """A published checkpoint, read but not yet a model.

    Attributes:
        version: Version of PyTorch Lightning that wrote it.
        config: What the model is made of.
        weights: Tensors by their published names, without the prefix "model.".
        ignored: Keys of the state dict and options that mean nothing to us.
    """

    version: str
    config: ModelConfig
    weights: Mapping[str, Tensor]
    ignored: tuple[str, ...]

    def selector_weights(self) -> dict[str, Tensor]:
        """The copy of the selector's weights that the checkpoint holds."""
        return {
            name.removeprefix(SELECTOR_PREFIX): tensor
            for name, tensor in self.weights.items()
            if name.startswith(SELECTOR_PREFIX)
        }


def read_published(path: Path) -> PublishedCheckpoint:
    """Reads a published checkpoint with all its weights.

    Raises:
        CheckpointError: If it is none, is damaged or unsafe, or asks for what we do not compute.
    """
    archive = Archive(path)
    config, unknown = _options(archive.content, path)
    stored = _state_dict(archive.content, path)
    weights = {
        name.removeprefix(PREFIX): archive.tensor(tensor)
        for name, tensor in stored.items()
        if name.startswith(PREFIX)
    }
    others = tuple(name for name in stored if not name.startswith(PREFIX))
    version = str(archive.content.get("pytorch-lightning_version", "unknown"))
    return PublishedCheckpoint(version, config, weights, others + tuple(f"option {name}" for name in unknown))


def read_published_config(path: Path) -> ModelConfig:
    """Reads the configuration of a published checkpoint and leaves the weights where they are."""
    return _options(Archive(path).content, path)[0]


def _options(content: Any, path: Path) -> tuple[ModelConfig, tuple[str, ...]]:
    try:
        model = content["hyper_parameters"]["model"]
        name, values = model["_name_"], model["config"]
    except (KeyError, TypeError, IndexError) as error:
        best = path.with_name("best.safetensors")  # of our own training, whose state lies beside it
        way_out = f"give {best}" if best.exists() else "is it a checkpoint of Seq2Exp?"
        raise CheckpointError(
            f"{path}: holds no configuration (hyper_parameters.model); {way_out}"
        ) from error
    if name != MODEL_NAME:
        raise CheckpointError(f"{path}: holds the model {reprlib.repr(name)}, not Seq2Exp ({MODEL_NAME})")
    if not isinstance(values, dict):
        raise CheckpointError(f"{path}: its configuration is {reprlib.repr(values)}")
    try:
        return translate(values)
    except CheckpointError as error:
        raise CheckpointError(f"{path}: {error}") from error


def _state_dict(content: Any, path: Path) -> dict[str, StoredTensor]:
    stored = content.get("state_dict")
    if not isinstance(stored, dict):
        raise CheckpointError(f"{path}: holds no weights (state_dict); is it a checkpoint of Seq2Exp?")
    by_name = {str(name): tensor for name, tensor in stored.items()}
    for name, tensor in by_name.items():
        if name.startswith(PREFIX) and not isinstance(tensor, StoredTensor):
            raise CheckpointError(f"{path}: {name} is {reprlib.repr(tensor)}, which is no tensor")
    return by_name


@dataclass(frozen=True, slots=True)
class Source:
    """Where one of our tensors lies in a published state dict.

    Attributes:
        names: Every name it is listed under; all must hold the same values.
        shape: Its shape there.
        rows: The rows of it that are ours; None for all.
    """

    names: tuple[str, ...]
    shape: tuple[int, ...]
    rows: slice | None = None


def rename(
    weights: Mapping[str, Tensor], config: ModelConfig, shapes: Mapping[str, tuple[int, ...]]
) -> tuple[dict[str, Tensor], list[str]]:
    """Puts published weights under our names.

    Args:
        weights: Tensors by published name.
        config: What the model is made of.
        shapes: The shape of each of our tensors by our name.

    Returns:
        The tensors by our names, and everything that is wrong with them, one sentence each.
    """
    sources = {name: _source(name, shape, config) for name, shape in shapes.items()}
    wanted = {name: source.shape for source in sources.values() for name in source.names}
    found = {
        name: shape
        for name, shape in shapes_of(weights).items()
        if not (config.selector and name.startswith(SELECTOR_PREFIX))
    }
    problems = misfits(found, wanted)
    if problems:
        return {}, problems
    for source in sources.values():
        first, *others = source.names
        problems += [
            f"{first} and {other} should be one weight, but differ"
            for other in others
            if not torch.equal(weights[first], weights[other])
        ]
    ours = {
        name: weights[source.names[0]][source.rows or slice(None)].reshape(shapes[name])
        for name, source in sources.items()
    }
    return ours, list(dict.fromkeys(problems))


OUTSIDE_STACKS = {
    "sequence_embedding": "seq_input_layer",
    "signal_embedding": "signal_input_layer",
    "mask_output": "mask_output",
    "head": "pToExpr",
    "signal_weights": "prior_weights",
    "signal_betas": "signal_betas",
    "positions": "pos_emb",
}

IN_MAMBA = {"conv_weight": "conv1d.weight", "conv_bias": "conv1d.bias"}


def _source(name: str, shape: tuple[int, ...], config: ModelConfig) -> Source:
    """Where one of our tensors lies: `encoder.layers.0.forwards.D` in `encoder.backbone.layers.0.mixer…`."""
    first, _, rest = name.partition(".")
    if first in OUTSIDE_STACKS:
        their_shape = (1, *shape) if first == "positions" else shape
        return Source((".".join(filter(None, (OUTSIDE_STACKS[first], rest))),), their_shape)
    stacks = ("generator", "encoder") if config.shared_stack else (first,)
    if rest.startswith("norm."):
        return Source(tuple(f"{stack}.backbone.norm_f.weight" for stack in stacks), shape)
    layer, part, leaf = _split(rest)
    inside = list(_inside_layer(part, leaf, config))
    names = tuple(f"{stack}.backbone.{layer}.{tail}" for stack in stacks for tail in inside)
    if leaf == "conv_weight":
        return Source(names, (shape[0], 1, shape[1]))
    if leaf in ("input.weight", "gate.weight"):
        half = shape[0]
        rows = slice(None, half) if leaf == "input.weight" else slice(half, None)
        return Source(names, (2 * half, *shape[1:]), rows)
    return Source(names, shape)


def _split(rest: str) -> tuple[str, str, str]:
    """Cuts "layers.0.forwards.D" into layer, part and leaf."""
    layers, number, part, leaf = rest.split(".", 3)
    return f"{layers}.{number}", part, leaf


def _inside_layer(part: str, leaf: str, config: ModelConfig) -> Iterator[str]:
    """The names inside a layer of the published model, without the layer's own."""
    if part == "norm":
        yield "norm.weight"
    elif part in ("forwards", "backwards"):
        direction = "mamba_fwd" if part == "forwards" else "mamba_rev"
        yield f"mixer.{direction}.{IN_MAMBA.get(leaf, leaf)}"
    else:
        projection = "out_proj" if leaf == "output.weight" else "in_proj"
        if part == "projections":
            yield f"mixer.mamba_fwd.{projection}.weight"
        two_way = config.mamba.directions is not Directions.FORWARD
        if part == "backward_projections" or (two_way and config.mamba.tied):
            yield f"mixer.mamba_rev.{projection}.weight"
