"""Means, spreads and paired differences over seeds."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import fmean, stdev

NOT_DEFINED = "-"


@dataclass(frozen=True, slots=True)
class Spread:
    """A measure over seeds.

    Attributes:
        mean: Its mean; NaN where it is defined for no seed.
        sd: Standard deviation over seeds (n - 1); NaN for fewer than two.
        seeds: Seeds for which it is defined.
        of: Seeds in all.
    """

    mean: float
    sd: float
    seeds: int
    of: int

    @classmethod
    def over(cls, values: Iterable[float | None]) -> "Spread":
        """Of the values of all seeds; None for one for which the measure is not defined."""
        every = list(values)
        known = [value for value in every if value is not None]
        return cls(
            fmean(known) if known else math.nan,
            stdev(known) if len(known) > 1 else math.nan,
            len(known),
            len(every),
        )

    def told(self, form: str = ".4f") -> str:
        """As text: mean ± sd, and the number of seeds where not all count."""
        if not self.seeds:
            return NOT_DEFINED
        text = format(self.mean, form) if self.seeds == 1 else f"{self.mean:{form}} ± {self.sd:{form}}"
        return text if self.seeds == self.of else f"{text} ({self.seeds} of {self.of})"


@dataclass(frozen=True, slots=True)
class Paired:
    """A measure beside that of the reference, seed by seed.

    Attributes:
        difference: Measure minus that of the reference.
        better: Seeds in which it is better; a tie is not.
        seeds: Seeds in which both are defined.
    """

    difference: Spread
    better: int
    seeds: int

    @classmethod
    def of(
        cls,
        values: Mapping[int, float | None],
        reference: Mapping[int, float | None],
        *,
        lower_is_better: bool = False,
    ) -> "Paired":
        """Compares by seed; seeds that one of them lacks are left out."""
        differences = list(_differences(values, reference))
        better = sum(change < 0 if lower_is_better else change > 0 for change in differences)
        return cls(Spread.over(differences), better, len(differences))

    def told(self) -> tuple[str, str]:
        """As text: the difference with its sign, and in how many seeds it is better."""
        if not self.seeds:
            return NOT_DEFINED, NOT_DEFINED
        return self.difference.told("+.4f").replace("± +", "± "), f"{self.better} of {self.seeds}"


def first_seen(names: Iterable[str]) -> list[str]:
    """Names, each once, in the order in which they first come."""
    return list(dict.fromkeys(names))


def _differences(
    values: Mapping[int, float | None], reference: Mapping[int, float | None]
) -> Iterable[float]:
    for seed, value in values.items():
        other = reference.get(seed)
        if value is not None and other is not None:
            yield value - other
