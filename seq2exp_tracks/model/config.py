"""ModelConfig: what a Seq2Exp model is made of, and what it expects to be given.

Named settings instead of switches: each way to pick the mask is a type of its own. The names of the
published options stand in `seq2exp_tracks.checkpoints.options`, which translates them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Self

from seq2exp_tracks.errors import CheckpointError
from seq2exp_tracks.model.config_json import from_json, to_json
from seq2exp_tracks.model.mask_rules import FixedMask, HardMask, MaskRule, SelectorMask, SoftMask, TopMask

SIGNALS = ("H3K27ac", "DNase", "HiC")
"""The tracks that Seq2Exp knows, in channel order; HiC is log10(1 + contact with the gene's own TSS)."""


class Directions(StrEnum):
    """How a layer joins its two reading directions (Caduceus, section 3.1)."""

    ADD = "add"
    MULTIPLY = "multiply"
    FORWARD = "forward"  # one direction only


class SignalUse(StrEnum):
    """Which passes of the network see the signals; the mask's Beta always does."""

    NEITHER = "neither"
    ENCODER = "encoder"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class MambaConfig:
    """Sizes of one Mamba block and how its two directions are joined.

    Attributes:
        d_state: States a channel (N).
        d_conv: Width of the causal convolution.
        expand: Channels of the block for each channel of the network.
        dt_rank: Rank of the projection that gives the step size; None for ceil(d_model / 16).
        directions: How forward and reverse reading are joined.
        tied: Both directions share their input and output projections.
        norm_epsilon: Added to the mean square in RMSNorm.
    """

    d_state: int = 16
    d_conv: int = 4
    expand: int = 2
    dt_rank: int | None = None
    directions: Directions = Directions.ADD
    tied: bool = True
    norm_epsilon: float = 1e-5

    def __post_init__(self) -> None:
        sizes = (self.d_state, self.d_conv, self.expand, 1 if self.dt_rank is None else self.dt_rank)
        if min(sizes) < 1:
            raise ValueError(f"sizes of a Mamba block must be at least 1: {sizes}")


@dataclass(frozen=True, slots=True)
class BetaConfig:
    """Settings of the Beta distribution of the mask (paper section 3.2).

    Attributes:
        signals: Signals that give evidence, as a part of the model's signals. A single one uses the
            first beta and the first weight, whichever it is, as the published model does.
        betas: Constant beta of each signal's distribution, at initialisation.
        weights: Weights of the signals before normalisation, at initialisation.
        learned: Whether betas and weights are trained.
        scale: Factor of the signals' alpha and beta.
        minimum: Added to every alpha and beta.
        total_scale: Factor of the sum of all evidence.
        signals_only: The sequence gives no evidence.
        marginal_mean: Mean of the distribution that the KL loss draws the mask to.
        marginal_scale: Alpha of that distribution.
    """

    signals: tuple[str, ...] = SIGNALS
    betas: tuple[float, ...] = (1.5, 0.2, 1.0)
    weights: tuple[float, ...] = (2.0, 2.0, 1.0)
    learned: bool = False
    scale: float = 10.0
    minimum: float = 1.0
    total_scale: float = 1.0
    signals_only: bool = False
    marginal_mean: float = 0.1
    marginal_scale: float = 10.0


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """Everything that, beside the weights, decides what a model computes.

    Attributes:
        window: Bases that the model was trained on around a TSS.
        d_model: Channels of the network.
        generator_layers: Layers of the stack that predicts the mask; 0 where the mask is not learned.
        encoder_layers: Layers of the stack that predicts expression from the masked window.
        shared_stack: Generator and encoder are one stack with one set of weights.
        position_embedding: Adds a learned table of positions and hands the encoder only the kept
            bases, moved together. The window length is then fixed.
        mamba: Sizes of the Mamba blocks.
        signals: Names of the expected signals in channel order.
        signal_use: Which stacks see the signals.
        gene_features: Expected numbers a gene, 0 for none.
        promoter: Bases in the middle of the window that are always kept and are averaged for the
            prediction; 0 for none kept and all averaged.
        mask: How the mask is picked.
        straight_through: In training the sampled mask is made 0 or 1, with the gradient of the sample.
        weighs_kept_rows: In training the kept rows that a position embedding moves together are multiplied
            by their mask. That is 1, but has the sample's gradient: without it the error of the expression
            teaches the mask nothing, as in the published hard model.
        beta: The mask's distribution; without meaning where the mask is not learned.
        include_list: The caller's include list is set to 1 in the mask.
    """

    window: int
    d_model: int
    generator_layers: int
    encoder_layers: int
    shared_stack: bool = False
    position_embedding: bool = False
    mamba: MambaConfig = field(default_factory=MambaConfig)
    signals: tuple[str, ...] = SIGNALS
    signal_use: SignalUse = SignalUse.ENCODER
    gene_features: int = 9
    promoter: int = 2000
    mask: MaskRule = field(default_factory=SoftMask)
    straight_through: bool = False
    weighs_kept_rows: bool = False
    beta: BetaConfig = field(default_factory=BetaConfig)
    include_list: bool = False

    def __post_init__(self) -> None:
        for name, least in _LEAST.items():
            if getattr(self, name) < least:
                raise ValueError(f"{name} is {getattr(self, name)}, but must be at least {least}")
        if not set(self.beta.signals) <= set(self.signals):
            raise ValueError(f"the mask needs {self.beta.signals}, but the signals are {self.signals}")
        if len(self.beta.betas) < len(self.beta.signals) or len(self.beta.weights) < len(self.beta.signals):
            raise ValueError(f"{len(self.beta.signals)} signals, but betas {self.beta.betas}")
        if self.learns_mask != (self.generator_layers > 0):
            raise ValueError(f"{self.generator_layers} generator layers with the mask {self.mask}")
        if self.shared_stack and self.generator_layers != self.encoder_layers:
            raise ValueError("a shared stack has as many layers in the generator as in the encoder")
        if self.shared_stack and self.signal_use is not SignalUse.BOTH:
            raise ValueError("a shared stack sees the signals in both passes")
        if self.position_embedding and not (self.is_hard and self.learns_mask and self.promoter):
            raise ValueError("moving kept bases together needs a learned mask of 0 and 1 and a promoter")
        if self.position_embedding and (self.window % 2 or self.promoter % 2):
            raise ValueError(f"odd window or promoter: {self.window}, {self.promoter}")
        if self.weighs_kept_rows and not (self.position_embedding and self.straight_through):
            raise ValueError("weighing kept rows needs a position embedding and a straight-through mask")

    @property
    def learns_mask(self) -> bool:
        """Whether the model itself scores the bases."""
        return not isinstance(self.mask, FixedMask | SelectorMask)

    @property
    def is_hard(self) -> bool:
        """Whether the mask that the predictor sees is made of 0 and 1."""
        return not (isinstance(self.mask, SoftMask) or (isinstance(self.mask, TopMask) and self.mask.soft))

    @property
    def selector(self) -> str | None:
        """File name of the frozen model that picks the mask, if there is one."""
        return self.mask.file if isinstance(self.mask, SelectorMask) else None

    @property
    def d_inner(self) -> int:
        """Channels inside a Mamba block (E)."""
        return self.mamba.expand * self.d_model

    @property
    def dt_rank(self) -> int:
        """Rank of the projection that gives the step size (R)."""
        return self.mamba.dt_rank or -(-self.d_model // 16)

    def check_window(self, length: int) -> None:
        """Checks that a window of this length can be scored.

        Raises:
            CheckpointError: If it is shorter than the promoter, or the model is tied to another length.
        """
        if self.position_embedding and length != self.window:
            raise CheckpointError(
                f"a window of {length:,} bp, but this model has learned positions for {self.window:,} bp: "
                f"use --window {self.window}"
            )
        if length < max(self.promoter, 1):
            raise CheckpointError(
                f"a window of {length:,} bp is shorter than the model's promoter of {self.promoter:,} bp: "
                f"use a longer one"
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
        # Files that were written without this setting hold models that were trained without it.
        mended = {"weighs_kept_rows": False} | dict(values) if isinstance(values, Mapping) else values
        return from_json(cls, mended)


_LEAST = {
    "window": 1,
    "d_model": 1,
    "generator_layers": 0,
    "encoder_layers": 1,
    "gene_features": 0,
    "promoter": 0,
}

SOFT = ModelConfig(window=200_000, d_model=128, generator_layers=4, encoder_layers=4)
"""The published Seq2Exp-soft."""

HARD = ModelConfig(
    window=200_000,
    d_model=128,
    generator_layers=4,
    encoder_layers=4,
    shared_stack=True,
    position_embedding=True,
    signal_use=SignalUse.BOTH,
    mask=HardMask(threshold=0.5),
    straight_through=True,
    beta=BetaConfig(scale=1.0, minimum=0.0, marginal_mean=0.45, marginal_scale=0.1),
)
"""The published Seq2Exp-hard."""

HARD_STRAIGHT = replace(HARD, weighs_kept_rows=True)
"""Seq2Exp-hard whose mask learns from the error of the expression too; scores as a hard model does."""
