"""What each baseline is made of; the defaults are the published settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from seq2exp_tracks.errors import CheckpointError
from seq2exp_tracks.model.config import SIGNALS, Directions, MambaConfig, ModelConfig
from seq2exp_tracks.model.config_json import from_json, to_json
from seq2exp_tracks.model.mask_rules import FixedKind, FixedMask

ELEMENT = 2000
"""Bases of a promoter or element as EPInformer reads it."""

PROMOTER_REACH = ELEMENT // 2
"""An element whose centre is no further from the TSS belongs to the promoter."""

BIN = 128
"""Bases of one position of Enformer's transformer."""

ACCESSIBILITY = "DNase"
"""The signal by whose summits EPInformer can call elements."""

MOST_BASES = 196_608
"""Enformer reads no more than the middle of a window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineConfig:
    """What all baselines have.

    Attributes:
        window: Bases that the model was trained on around a TSS.
        signals: Names of the signals that it is given, in channel order; not every baseline reads them.
        gene_features: Expected numbers a gene, 0 for none.
    """

    window: int = 200_000
    signals: tuple[str, ...] = SIGNALS
    gene_features: int = 9

    def __post_init__(self) -> None:
        if self.window < 1 or self.gene_features < 0:
            raise ValueError(f"a window of {self.window} bp and {self.gene_features} gene features")

    @property
    def least_window(self) -> int:
        """The shortest window that the model can read, in bp."""
        return 1

    @property
    def needs_mask(self) -> bool:
        """Whether the model has to be given a mask."""
        return False

    @property
    def normalises_batch(self) -> bool:
        """Whether training takes norms over all windows of a batch, so that none is computed alone."""
        return False

    def check_window(self, length: int) -> None:
        """Checks that a window of this length can be scored.

        Raises:
            CheckpointError: If it is too short.
        """
        if length < self.least_window:
            raise CheckpointError(
                f"a window of {length:,} bp, but {type(self).__name__.removesuffix('Config')} reads at least "
                f"{self.least_window:,} bp: use a longer one"
            )

    def to_json(self) -> dict[str, Any]:
        """The configuration as plain values that JSON can hold."""
        plain: dict[str, Any] = to_json(self)
        return plain

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Reads what `to_json` wrote.

        Raises:
            ValueError: If a value is missing, unknown, of another type or not allowed.
        """
        return from_json(cls, values)


@dataclass(frozen=True, slots=True, kw_only=True)
class _StackConfig(BaselineConfig):
    """What the baselines have that read with a stack of Mamba layers.

    Attributes:
        d_model: Channels of the network.
        layers: Layers of the stack.
        mamba: Sizes of the Mamba blocks.
        promoter: Bases in the middle of the window whose rows are averaged for the prediction; 0 for all.
    """

    d_model: int = 128
    layers: int = 4
    mamba: MambaConfig = field(default_factory=MambaConfig)
    promoter: int = 2000

    def __post_init__(self) -> None:
        BaselineConfig.__post_init__(self)
        if min(self.d_model, self.layers) < 1 or self.promoter < 0:
            raise ValueError(f"{self.d_model} channels, {self.layers} layers, promoter of {self.promoter} bp")

    @property
    def least_window(self) -> int:
        """The promoter has to lie inside."""
        return max(self.promoter, 1)

    @property
    def sizes(self) -> ModelConfig:
        """The sizes of the stack, as the layers of Seq2Exp take them."""
        return ModelConfig(
            window=self.window,
            d_model=self.d_model,
            generator_layers=0,
            encoder_layers=self.layers,
            mamba=self.mamba,
            mask=FixedMask(FixedKind.PEAKS),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CaduceusConfig(_StackConfig):
    """Caduceus: the whole window in both directions.

    Attributes:
        layers: As many as Seq2Exp's two stacks have together.
        with_signals: The signals are read beside the sequence.
        masked: The input is multiplied by the mask that is given.
    """

    layers: int = 8
    with_signals: bool = True
    masked: bool = False

    @property
    def needs_mask(self) -> bool:
        """Whether the model has to be given a mask."""
        return self.masked


@dataclass(frozen=True, slots=True, kw_only=True)
class OneWayMambaConfig(_StackConfig):
    """Mamba: the sequence alone, from its start to the promoter."""

    mamba: MambaConfig = field(default_factory=lambda: MambaConfig(directions=Directions.FORWARD))

    def __post_init__(self) -> None:
        _StackConfig.__post_init__(self)
        if self.mamba.directions is not Directions.FORWARD:
            raise ValueError(f"this baseline reads forwards, not {self.mamba.directions}")


@dataclass(frozen=True, slots=True, kw_only=True)
class EPInformerConfig(BaselineConfig):
    """EPInformer: the promoter and the elements nearest to it.

    Attributes:
        elements: Most elements a gene.
        d_model: Channels of the attention, a multiple of 32.
        layers: Layers of attention.
        heads: Heads of attention; they divide `d_model`.
        calls_elements: The elements are the summits of the window's DNase, and not the stretches of a mask
            that is given.
    """

    elements: int = 60
    d_model: int = 128
    layers: int = 3
    heads: int = 4
    calls_elements: bool = False

    def __post_init__(self) -> None:
        BaselineConfig.__post_init__(self)
        if self.d_model < 1 or self.d_model % 32 or self.heads < 1 or self.d_model % self.heads:
            raise ValueError(
                f"{self.d_model} channels in {self.heads} heads: not multiples of 32 and of them"
            )
        if min(self.elements, self.layers) < 1:
            raise ValueError(f"{self.elements} elements, {self.layers} layers")
        if self.calls_elements and ACCESSIBILITY not in self.signals:
            raise ValueError(f"elements are called from {ACCESSIBILITY}, which is not among the signals")

    @property
    def least_window(self) -> int:
        """The promoter has to lie inside."""
        return ELEMENT

    @property
    def needs_mask(self) -> bool:
        """The elements are the stretches of a mask, unless the model calls them itself."""
        return not self.calls_elements

    @property
    def normalises_batch(self) -> bool:
        """Convolutions are followed by batch norms."""
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class EnformerConfig(BaselineConfig):
    """Enformer, with new weights, and the head of the other baselines.

    Attributes:
        dim: Channels of the transformer.
        depth: Its layers.
        heads: Its heads of attention.
        key_dim: Channels of a head's keys.
        divisible_by: The channels of the convolutions are rounded to multiples of this; it divides `dim`.
        d_model: Channels of the head.
    """

    dim: int = 1536
    depth: int = 11
    heads: int = 8
    key_dim: int = 64
    divisible_by: int = 128
    d_model: int = 128

    def __post_init__(self) -> None:
        BaselineConfig.__post_init__(self)
        if min(self.dim, self.depth, self.heads, self.key_dim, self.divisible_by, self.d_model) < 1:
            raise ValueError("sizes of Enformer must be at least 1")
        # Three kinds of distance features, each with and without a sign.
        if self.dim % self.divisible_by or self.dim % (6 * self.heads):
            raise ValueError(
                f"{self.dim} channels in {self.heads} heads: no multiple of {self.divisible_by} or 6 a head"
            )

    @property
    def least_window(self) -> int:
        """A few bins, of which the outer ones are left out."""
        return 4 * BIN

    @property
    def normalises_batch(self) -> bool:
        """Convolutions are preceded by batch norms."""
        return True
