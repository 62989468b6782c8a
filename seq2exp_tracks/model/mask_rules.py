"""The ways to pick the mask, as a configuration names them; `elements` computes the learned ones."""

from dataclasses import dataclass
from enum import StrEnum


class FixedKind(StrEnum):
    """Where a mask that is given instead of learned came from in training."""

    ENHANCERS = "enhancers"  # elements of the Activity-by-Contact table
    PEAKS = "peaks"  # MACS peaks of an accessibility track


@dataclass(frozen=True, slots=True)
class SoftMask:
    """The mask is the mean of each base's Beta distribution."""

    def __str__(self) -> str:
        return "soft: the mean of the learned distribution"


@dataclass(frozen=True, slots=True)
class HardMask:
    """The mask is 1 where the mean of the Beta distribution reaches the threshold, else 0."""

    threshold: float = 0.5

    def __str__(self) -> str:
        return f"hard: 1 where the mean is at least {self.threshold:g}"


@dataclass(frozen=True, slots=True)
class TopMask:
    """The mask keeps the share of bases with the highest means, as 1 or (soft) as their mean."""

    share: float
    soft: bool = False

    def __str__(self) -> str:
        return f"top {self.share:.1%} of the means" + (", as they are" if self.soft else ", as 1")


@dataclass(frozen=True, slots=True)
class FixedMask:
    """The mask is given by the caller and used as it is: no generator."""

    kind: FixedKind

    def __str__(self) -> str:
        return f"given by the caller: {self.kind}"


@dataclass(frozen=True, slots=True)
class SelectorMask:
    """The mask is 1 at the top share of another, frozen model's mask: no generator of its own.

    Attributes:
        file: File name of that model's checkpoint.
        share: Share of bases that is kept.
    """

    file: str
    share: float

    def __str__(self) -> str:
        return f"top {self.share:.1%} of the mask of {self.file}"


LearnedMask = SoftMask | HardMask | TopMask
"""Picked from the Beta distribution that the model itself gives each base."""

MaskRule = SoftMask | HardMask | TopMask | FixedMask | SelectorMask
