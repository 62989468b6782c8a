"""Our own checkpoint format: one safetensors file that holds weights and configuration.

The file's metadata has one key, `seq2exp_tracks`, with a JSON object:

    format     1
    config     the ModelConfig (model/config.py, `to_json`)
    selector   the selector's ModelConfig, or null
    scales     how the values of each signal were distributed in training (scales.py), by its name; only
               where that is known

Tensors carry the names of the model's state dict, a selector's with the prefix "selector.".
"""

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from seq2exp_tracks.errors import CheckpointError, OutputError
from seq2exp_tracks.model.config import ModelConfig
from seq2exp_tracks.model.seq2exp import Seq2Exp
from seq2exp_tracks.scales import Distribution

FORMAT = 1
KEY = "seq2exp_tracks"


@dataclass(frozen=True, slots=True, eq=False)
class OwnCheckpoint:
    """A file of ours, read but not yet a model.

    Attributes:
        config: What the model is made of.
        selector: What its selector is made of, where it has one.
        weights: Tensors by our names.
    """

    config: ModelConfig
    selector: ModelConfig | None
    weights: dict[str, Tensor]


def write_own(model: Seq2Exp, path: Path, scales: Mapping[str, Distribution] | None = None) -> None:
    """Writes a model; the file appears under its name only when it is whole.

    Args:
        model: The model.
        path: Where to.
        scales: How the values of its signals were distributed in training, or None.

    Raises:
        OutputError: If the file cannot be written.
    """
    selector = model.selector.config.to_json() if model.selector is not None else None
    header: dict[str, Any] = {"format": FORMAT, "config": model.config.to_json(), "selector": selector}
    if scales is not None:
        header["scales"] = {name: found.to_json() for name, found in scales.items()}
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
    content = save(tensors, {KEY: json.dumps(header, sort_keys=True)})
    try:
        _write_whole(content, path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror or error})") from error


def _write_whole(content: bytes, path: Path) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def read_own(path: Path) -> OwnCheckpoint:
    """Reads a file of ours with all its weights.

    Raises:
        CheckpointError: If it is none, or is damaged.
    """
    config, selector = read_own_configs(path)
    try:
        with safe_open(path, framework="pt") as file:
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # not a dict
    except (SafetensorError, OSError) as error:
        raise _damaged(path, error) from error
    return OwnCheckpoint(config, selector, weights)


def read_own_configs(path: Path) -> tuple[ModelConfig, ModelConfig | None]:
    """Reads the configuration of a model and of its selector, and leaves the weights where they are."""
    text = _header(path)
    try:
        header: dict[str, Any] = json.loads(text)
        if header["format"] != FORMAT:
            raise ValueError(f"format {header['format']}, this version reads {FORMAT}")
        selector = header["selector"]
        config = ModelConfig.from_json(header["config"])
        return config, ModelConfig.from_json(selector) if selector is not None else None
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise CheckpointError(f"{path}: its configuration cannot be read ({error})") from error


def read_own_scales(path: Path) -> dict[str, Distribution] | None:
    """Reads how the values of the signals were distributed in training; None where the file does not tell.

    Raises:
        CheckpointError: If the file is damaged.
    """
    text = _header(path)
    try:
        scales: dict[str, Any] | None = json.loads(text).get("scales")
        if scales is None:
            return None
        return {name: Distribution.from_json(values) for name, values in scales.items()}
    except (AttributeError, ValueError, RecursionError) as error:
        raise CheckpointError(f"{path}: its distributions of signals cannot be read ({error})") from error


def _header(path: Path) -> str:
    """What a file of ours tells beside its weights, as JSON."""
    try:
        with safe_open(path, framework="pt") as file:
            metadata: dict[str, str] = file.metadata() or {}
    except (SafetensorError, OSError) as error:
        raise _damaged(path, error) from error
    if KEY not in metadata:
        raise CheckpointError(f"{path}: a safetensors file, but not a checkpoint of seq2exp-tracks")
    return metadata[KEY]


def _damaged(path: Path, error: Exception) -> CheckpointError:
    return CheckpointError(f"{path}: not a whole checkpoint ({error}); copy or convert it again")
