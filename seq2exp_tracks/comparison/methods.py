"""The methods that can be compared, by the name of `--method`."""

from collections.abc import Sequence
from dataclasses import dataclass

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.model.config import ModelConfig
from seq2exp_tracks.training.models import Config
from seq2exp_tracks.training.settings import Setting

MACS3 = "macs3"
RETRAIN = "retrain"

DEFAULT = ("soft", "caduceus", "caduceus-sequence", MACS3)

RETRAIN_SHARE = 0.1
"""Share of the bases that the paper's retrained predictor reads: those of the highest learned mask."""


@dataclass(frozen=True, slots=True)
class Method:
    """What is trained under a name.

    Attributes:
        name: Its name.
        setting: The setting of `train`.
    """

    name: str
    setting: Setting

    @classmethod
    def named(cls, name: str) -> "Method":
        """The method of a name.

        Raises:
            InputError: If there is none.
        """
        if name not in names():
            raise InputError(f"--method {name}: no such method; there are {', '.join(names())}")
        return cls(name, Setting.FIXED if name in (MACS3, RETRAIN) else Setting(name))


def names() -> tuple[str, ...]:
    """Every method: all settings of `train` but that of a given mask, which two methods give it."""
    return (*(str(setting) for setting in Setting if not setting.is_given_mask), MACS3, RETRAIN)


def chosen(asked: Sequence[str]) -> tuple[Method, ...]:
    """The methods of some names, in their order, but the one that needs another's mask last.

    Raises:
        InputError: If a name is unknown or given twice, or the mask that `retrain` needs is not learned.
    """
    methods = [Method.named(name) for name in asked]
    if twice := [name for name in asked if asked.count(name) > 1]:
        raise InputError(f"--method {twice[0]} is given twice")
    if RETRAIN in asked and Setting.SOFT not in asked:
        raise InputError("--method retrain reads the mask that soft learns: add --method soft")
    return tuple(sorted(methods, key=lambda method: method.name == RETRAIN))


def learns_mask(config: Config) -> bool:
    """Whether a model has a mask to show, which `score` writes."""
    return isinstance(config, ModelConfig) and config.learns_mask
