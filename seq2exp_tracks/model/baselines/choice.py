"""The baselines by name."""

from typing import Any

from seq2exp_tracks.model.baselines.baseline import Baseline
from seq2exp_tracks.model.baselines.caduceus import CaduceusBaseline
from seq2exp_tracks.model.baselines.configs import (
    BaselineConfig,
    CaduceusConfig,
    EnformerConfig,
    EPInformerConfig,
    OneWayMambaConfig,
)
from seq2exp_tracks.model.baselines.enformer import Enformer
from seq2exp_tracks.model.baselines.epinformer import EPInformer
from seq2exp_tracks.model.baselines.mamba import MambaBaseline

BASELINES: dict[str, tuple[type[BaselineConfig], type[Baseline[Any]]]] = {
    "caduceus": (CaduceusConfig, CaduceusBaseline),
    "mamba": (OneWayMambaConfig, MambaBaseline),
    "epinformer": (EPInformerConfig, EPInformer),
    "enformer": (EnformerConfig, Enformer),
}
"""What each baseline is made of, and the model itself."""


def kind_of(config: BaselineConfig) -> str:
    """The name of a configuration's baseline."""
    return next(name for name, (kind, _) in BASELINES.items() if type(config) is kind)


def make_baseline(config: BaselineConfig) -> Baseline[Any]:
    """A baseline whose weights are yet to be filled in.

    Raises:
        TracksError: If it needs a package that is not installed.
    """
    return BASELINES[kind_of(config)][1](config)


def initialised(config: BaselineConfig, seed: int) -> Baseline[Any]:
    """An untrained baseline in evaluation mode, with the published initial weights drawn from a seed.

    Raises:
        TracksError: If it needs a package that is not installed.
    """
    return BASELINES[kind_of(config)][1].initialised(config, seed)
