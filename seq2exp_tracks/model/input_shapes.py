"""What a model may be given: as many windows, bases and signals as its configuration says."""

from torch import Tensor

from seq2exp_tracks.model.config import ModelConfig
from seq2exp_tracks.model.mask_rules import FixedMask

BASES = 4


def check_shapes(
    config: ModelConfig,
    sequence: Tensor,
    signals: Tensor,
    gene_features: Tensor | None,
    fixed_mask: Tensor | None,
) -> None:
    """Checks the input of `Seq2Exp.forward`.

    Raises:
        ValueError: If something is missing or has another shape than the configuration asks for.
        CheckpointError: If the model cannot score windows of this length.
    """
    batch, length = sequence.shape[:2]
    config.check_window(length)
    if batch == 0:
        raise ValueError("a batch of no windows")
    _check_shape("sequence", sequence, (batch, length, BASES))
    _check_shape("signals", signals, (batch, length, len(config.signals)))
    if config.gene_features:
        _check_shape("gene_features", gene_features, (batch, config.gene_features))
    if isinstance(config.mask, FixedMask):
        _check_shape("fixed_mask", fixed_mask, (batch, length))


def _check_shape(name: str, tensor: Tensor | None, shape: tuple[int, ...]) -> None:
    found = None if tensor is None else tuple(tensor.shape)
    if found != shape:
        raise ValueError(f"{name} should have the shape {shape}, not {found}")
