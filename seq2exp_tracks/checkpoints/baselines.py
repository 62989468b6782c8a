"""Weights of baselines in and out: a safetensors file of ours, or a published Lightning checkpoint.

Our file's metadata has one key, `seq2exp_tracks_baseline`, with a JSON object:

    format     1
    baseline   the name of the baseline (model/baselines/choice.py)
    config     its configuration (model/baselines/configs.py, `to_json`)

Tensors carry the names of the model's state dict.
"""

import json
import reprlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from seq2exp_tracks.checkpoints.archive import Archive
from seq2exp_tracks.checkpoints.baseline_names import rename_baseline, translate_options
from seq2exp_tracks.checkpoints.fitting import misfits, refuse, refuse_sizes, shapes_of
from seq2exp_tracks.checkpoints.published import PREFIX
from seq2exp_tracks.checkpoints.unpickler import StoredTensor
from seq2exp_tracks.errors import CheckpointError
from seq2exp_tracks.io.whole_file import whole_file
from seq2exp_tracks.model.baselines import BASELINES, Baseline, BaselineConfig, make_baseline
from seq2exp_tracks.model.baselines.choice import kind_of

FORMAT = 1
KEY = "seq2exp_tracks_baseline"


def save_baseline(model: Baseline[Any], path: str | Path) -> None:
    """Writes a baseline to one file of ours, which appears under its name only when it is whole.

    Raises:
        OutputError: If the file cannot be written.
    """
    config = model.config
    header = {"format": FORMAT, "baseline": kind_of(config), "config": config.to_json()}
    tensors = {name: tensor.detach().cpu().clone() for name, tensor in model.state_dict().items()}
    with whole_file(Path(path)) as partial:
        save_file(tensors, partial, {KEY: json.dumps(header, sort_keys=True)})


def load_baseline(path: str | Path, config: BaselineConfig | None = None) -> Baseline[Any]:
    """Loads a trained baseline, ready to score.

    Args:
        path: A file of ours, or a checkpoint of the published code.
        config: What a published model is made of, where its options do not say all: an Enformer of other
            sizes than the library's own.

    Returns:
        The model in evaluation mode and float32, with gradients of its weights switched off.

    Raises:
        CheckpointError: If the file holds no baseline, is damaged or unsafe, or does not fit its
            configuration.
        TracksError: If the model needs a package that is not installed.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            published = file.read(2) == b"PK"
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read ({error.strerror})") from error
    return _load_published(path, config) if published else _load_own(path)


def _load_own(path: Path) -> Baseline[Any]:
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # not a dict
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{path}: not a whole checkpoint ({error}); copy it again") from error
    if KEY not in metadata:
        raise CheckpointError(f"{path}: a safetensors file, but no baseline of seq2exp-tracks")
    try:
        header: dict[str, Any] = json.loads(metadata[KEY])
        if header["format"] != FORMAT:
            raise ValueError(f"format {header['format']}, this version reads {FORMAT}")
        config = BASELINES[header["baseline"]][0].from_json(header["config"])
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise CheckpointError(f"{path}: its configuration cannot be read ({error})") from error
    refuse_sizes(config.to_json(), weights, path)
    model = _empty(config)
    refuse(misfits(shapes_of(weights), shapes_of(model.state_dict())), path)
    return _filled(model, weights, path)


def _load_published(path: Path, config: BaselineConfig | None) -> Baseline[Any]:
    archive = Archive(path)
    config = config or read_published_options(archive.content, path)
    stored = archive.content.get("state_dict")
    if not isinstance(stored, dict):
        raise CheckpointError(f"{path}: holds no weights (state_dict)")
    weights = {
        str(name).removeprefix(PREFIX): archive.tensor(tensor)
        for name, tensor in stored.items()
        if str(name).startswith(PREFIX) and isinstance(tensor, StoredTensor)
    }
    refuse_sizes(config.to_json(), weights, path)
    model = _empty(config)
    ours, problems = rename_baseline(weights, config, shapes_of(model.state_dict()))
    refuse(problems, path)
    return _filled(model, ours, path)


def read_published_options(content: Any, path: Path) -> BaselineConfig:
    """The configuration that a published checkpoint holds.

    Args:
        content: Its structure in plain values.
        path: The file, for messages.

    Raises:
        CheckpointError: If it holds none, or that of another model.
    """
    try:
        options = content["hyper_parameters"]["model"]
        name, values = str(options["_name_"]), options.get("config", options)
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        raise CheckpointError(
            f"{path}: holds no configuration (hyper_parameters.model); is it a checkpoint of a baseline?"
        ) from error
    if not isinstance(values, dict):
        raise CheckpointError(f"{path}: its configuration is {reprlib.repr(values)}")
    try:
        return translate_options(name, values)
    except CheckpointError as error:
        raise CheckpointError(f"{path}: {error}") from error


def _empty(config: BaselineConfig) -> Baseline[Any]:
    """A model to be filled; torch's global generator is left as it was."""
    with torch.random.fork_rng(devices=[]):
        return make_baseline(config)


def _filled(model: Baseline[Any], weights: Mapping[str, Tensor], path: Path) -> Baseline[Any]:
    """Gives a model its weights in float32, and makes it ready to score."""
    broken = [name for name, tensor in weights.items() if not tensor.isfinite().all()]
    refuse([f"{name} holds NaN or infinity" for name in broken], path)
    model.load_state_dict(weights, strict=True)
    return model.eval().requires_grad_(False)
