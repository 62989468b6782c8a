"""Genome-browser tracks of the regulatory masks that Seq2Exp learns.

The public names. Importing the package imports no torch: a name is loaded when it is first used.

    >>> import seq2exp_tracks
    >>> model = seq2exp_tracks.load_checkpoint("soft.ckpt")  # doctest: +SKIP
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seq2exp_tracks.checkpoints import load_checkpoint, save_checkpoint
    from seq2exp_tracks.errors import TracksError
    from seq2exp_tracks.genome import ChromSizes, Gene, Interval, Strand
    from seq2exp_tracks.manifest import Manifest
    from seq2exp_tracks.model import HARD, SOFT, ModelConfig, Seq2Exp
    from seq2exp_tracks.pipeline import ScoreRequest, make_tracks
    from seq2exp_tracks.windows import Window

_HOME = {
    "ChromSizes": "genome",
    "Gene": "genome",
    "HARD": "model",
    "Interval": "genome",
    "Manifest": "manifest",
    "ModelConfig": "model",
    "SOFT": "model",
    "ScoreRequest": "pipeline",
    "Seq2Exp": "model",
    "Strand": "genome",
    "TracksError": "errors",
    "Window": "windows",
    "load_checkpoint": "checkpoints",
    "make_tracks": "pipeline",
    "save_checkpoint": "checkpoints",
}

__all__ = [
    "HARD",
    "SOFT",
    "ChromSizes",
    "Gene",
    "Interval",
    "Manifest",
    "ModelConfig",
    "ScoreRequest",
    "Seq2Exp",
    "Strand",
    "TracksError",
    "Window",
    "load_checkpoint",
    "make_tracks",
    "save_checkpoint",
]


def __getattr__(name: str) -> Any:
    """Loads a public name from its module (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
