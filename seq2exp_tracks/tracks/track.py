"""The tracks that a run writes, in one table: adding a track is adding a row.

A track takes one number a base from the scores of every window; `merge` decides what stands where windows
overlap, `writer` puts it into a file.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from jaxtyping import Float32

from seq2exp_tracks.scores import WindowScores


class Quantity(StrEnum):
    """What the numbers of a track are, which decides how overlapping windows merge."""

    VALUE = "value"
    SPREAD = "spread"


@dataclass(frozen=True, slots=True)
class TrackSpec:
    """One track: what it holds and how it is written.

    Attributes:
        name: Name in file names, in the manifest and in views.
        unit: Unit of the values.
        description: One line for people.
        decimals: Values are written rounded to so many decimals.
        take: The track's values of one window.
        quantity: A value merges by the rule itself. A spread belongs to the learned score: it is that of
            the window whose learned score won, and a root mean square under `mean`.
        file_suffix: Name of the track in the file of a gene's own window, before any merging; None where
            there is no such file.
    """

    name: str
    unit: str
    description: str
    decimals: int
    take: Callable[[WindowScores], Float32[np.ndarray, " inside"]]
    quantity: Quantity
    file_suffix: str | None


# Precision. The mask lies in [0, 1]: steps of 0.001 are finer than a browser can draw and an order of
# magnitude below the spread that the model itself claims (about 0.03 to 0.3), and they take half the disk of
# float32. Spreads are smaller numbers, at most 0.5, and keep one decimal more.
TRACKS: tuple[TrackSpec, ...] = (
    TrackSpec(
        name="mask",
        unit="probability",
        description="Learned regulatory-mask score: mean of each base's Beta distribution, before any clamp",
        decimals=3,
        take=lambda scores: scores.learned,
        quantity=Quantity.VALUE,
        file_suffix="mask",
    ),
    TrackSpec(
        name="mask.sd",
        unit="probability",
        description="Standard deviation of the Beta distribution whose mean is the learned mask score",
        decimals=4,
        take=lambda scores: scores.sd,
        quantity=Quantity.SPREAD,
        file_suffix="sd",
    ),
    TrackSpec(
        name="mask.applied",
        unit="probability",
        description="Mask that the predictor saw: blacklist at 0, promoter at 1, only 0 and 1 in hard models",
        decimals=3,
        take=lambda scores: scores.applied,
        quantity=Quantity.VALUE,
        file_suffix=None,
    ),
)

LEARNED = TRACKS[0].name
"""The track of the learned score, which spreads belong to."""

EXPRESSION_UNIT = "log10(1 + CAGE)"
EXPRESSION_DECIMALS = 4
