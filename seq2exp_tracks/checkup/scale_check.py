"""The scale of signals against that of the training, where the checkpoint tells it."""

import math
from collections.abc import Mapping
from statistics import median

from seq2exp_tracks.checkup.finding import Finding, Level
from seq2exp_tracks.checkup.signal_files import SECTION, SignalFacts, guess
from seq2exp_tracks.pipeline.matching import match
from seq2exp_tracks.scales import Distribution, Match

COMPARED = (0.25, 0.5, 0.75, 0.9, 0.95, 0.99)
"""Levels at which distributions are compared: below, zeros and noise rule; above, single bases."""

DIFFERENT, WRONG = 2.5, 5.0
"""Factors from which a scale is suspicious, and cannot be the trained one."""

BENT = 4.0
"""Factor by which quantiles differ after a factor was taken out, where the shape is another."""

CHANNELS = ("H3K27ac", "DNase")


def check_scales(
    facts: Mapping[str, SignalFacts], trained: Mapping[str, Distribution], method: Match
) -> list[Finding]:
    """Compares signals with what a checkpoint was trained on.

    Args:
        facts: What is known of each signal, by the checkpoint's name for it.
        trained: What the checkpoint tells.
        method: The way of matching whose effect is told.
    """
    findings = exchanged({name: fact.distribution for name, fact in facts.items()}, trained)
    for name, fact in facts.items():
        if name in trained and not fact.distribution.is_empty and not trained[name].is_empty:
            findings.append(_compared(fact, trained[name]))
            if method != "none":
                note = match(name, method, fact.distribution, trained[name]).note()
                findings.append(Finding(SECTION, Level.NOTE, note))
    return findings


def exchanged(given: Mapping[str, Distribution], trained: Mapping[str, Distribution]) -> list[Finding]:
    """Whether H3K27ac and DNase are each like the other of the training, and unlike themselves."""
    first, second = CHANNELS
    if not {first, second} <= given.keys() & trained.keys():
        return []
    if any(scales[name].is_empty for scales in (given, trained) for name in CHANNELS):
        return []
    straight = distance(given[first], trained[first]) + distance(given[second], trained[second])
    crossed = distance(given[first], trained[second]) + distance(given[second], trained[first])
    if straight < math.log(2) or crossed > straight / 2:
        return []
    what = f"{first} is distributed as {second} of the training, and {second} as {first}: they look exchanged"
    return [Finding(SECTION, Level.BAD, what, "give each file under its own name")]


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


def _compared(fact: SignalFacts, trained: Distribution) -> Finding:
    given, name = fact.distribution, fact.signal.name
    times, bent = factor(given, trained), bend(given, trained)
    told = f"median / 90% / 99% are {given}, in the training they were {trained}"
    way_out = f"give {name} as it was trained on; or score with --match-scale"
    if max(times, 1 / times) >= DIFFERENT:
        level = Level.BAD if max(times, 1 / times) >= WRONG else Level.WARN
        much = f"{times:.3g} times" if times > 1 else f"1/{1 / times:.3g} of"
        what = f"{name} is {much} the scale of the training (it looks like {guess(fact)}): {told}"
        return Finding(SECTION, level, what, f"{way_out} factor or quantile (docs/doctor.md)")
    if bent >= BENT:
        what = (
            f"{name} has another shape than in the training, as p-values have against fold changes (it looks "
            f"like {guess(fact)}): {told}"
        )
        return Finding(SECTION, Level.WARN, what, f"{way_out} quantile (docs/doctor.md)")
    if given.zeros - trained.zeros > 0.5:
        what = f"{name} is 0 at {given.zeros:.0%} of bases, in the training at {trained.zeros:.0%}"
        return Finding(SECTION, Level.WARN, what, f"give {name} along the genome, as it was trained on")
    return Finding(SECTION, Level.OK, f"{name} is on the scale of the training ({times:.2g} times): {told}")
