"""The scale of what a model is given against that of its training: how `score` and `doctor` judge it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

import numpy as np

from seq2exp_tracks.features import GeneFeatures
from seq2exp_tracks.genome import Gene
from seq2exp_tracks.io.feature_columns import PROMOTER_ACTIVITY
from seq2exp_tracks.scales import Distribution

COMPARED = (0.25, 0.5, 0.75, 0.9, 0.95, 0.99)
"""Levels at which distributions are compared: below, zeros and noise rule; above, single bases."""

DIFFERENT, WRONG = 2.5, 5.0
"""Factors from which a scale is suspicious, and cannot be the trained one."""

BENT = 4.0
"""Factor by which quantiles differ after a factor was taken out, where the shape is another."""

ACTIVITY_WRONG = 8.0
"""Factor above which the median promoter activity cannot be on the trained scale."""

CHANNELS = ("H3K27ac", "DNase")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What there is to say of a scale.

    Attributes:
        grade: How bad it is, in the words of `doctor`.
        what: What was found.
        way_out: What to do about it; empty where there is nothing to do.
    """

    grade: Literal["ok", "warn", "bad"]
    what: str
    way_out: str = ""


def judge_signal(name: str, given: Distribution, trained: Distribution, nature: str = "") -> Judgement | None:
    """Compares a signal with that of the training; None where one of them is 0 everywhere.

    Args:
        name: What to call it.
        given: Its values.
        trained: Those of the training.
        nature: What they are or look like, with the verb, if anybody has looked.
    """
    if given.is_empty or trained.is_empty:
        return None
    times, bent = factor(given, trained), bend(given, trained)
    looks = f" (it {nature})" if nature else ""
    told = f"median / 90% / 99% are {given}, in the training they were {trained}"
    way_out = f"give {name} as it was trained on; or score with --match-scale"
    if max(times, 1 / times) >= DIFFERENT:
        much = f"{times:.3g} times" if times > 1 else f"1/{1 / times:.3g} of"
        return Judgement(
            "bad" if max(times, 1 / times) >= WRONG else "warn",
            f"{name} is {much} the scale of the training{looks}: {told}",
            f"{way_out} factor or quantile (docs/doctor.md)",
        )
    if bent >= BENT:
        what = f"{name} has another shape than in the training, as p-values have against fold changes"
        return Judgement("warn", f"{what}{looks}: {told}", f"{way_out} quantile (docs/doctor.md)")
    if given.zeros - trained.zeros > 0.5:
        what = f"{name} is 0 at {given.zeros:.0%} of bases, in the training at {trained.zeros:.0%}"
        return Judgement("warn", what, f"give {name} along the genome, as it was trained on")
    return Judgement("ok", f"{name} is on the scale of the training ({times:.2g} times): {told}")


def judge_exchange(
    given: Mapping[str, Distribution], trained: Mapping[str, Distribution]
) -> Judgement | None:
    """Whether H3K27ac and DNase are each like the other of the training, and unlike themselves."""
    first, second = CHANNELS
    if not {first, second} <= given.keys() & trained.keys():
        return None
    if any(scales[name].is_empty for scales in (given, trained) for name in CHANNELS):
        return None
    straight = distance(given[first], trained[first]) + distance(given[second], trained[second])
    crossed = distance(given[first], trained[second]) + distance(given[second], trained[first])
    if straight < math.log(2) or crossed > straight / 2:
        return None
    what = f"{first} is distributed as {second} of the training, and {second} as {first}: they look exchanged"
    return Judgement("bad", what, "give each file under its own name")


def judge_activity(given: Distribution, trained: Distribution) -> Judgement | None:
    """Compares promoter activity with that of the training; None where one of them is 0 everywhere."""
    if given.is_empty or trained.is_empty:
        return None
    middle = given.quantile(0.5)
    times = middle / trained.quantile(0.5)
    if max(times, 1 / times) > ACTIVITY_WRONG:
        what = f"median {PROMOTER_ACTIVITY} is {middle:.3g}, {times:.2g} times that of the training"
        return Judgement("bad", what)
    return Judgement("ok", f"{PROMOTER_ACTIVITY} is on the scale of the training")


def activity_of(features: GeneFeatures, genes: Sequence[Gene]) -> Distribution:
    """The promoter activity of the genes whose table tells it."""
    rows = (features.of(gene) for gene in genes)
    values = [row[-1] for row, filled in rows if PROMOTER_ACTIVITY not in filled and row[-1] >= 0]
    return Distribution.of(np.array(values, np.float32))


def distance(given: Distribution, trained: Distribution) -> float:
    """Mean absolute logarithm of the ratio of two distributions' quantiles at `COMPARED`."""
    return sum(abs(ratio) for ratio in _ratios(given, trained)) / len(COMPARED)


def factor(given: Distribution, trained: Distribution) -> float:
    """How many times larger values are than those of the training: the median ratio of quantiles."""
    return math.exp(median(_ratios(given, trained)))


def bend(given: Distribution, trained: Distribution) -> float:
    """By which factor a quantile at `COMPARED` still differs after `factor` was taken out, at most."""
    middle = math.log(factor(given, trained))
    return math.exp(max(abs(ratio - middle) for ratio in _ratios(given, trained)))


def _ratios(given: Distribution, trained: Distribution) -> list[float]:
    return [math.log(given.quantile(level) / trained.quantile(level)) for level in COMPARED]
