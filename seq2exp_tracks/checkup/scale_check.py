"""The scale of signals against that of the training, as the checkpoint tells it or its origin lets know."""

import math
from collections.abc import Mapping

from seq2exp_tracks.checkup.finding import Finding, Level
from seq2exp_tracks.checkup.signal_files import SECTION, SignalFacts, guess
from seq2exp_tracks.pipeline.judging import DIFFERENT, factor, judge_exchange, judge_signal
from seq2exp_tracks.pipeline.matching import match
from seq2exp_tracks.preparation.counting import counting_for
from seq2exp_tracks.preparation.record import CountedSignal
from seq2exp_tracks.scales import Distribution, Match

_MATCH = "or score with --match-scale factor or quantile (docs/doctor.md)"


def check_scales(
    facts: Mapping[str, SignalFacts], trained: Mapping[str, Distribution], method: Match
) -> list[Finding]:
    """Compares signals with what a checkpoint was trained on.

    Args:
        facts: What is known of each signal, by the checkpoint's name for it.
        trained: What the checkpoint tells.
        method: The way of matching whose effect is told.
    """
    findings = []
    crossed = judge_exchange({name: fact.distribution for name, fact in facts.items()}, trained)
    if crossed is not None:
        findings.append(Finding(SECTION, Level(crossed.grade), crossed.what, crossed.way_out))
    for name, fact in facts.items():
        if name not in trained:
            continue
        found = judge_signal(fact.signal.name, fact.distribution, trained[name], fact.nature)
        if found is None:
            continue
        way_out = found.way_out
        if way_out and fact.counted is not None:
            way_out = _recount(fact.signal.name, fact.counted, factor(fact.distribution, trained[name]))
        findings.append(Finding(SECTION, Level(found.grade), found.what, way_out))
        if method != "none":
            note = match(name, method, fact.distribution, trained[name]).note()
            findings.append(Finding(SECTION, Level.NOTE, note))
    return findings


def check_untrained_scales(facts: Mapping[str, SignalFacts], trained_on: Mapping[str, str]) -> list[Finding]:
    """What is suspicious of signals where the checkpoint does not tell the scales that it was trained on.

    Args:
        facts: What is known of each signal, by the checkpoint's name for it.
        trained_on: The file of each signal that it was trained on, by the same names, where that is known.
    """
    return [
        finding
        for name, fact in facts.items()
        if not fact.distribution.is_empty
        for finding in _untrained(name, fact, trained_on.get(name))
    ]


def _untrained(name: str, fact: SignalFacts, trained_on: str | None) -> list[Finding]:
    ours = fact.signal.name
    if fact.counted is None and guess(fact).startswith(("fold", "counts")):
        return []
    if fact.counted is None:
        what = f"{ours} {fact.nature}, and the checkpoint does not tell what it was trained on"
        way_out = f"give {ours} as it was made for the training"
        return [Finding(SECTION, Level.WARN, what, f"{way_out}, {trained_on}" if trained_on else way_out)]
    scale, usual = fact.counted.counting.scale, counting_for(name, atac=False).scale
    if trained_on is not None and scale != usual:
        what = f"{ours} {fact.nature}; the checkpoint was trained on {trained_on}"
        way_out = f"prepare again with --scale {ours}={usual}, which stands in for it"
        return [Finding(SECTION, Level.WARN, what, way_out)]
    if scale == "raw":
        what = f"{ours} {fact.nature}, and the checkpoint does not tell whether it was trained on such"
        way_out = f"if it was not, prepare again with --scale {ours}={usual}"
        return [Finding(SECTION, Level.NOTE, what, way_out)]
    return []


def _recount(name: str, counted: CountedSignal, times: float) -> str:
    """How `prepare` would bring a signal to the scale of the training.

    Args:
        name: The signal.
        counted: How it was counted.
        times: How many times its scale is that of the training.
    """
    would = {scale: times * worth / counted.factor for scale, worth in counted.factors.items()}
    nearest = min(would, key=lambda scale: _off(would[scale]))
    if _off(times) >= math.log(DIFFERENT) > _off(would[nearest]):
        return (
            f"prepare again with --scale {name}={nearest}, which makes it {would[nearest]:.2g} times that of "
            f"the training; {_MATCH}"
        )
    return f"prepare again with the --count, --extend and --scale of the training's {name}; {_MATCH}"


def _off(times: float) -> float:
    return abs(math.log(times))
