"""The bigWig of each signal: whether it opens, what its values are like, and what they look like."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float32

from seq2exp_tracks.checkup.finding import Finding, Level
from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.io.bigwig import BigWig
from seq2exp_tracks.preparation.record import CountedSignal
from seq2exp_tracks.scales import Distribution, spread
from seq2exp_tracks.signals import BigWigSignal
from seq2exp_tracks.windows import Window

SECTION = "signals"

BREADTH = 500
"""Distance in bp at which the breadth of peaks is told: as far as most of a DNase peak, not of H3K27ac."""

DECIMALS = 4
"""Decimals that values are taken to be rounded to, at most."""

_SAMPLE = 50  # windows for what needs whole stretches of values
_NO_PEAKS = "give the signal along the genome, not its peaks"
_ROUNDED = 1e-6  # the last decimal that `prepare` writes; relative to a value, more than float32 loses


@dataclass(frozen=True, slots=True)
class SignalFacts:
    """What is known of a signal.

    Attributes:
        signal: The signal.
        distribution: Its values over the windows of genes.
        integers: Whether all its values are whole numbers.
        multiples: Whether all its values are multiples of the smallest.
        breadth: Correlation of the logarithm of its values with itself 500 bp on; 0 where it is constant.
        counted: How `prepare` made it of reads; None where nobody knows.
    """

    signal: BigWigSignal
    distribution: Distribution
    integers: bool
    multiples: bool
    breadth: float
    counted: CountedSignal | None = None

    @property
    def nature(self) -> str:
        """What its values are, or else look like; goes on from its name."""
        return f"looks like {guess(self)}" if self.counted is None else f"is {self.counted}"


def open_signals(
    files: Mapping[str, Path], sizes: ChromSizes, clip_negative: bool
) -> tuple[dict[str, BigWigSignal], list[Finding]]:
    """Opens bigWigs; what cannot be used is a finding."""
    signals, findings = {}, []
    for name, path in files.items():
        try:
            bigwig = BigWig(path, sizes, negatives="clip" if clip_negative else "refuse")
        except InputError as error:
            findings.append(Finding.of_error(SECTION, error))
            continue
        signals[name] = BigWigSignal(name, bigwig)
        told = f"{name} {path}: {len(sizes) - len(bigwig.missing)} of {len(sizes)} chromosomes, same lengths"
        if bigwig.missing:
            listed = ", ".join(bigwig.missing[:3]) + (", …" if len(bigwig.missing) > 3 else "")
            way_out = f"fine if no gene there is scored: {listed} read as 0"
            findings.append(Finding(SECTION, Level.NOTE, told, way_out))
        else:
            findings.append(Finding(SECTION, Level.OK, told))
    return signals, findings


def facts_of(
    signal: BigWigSignal,
    distribution: Distribution,
    windows: Sequence[Window],
    counted: CountedSignal | None = None,
) -> SignalFacts:
    """Looks at whole stretches of a signal.

    Args:
        signal: The signal.
        distribution: Its values over the windows.
        windows: Windows of genes.
        counted: How `prepare` made it of reads by its record, which holds if the values can be such.

    Raises:
        InputError: If the file is damaged.
    """
    values = [signal.read(window) for window in spread(windows, _SAMPLE)]
    above = np.concatenate([part[part > 0] for part in values])
    return SignalFacts(
        signal,
        distribution,
        integers=bool(len(above)) and bool((above == np.round(above)).all()),
        multiples=bool(len(above)) and _are_multiples(above),
        breadth=_breadth(values),
        counted=counted if counted is not None and _are_times(above, counted.factor) else None,
    )


def describe(facts: SignalFacts) -> list[Finding]:
    """What a signal is like, in words, and what of it is suspicious by itself."""
    found, name = facts.distribution, facts.signal.name
    if found.is_empty:
        what = f"{name} is 0 in all windows of genes"
        return [Finding(SECTION, Level.BAD, what, "give a file that covers the chromosomes of the genes")]
    what = (
        f"{name}: {1 - found.zeros:.1%} of bases above 0, there from {found.quantile(0.0):.3g} to "
        f"{found.quantile(1.0):.3g}, median / 90% / 99% {found}; {facts.nature.removeprefix('is ')}"
    )
    findings = [Finding(SECTION, Level.OK, what)]
    if found.zeros > 0.995:
        what = f"{name} is 0 at {found.zeros:.1%} of bases"
        if facts.counted is None:
            what, way_out = f"{what}, as peaks or starts of transcription are", _NO_PEAKS
        else:
            way_out = f"use a deeper experiment, or prepare again with a larger --extend {name}=BP"
        findings.append(Finding(SECTION, Level.WARN, what, way_out))
    return findings


def guess(facts: SignalFacts) -> str:
    """What the values look like, in words: a guess by their shape."""
    found = facts.distribution
    if facts.integers:
        return "raw counts"
    if facts.multiples:
        return "counts times a factor, as reads per million are"
    if found.quantile(0.9999) > 60 * max(1.0, found.quantile(0.5)):
        return "-log10 of a p-value, or coverage by reads"
    return "fold change over control"


def check_breadths(facts: Mapping[str, SignalFacts]) -> list[Finding]:
    """Whether DNase has broader peaks than H3K27ac, as if the two were exchanged."""
    if not {"H3K27ac", "DNase"} <= facts.keys():
        return []
    broad, narrow = facts["H3K27ac"].breadth, facts["DNase"].breadth
    if narrow < broad + 0.2:
        return []
    what = (
        f"H3K27ac is narrower than DNase (correlation over {BREADTH} bp {broad:.2f} and {narrow:.2f}): "
        "are the two exchanged?"
    )
    return [Finding(SECTION, Level.WARN, what, "give each file under its own name")]


def _are_multiples(above: Float32[np.ndarray, " values"]) -> bool:
    """Whether values are whole multiples of the smallest, in float32's precision; few values tell nothing.

    Nor do values that were rounded to some decimals.
    """
    if (np.abs(above - np.round(above, DECIMALS)) < 1e-6 * above).all():
        return False
    times = above.astype(np.float64) / float(above.min())
    some = times[times < 1_000]
    return len(np.unique(some)) >= 5 and bool((np.abs(some - np.round(some)) < 1e-3 * some).all())


def _are_times(above: Float32[np.ndarray, " values"], factor: float) -> bool:
    """Whether values are whole multiples of a factor, as far as `prepare` writes and float32 holds them."""
    exact = above.astype(np.float64)
    away = np.abs(exact - factor * np.round(exact / factor))
    return bool((away <= _ROUNDED * (1 + exact)).all())


def _breadth(values: Sequence[Float32[np.ndarray, " _"]]) -> float:
    long = [np.log1p(part) for part in values if len(part) > 2 * BREADTH]
    if not long:
        return 0.0
    first = np.concatenate([part[:-BREADTH] for part in long])
    second = np.concatenate([part[BREADTH:] for part in long])
    if first.std() == 0 or second.std() == 0:
        return 0.0
    return float(np.corrcoef(first, second)[0, 1])
