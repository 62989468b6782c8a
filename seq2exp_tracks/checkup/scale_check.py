"""The scale of signals against that of the training, where the checkpoint tells it."""

from collections.abc import Mapping

from seq2exp_tracks.checkup.finding import Finding, Level
from seq2exp_tracks.checkup.signal_files import SECTION, SignalFacts, guess
from seq2exp_tracks.pipeline.judging import judge_exchange, judge_signal
from seq2exp_tracks.pipeline.matching import match
from seq2exp_tracks.scales import Distribution, Match


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
        found = judge_signal(fact.signal.name, fact.distribution, trained[name], guess(fact))
        if found is None:
            continue
        findings.append(Finding(SECTION, Level(found.grade), found.what, found.way_out))
        if method != "none":
            note = match(name, method, fact.distribution, trained[name]).note()
            findings.append(Finding(SECTION, Level.NOTE, note))
    return findings
