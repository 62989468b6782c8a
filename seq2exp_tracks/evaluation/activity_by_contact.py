"""Activity by contact: the formula of ABC on the run's own signals (Fulco et al. 2019; Nasser et al. 2021).

    numerator(element, gene) = sqrt(sum of DNase x sum of H3K27ac over the element) x contact(element, gene)
    score(element, gene)     = numerator(element, gene) / sum of the numerators of the gene's candidates

ABC's candidates are peaks; here they are all tiles of 500 bp of the gene's window, so that the score needs no
peak caller and does not depend on which elements happened to be tested. It is ABC's formula, not its
pipeline: no read counts within peaks, no quantile normalisation, no smoothing of the diagonal.
"""

import math
from collections.abc import Callable
from typing import Protocol

import numpy as np
from jaxtyping import Float32, Float64

from seq2exp_tracks.genome import Gene, Interval
from seq2exp_tracks.io.contacts import Contacts
from seq2exp_tracks.signals import CONTACT_PSEUDOCOUNT
from seq2exp_tracks.windows import Window

TILE = 500
"""Width of a candidate in bp; tiles begin at multiples of it on the chromosome."""

# Contact that ABC's power law expects at a distance, and the distance below which it takes the same.
_GAMMA, _SCALE = 0.87, -4.80 + 11.63 * 0.87
_NEAREST = 5_000

ContactOf = Callable[[Gene, Interval], Float64[np.ndarray, " length"]]
"""Contact of every base of an interval with a gene's TSS."""


class Signal(Protocol):
    """What is read base by base, such as a `BigWig`."""

    def read(self, interval: Interval) -> Float32[np.ndarray, " length"]:
        """The signal of an interval, not below 0."""


class ActivityByContact:
    """Scores elements and tiles of genes' windows.

    Args:
        dnase: Accessibility.
        h3k27ac: Acetylation.
        contact: Contact with a TSS.
    """

    def __init__(self, dnase: Signal, h3k27ac: Signal, contact: ContactOf) -> None:
        self._dnase = dnase
        self._h3k27ac = h3k27ac
        self._contact = contact

    def score(self, element: Interval, window: Window) -> float:
        """The score of an element for the gene of a window."""
        return self.scores([element], window)[0]

    def scores(self, elements: list[Interval], window: Window) -> list[float]:
        """The scores of several elements for the gene of a window."""
        total = float(self._numerators(window).sum())
        return [self._numerator(element, window.gene) / total if total > 0 else 0.0 for element in elements]

    def tiles(self, window: Window) -> Float64[np.ndarray, " tiles"]:
        """The score of each tile that a window touches; 0 where the window has no signal at all."""
        numerators = self._numerators(window)
        total = float(numerators.sum())
        return numerators / total if total > 0 else numerators

    def _numerator(self, element: Interval, gene: Gene) -> float:
        activity = math.sqrt(
            float(self._dnase.read(element).sum(dtype=np.float64))
            * float(self._h3k27ac.read(element).sum(dtype=np.float64))
        )
        return activity * float(self._contact(gene, element).mean())

    def _numerators(self, window: Window) -> Float64[np.ndarray, " tiles"]:
        """The numerator of each tile; tiles at the window's ends are cut there."""
        inside = window.inside
        starts = tile_starts(inside) - inside.start
        lengths = np.diff(starts, append=len(inside))
        dnase, h3k27ac, contact = (
            np.add.reduceat(values.astype(np.float64), starts)
            for values in (
                self._dnase.read(inside),
                self._h3k27ac.read(inside),
                self._contact(window.gene, inside),
            )
        )
        numerators: Float64[np.ndarray, " tiles"] = np.sqrt(dnase * h3k27ac) * contact / lengths
        return numerators


def tile_starts(interval: Interval) -> np.ndarray:
    """First base of each tile in an interval; the first is the interval's own start."""
    inner = np.arange((interval.start // TILE + 1) * TILE, interval.end, TILE)
    return np.concatenate([[interval.start], inner]).astype(np.int64)


def hic_contact(contacts: Contacts) -> ContactOf:
    """Contact of Hi-C, with the pseudocount that the model's own channel has."""

    def contact(gene: Gene, interval: Interval) -> Float64[np.ndarray, " length"]:
        by_bin = contacts.contact_with(gene.chrom, gene.tss, interval) + CONTACT_PSEUDOCOUNT
        size = contacts.resolution
        edges = (interval.start // size + np.arange(len(by_bin) + 1)) * size
        values: Float64[np.ndarray, " length"] = np.repeat(
            by_bin, np.diff(edges.clip(interval.start, interval.end))
        )
        return values

    return contact


def power_law_contact(gene: Gene, interval: Interval) -> Float64[np.ndarray, " length"]:
    """Contact that ABC expects of the distance alone; the same for all within 5 kb."""
    distance = np.abs(np.arange(interval.start, interval.end) - gene.tss).clip(_NEAREST)
    contact: Float64[np.ndarray, " length"] = np.exp(_SCALE - _GAMMA * np.log(distance + 1.0))
    return contact
