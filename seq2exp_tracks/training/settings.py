"""What a training run is: how long, in which steps, of which model."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Literal

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.model.baselines import (
    CaduceusConfig,
    EnformerConfig,
    EPInformerConfig,
    OneWayMambaConfig,
)
from seq2exp_tracks.model.config import HARD, HARD_STRAIGHT, SOFT
from seq2exp_tracks.model.mask_rules import FixedKind, FixedMask
from seq2exp_tracks.training.losses import LossWeights
from seq2exp_tracks.training.models import Config
from seq2exp_tracks.training.optimiser import Schedule
from seq2exp_tracks.training.order import check_seed
from seq2exp_tracks.training.start import Start

Precision = Literal["32-true", "bf16-mixed"]

# Shares of the peak rate at the first update and at the last ones, and of the warm-up in all updates: as
# published.
_START, _END, _WARMUP = 1 / 50, 1 / 5, 0.1


class Setting(StrEnum):
    """Which model is trained, and how its mask is made."""

    SOFT = "soft"
    HARD = "hard"
    HARD_STRAIGHT = "hard-straight"
    FIXED = "fixed"  # given as a BED, not learned
    CADUCEUS = "caduceus"  # baselines without a mask
    CADUCEUS_SEQUENCE = "caduceus-sequence"
    MAMBA = "mamba"
    EPINFORMER = "epinformer"
    ENFORMER = "enformer"

    @property
    def is_given_mask(self) -> bool:
        """Whether the model reads a mask that has to be given."""
        return self is Setting.FIXED

    @property
    def takes_given_mask(self) -> bool:
        """Whether a mask can be given; EPInformer takes its stretches as elements."""
        return self in (Setting.FIXED, Setting.EPINFORMER)


@dataclass(frozen=True, slots=True)
class Size:
    """A preset of a model and of its training.

    Attributes:
        window: Bases around a TSS.
        d_model: Channels of the network.
        layers: Layers of each stack.
        steps: Updates.
        batch_size: Windows an update.
        rate: Highest learning rate.
        start: How the first weights differ from the published ones.
        shapes: Channels and layers of models that are not stacks of Mamba layers.
    """

    window: int
    d_model: int
    layers: int
    steps: int
    batch_size: int
    rate: float
    start: Start
    shapes: Mapping[Setting, tuple[int, int]]

    def shape_of(self, setting: Setting) -> tuple[int, int]:
        """Channels and layers of a model."""
        return self.shapes.get(setting, (self.d_model, self.layers))


SIZES = {
    "published": Size(
        window=200_000,
        d_model=128,
        layers=4,
        steps=50_000,
        batch_size=8,
        rate=5e-4,
        start=Start(),
        shapes={Setting.EPINFORMER: (128, 3), Setting.ENFORMER: (1536, 11)},
    ),
    "small": Size(
        window=10_000,
        d_model=16,
        layers=2,
        steps=1_000,
        batch_size=4,
        rate=4e-3,
        start=Start(steps=(1e-4, 3e-2), at_marginal=True),
        shapes={Setting.EPINFORMER: (32, 2), Setting.ENFORMER: (192, 2)},
    ),
}

# EPInformer takes at most 60 elements, and in short windows no more than find room.
_ELEMENTS, _BASES_AN_ELEMENT = 60, 1250

# Channels of Enformer: 8 heads, each with three kinds of distances in two directions. And of its last layers.
_ENFORMER_STEP, _ENFORMER_HEAD = 48, 128

_MODELS = {
    Setting.SOFT: SOFT,
    Setting.HARD: HARD,
    Setting.HARD_STRAIGHT: HARD_STRAIGHT,
    Setting.FIXED: replace(SOFT, mask=FixedMask(FixedKind.PEAKS), generator_layers=0),
}


def model_config(
    setting: Setting, window: int, d_model: int, layers: int, promoter: int, *, given_mask: bool = False
) -> Config:
    """The published configuration of a model in another size.

    Args:
        setting: Which model.
        window: Bases around a TSS.
        d_model: Channels of the network.
        layers: Layers of each stack, or of attention.
        promoter: Bases around the TSS from whose rows the prediction is made; of no meaning for EPInformer,
            whose promoter is 2 kb, and Enformer, which averages its middle bins.
        given_mask: A mask is given, whose stretches EPInformer takes as elements.

    Raises:
        InputError: If the sizes do not fit together.
    """
    if window < promoter:
        raise InputError(f"--window {window:,}: shorter than the promoter of {promoter:,} bp (--promoter)")
    try:
        if setting in _MODELS:
            published = _MODELS[setting]
            return replace(
                published,
                window=window,
                d_model=d_model,
                promoter=promoter,
                generator_layers=layers if published.learns_mask else 0,
                encoder_layers=layers,
            )
        if setting in (Setting.EPINFORMER, Setting.ENFORMER):
            return _attention_config(setting, window, d_model, layers, given_mask)
        if setting is Setting.MAMBA:
            return OneWayMambaConfig(window=window, d_model=d_model, layers=layers, promoter=promoter)
        # As many layers as the two stacks of Seq2Exp have together.
        with_signals = setting is Setting.CADUCEUS
        return CaduceusConfig(
            window=window, d_model=d_model, layers=2 * layers, promoter=promoter, with_signals=with_signals
        )
    except ValueError as error:
        raise InputError(f"no model of these sizes: {error}") from error


def _attention_config(
    setting: Setting, window: int, d_model: int, layers: int, given_mask: bool
) -> EPInformerConfig | EnformerConfig:
    """The baselines of convolutions and attention.

    Raises:
        ValueError: If the sizes do not fit together.
        InputError: If the window is too short.
    """
    config: EPInformerConfig | EnformerConfig
    if setting is Setting.EPINFORMER:
        config = EPInformerConfig(
            window=window,
            elements=max(1, min(_ELEMENTS, window // _BASES_AN_ELEMENT)),
            d_model=d_model,
            layers=layers,
            calls_elements=not given_mask,
        )
    else:
        if d_model % _ENFORMER_STEP:
            raise ValueError(f"{d_model} channels, but those of Enformer are a multiple of {_ENFORMER_STEP}")
        config = EnformerConfig(
            window=window,
            dim=d_model,
            depth=layers,
            # In the proportions of the published 1,536 channels, but no narrower than this.
            key_dim=max(d_model // 24, 16),
            divisible_by=d_model // 12,
            d_model=min(d_model, _ENFORMER_HEAD),
        )
    if window < config.least_window:
        raise InputError(
            f"--window {window:,}: {setting} reads at least {config.least_window:,} bp; use a longer one"
        )
    return config


def schedule(steps: int, rate: float, warmup: int | None = None) -> Schedule:
    """The published schedule over another number of steps and to another peak.

    Raises:
        InputError: If the warm-up takes all steps.
    """
    warmup = round(_WARMUP * steps) if warmup is None else warmup
    try:
        return Schedule(steps, warmup, rate * _START, rate, rate * _END)
    except ValueError as error:
        raise InputError(f"--steps {steps}: {error}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSettings:
    """How a model is trained.

    Attributes:
        schedule: Number of updates and their rates.
        batch_size: Windows an update, over all devices.
        at_once: Windows that a device computes at a time; their gradients are summed up to the batch.
        weights: What the parts of the loss count.
        weight_decay: Of all weights but biases, A_log and D.
        clip: Largest norm of the gradient.
        evaluate_every: Updates between evaluations on the validation part, at which the state is saved.
        start: How the first weights differ from the published ones.
        seed: Seed of the initial weights, of the order of the genes and of the mask's samples.
        precision: Of the arithmetic; bf16 on CUDA only.
        devices: Devices to train on.
    """

    schedule: Schedule = field(default_factory=Schedule)
    batch_size: int = 8
    at_once: int = 8
    weights: LossWeights = field(default_factory=LossWeights)
    weight_decay: float = 1e-6
    clip: float = 1.0
    evaluate_every: int = 500
    start: Start = field(default_factory=Start)
    seed: int = 2222
    precision: Precision = "32-true"
    devices: int = 1

    def __post_init__(self) -> None:
        check_seed(self.seed)
        if min(self.batch_size, self.at_once, self.evaluate_every, self.devices) < 1:
            raise InputError("batch size, windows at once, evaluations and devices are at least 1")
        if self.batch_size % self.devices:
            raise InputError(
                f"--batch-size {self.batch_size}: cannot be shared out evenly among {self.devices} devices"
            )
