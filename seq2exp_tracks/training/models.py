"""The models that can be trained: Seq2Exp in its settings, and the baselines, all by one loop."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import nn

from seq2exp_tracks.checkpoints import load_checkpoint, save_checkpoint
from seq2exp_tracks.checkpoints.baselines import load_baseline, save_baseline
from seq2exp_tracks.model.baselines import Baseline, BaselineConfig, EnformerConfig, initialised
from seq2exp_tracks.model.baselines.enformer import check_library
from seq2exp_tracks.model.config import BetaConfig, ModelConfig
from seq2exp_tracks.model.seq2exp import Seq2Exp
from seq2exp_tracks.scales import Distribution

Config = ModelConfig | BaselineConfig


def new_model(config: Config, seed: int) -> Seq2Exp | Baseline[Any]:
    """A model with its first weights; those that are trained have gradients.

    Raises:
        TracksError: If it needs a package that is not installed.
    """
    if isinstance(config, BaselineConfig):
        return initialised(config, seed).requires_grad_(True)
    model = Seq2Exp.initialised(config, seed).requires_grad_(True)
    if config.learns_mask:
        model.signal_weights.requires_grad_(config.beta.learned)
        model.signal_betas.requires_grad_(config.beta.learned)
    return model


def check_packages(config: Config) -> None:
    """Looks whether a model can be made, before anything is read for it.

    Raises:
        TracksError: If it needs a package that is not installed.
    """
    if isinstance(config, EnformerConfig):
        check_library()


def save_model(model: nn.Module, path: Path, scales: Mapping[str, Distribution] | None = None) -> None:
    """Writes a model as a checkpoint of our own.

    Args:
        model: The model.
        path: Where to.
        scales: How its signals were distributed; baselines, which no command scores with, do not tell it.

    Raises:
        OutputError: If the file cannot be written.
    """
    if isinstance(model, Seq2Exp):
        save_checkpoint(model, path, scales)
    elif isinstance(model, Baseline):
        save_baseline(model, path)


def load_model(config: Config, path: Path) -> Seq2Exp | Baseline[Any]:
    """Reads what `save_model` wrote, ready to predict.

    Raises:
        CheckpointError: If the file is damaged.
    """
    return load_baseline(path) if isinstance(config, BaselineConfig) else load_checkpoint(path)


def marginal_of(config: Config) -> BetaConfig:
    """What the mask is drawn to; without meaning where none is learned."""
    return config.beta if isinstance(config, ModelConfig) else BetaConfig()
