"""The methods that are compared: each scores an element for a gene, and every base of the genome.

The method under test is the learned mask; the others are what a user has without it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, cast

import numpy as np
from jaxtyping import Float64

from seq2exp_tracks.evaluation.activity_by_contact import (
    TILE,
    ActivityByContact,
    ContactOf,
    Signal,
    hic_contact,
    power_law_contact,
    tile_starts,
)
from seq2exp_tracks.evaluation.given import GivenIntervals
from seq2exp_tracks.evaluation.run_inputs import SIGNALS, open_contacts, open_signal, windows_of
from seq2exp_tracks.evaluation.truth import Pair
from seq2exp_tracks.genome import Gene, Interval
from seq2exp_tracks.run_reader import Run
from seq2exp_tracks.windows import Window

MASK = "mask"
Bases = Float64[np.ndarray, " length"]


@dataclass(frozen=True, slots=True)
class Method:
    """A way to score.

    Attributes:
        name: Its name in the tables.
        description: What its score is, one line.
        bases: The score of every base of an interval; None where it scores elements only.
        elements: The scores of several elements for the gene of a window.
        given: The intervals that it consists of, where it is someone's calls.
    """

    name: str
    description: str
    bases: Callable[[Interval], Bases] | None
    elements: Callable[[Sequence[Interval], Window], list[float]]
    given: GivenIntervals | None = None

    def of_pairs(self, pairs: Sequence[Pair], windows: Mapping[str, Window]) -> Float64[np.ndarray, " pairs"]:
        """The score of each pair; pairs of one gene are to follow each other."""
        scores: list[float] = []
        for gene_id, group in groupby(pairs, key=lambda pair: pair.gene.id):
            scores += self.elements([pair.element for pair in group], windows[gene_id])
        return np.array(scores, np.float64)


def methods_of(run: Run, against: Mapping[str, Path]) -> tuple[list[Method], list[str]]:
    """The methods that a run's inputs and the user's files allow, the mask first.

    Args:
        run: The run.
        against: Files of intervals by the name to show.

    Returns:
        The methods, and what the user should know of those left out, one line each.

    Raises:
        InputError: If a file cannot be used.
    """
    windows = windows_of(run)
    methods, notes = _masks(run), []
    signals = {name: open_signal(run, name) for name in SIGNALS}
    for name, signal in signals.items():
        if signal is None:
            notes.append(f"the run was made without {name}: nothing is compared with it")
        else:
            methods.append(_signal(name, signal))
    if prior := _prior(run, {name: signal for name, signal in signals.items() if signal is not None}):
        methods.append(prior)
    dnase, h3k27ac = signals["DNase"], signals["H3K27ac"]
    if dnase is not None and h3k27ac is not None:
        contacts = open_contacts(run)
        source = "Hi-C of the run" if contacts else "power law of the distance: the run has no Hi-C"
        contact = hic_contact(contacts) if contacts else power_law_contact
        methods.append(_abc(dnase, h3k27ac, contact, source, windows))
    methods.append(_distance(windows))
    sizes = run.manifest.sizes
    methods += [_given(name, path, GivenIntervals.read(path, sizes)) for name, path in against.items()]
    return methods, notes


def _masks(run: Run) -> list[Method]:
    """The learned mask: mean over the element, and highest value in it."""
    own = any(entry.track == MASK and entry.gene_id for entry in run.manifest.files)
    of_what = "the gene's own window" if own else "the mask merged over genes"
    merged = run.track(MASK)

    def values(window: Window, interval: Interval) -> Bases:
        entry = run.track(MASK, window.gene.id) or merged
        return np.zeros(len(interval)) if entry is None else run.values(entry, interval)

    def summarised(by: Callable[[Bases], float]) -> Callable[[Sequence[Interval], Window], list[float]]:
        def of_elements(elements: Sequence[Interval], window: Window) -> list[float]:
            mask = values(window, window.inside)
            scores = []
            for element in elements:
                part = element.overlap(window.inside)
                assert part is not None  # pairs are in reach
                here = mask[part.start - window.inside.start : part.end - window.inside.start]
                scores.append(by(here[np.isfinite(here)]))
            return scores

        return of_elements

    def bases(interval: Interval) -> Bases:
        return np.nan_to_num(run.values(merged, interval)) if merged else np.zeros(len(interval))

    def mean(inside: Bases) -> float:
        return float(inside.mean()) if len(inside) else 0.0

    def highest(inside: Bases) -> float:
        return float(inside.max()) if len(inside) else 0.0

    return [
        Method(MASK, f"learned mask, mean over the element ({of_what})", bases, summarised(mean)),
        Method("mask.max", f"learned mask, highest in the element ({of_what})", None, summarised(highest)),
    ]


def _signal(name: str, signal: Signal) -> Method:
    def bases(interval: Interval) -> Bases:
        return signal.read(interval).astype(np.float64)

    return Method(name, f"{name} as the model was given it, mean over the element", bases, _means(bases))


def _means(
    bases: Callable[[Interval], Bases],
) -> Callable[[Sequence[Interval], Window], list[float]]:
    """Scores elements by the mean over their bases, for whatever gene."""
    return lambda places, _: [float(bases(place).mean()) for place in places]


def _prior(run: Run, signals: Mapping[str, Signal]) -> Method | None:
    """The mask's signals by themselves: their sum, weighted as its evidence weighs them.

    The mean of a base's distribution rises with that sum where sequence and contact say nothing. The sequence
    is left out because it is learned, contact because a base has another one with each gene, but one score
    here. So what a mask does better was learned, or comes of Hi-C. None for a mask that no signal speaks for.
    """
    beta = cast("dict[str, Any]", run.manifest.model.config.get("beta") or {"signals": [], "weights": []})
    known: dict[str, float] = dict(zip(beta["signals"], beta["weights"], strict=False))
    weights = {name: known[name] for name in signals if name in known}
    if not weights:
        return None

    def bases(interval: Interval) -> Bases:
        parts = [weight * signals[name].read(interval).astype(np.float64) for name, weight in weights.items()]
        total: Bases = np.sum(parts, axis=0)
        return total

    formula = " + ".join(f"{weight:g} {name}" for name, weight in weights.items())
    description = f"the mask's evidence without sequence and Hi-C: mean of {formula}"
    return Method("prior", description, bases, _means(bases))


def _abc(
    dnase: Signal, h3k27ac: Signal, contact: ContactOf, source: str, windows: Sequence[Window]
) -> Method:
    scorer = ActivityByContact(dnase, h3k27ac, contact)
    best: dict[str, Float64[np.ndarray, " tiles"]] = {}

    def of_chromosome(chrom: str) -> Float64[np.ndarray, " tiles"]:
        """The highest score of each tile over the genes of a chromosome; one chromosome is kept."""
        if chrom not in best:
            best.clear()
            ours = [window for window in windows if window.inside.chrom == chrom]
            tiles = np.zeros(max(window.inside.end for window in ours) // TILE + 1)
            for window in ours:
                places = tile_starts(window.inside) // TILE
                tiles[places] = np.maximum(tiles[places], scorer.tiles(window))
            best[chrom] = tiles
        return best[chrom]

    def bases(interval: Interval) -> Bases:
        return of_chromosome(interval.chrom)[np.arange(interval.start, interval.end) // TILE]

    def elements(places: Sequence[Interval], window: Window) -> list[float]:
        return scorer.scores(list(places), window)

    return Method("abc", f"activity x contact by ABC's formula ({source})", bases, elements)


def _distance(windows: Sequence[Window]) -> Method:
    places: dict[str, list[int]] = {}
    for window in windows:
        places.setdefault(window.gene.chrom, []).append(window.gene.tss)
    starts = {chrom: np.unique(tss) for chrom, tss in places.items()}

    def bases(interval: Interval) -> Bases:
        tss, here = starts[interval.chrom], np.arange(interval.start, interval.end)
        after = np.searchsorted(tss, here).clip(0, len(tss) - 1)
        nearest = np.minimum(np.abs(here - tss[after]), np.abs(here - tss[(after - 1).clip(0)]))
        score: Bases = -nearest.astype(np.float64)
        return score

    def elements(elements: Sequence[Interval], window: Window) -> list[float]:
        return [-float(_distance_to(element, window.gene)) for element in elements]

    return Method("distance", "minus the distance to the TSS, in bp", bases, elements)


def _distance_to(element: Interval, gene: Gene) -> int:
    """From the element's middle base to the TSS, in bp."""
    return abs((element.start + element.end) // 2 - gene.tss)


def _given(name: str, path: Path, given: GivenIntervals) -> Method:
    def elements(places: Sequence[Interval], window: Window) -> list[float]:
        return [given.of_pair(place, window.gene) for place in places]

    return Method(
        name, f"intervals of {path.name}, highest score over the element", given.bases, elements, given
    )
