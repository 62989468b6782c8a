"""Scores of windows that cost next to nothing, and the formula that tells what any base has to get.

All windows are cut from one pool of values, each from a place of its own. `genome.py` says which place: by
the number of the window, or by what the model is given of it.
"""

from collections.abc import Sequence

import numpy as np
from bigwig import soft_mask

from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.windows import Window

WINDOW = 200_000
POOL = 1 << 22
PROMOTER = 1_000
# Stand-in for a blacklist: the first bases of every million.
EXCLUDED, EVERY = 2_000, 1_000_000


class FakeScores:
    """A pool of Beta distributions: smooth along the sequence, with noise at every base.

    Attributes:
        alpha: Evidence for each base.
        beta: Evidence against it.
        learned: Mean of the distribution.
        sd: Its standard deviation.
    """

    def __init__(self) -> None:
        random = np.random.default_rng(0)
        mean = 0.0002 + 0.999 * soft_mask(POOL) + random.random(POOL, np.float32) / 2000
        claims = 20 + 10 * soft_mask(POOL)[::-1]
        self.alpha = (mean * claims).astype(np.float32)
        self.beta = ((1 - mean) * claims).astype(np.float32)
        total = self.alpha + self.beta
        self.learned = self.alpha / total
        self.sd = np.sqrt(self.learned * (self.beta / total) / (total + 1))
        distance = np.abs(np.arange(2 * WINDOW) - WINDOW)
        self._contact = np.log10(1 + 1e4 / (1 + distance)).astype(np.float32)

    def of(self, window: Window, place: int) -> WindowScores:
        """Scores of a window whose first base has the value at a place of the pool."""
        inside, tss = window.inside, window.gene.tss
        at = place + inside.start - window.start
        learned, sd = self.learned[at : at + len(inside)], self.sd[at : at + len(inside)]
        excluded = np.arange(inside.start, inside.end) % EVERY < EXCLUDED
        applied = learned.copy()
        applied[max(0, tss - PROMOTER - inside.start) : max(0, tss + PROMOTER - inside.start)] = 1
        applied[excluded] = 0
        contact = self._contact[WINDOW + inside.start - tss :][: len(inside)]
        return WindowScores(window, learned, sd, applied, excluded, expression(place), (), contact)

    def plain(
        self, windows: Sequence[Window], places: Sequence[int], chrom: str, position: int
    ) -> dict[str, float] | None:
        """What the tracks hold at a base, from the formula alone; None where no window has it."""
        told = []
        for window, place in zip(windows, places, strict=True):
            inside = window.inside
            if inside.chrom == chrom and inside.start <= position < inside.end:
                at = place + position - window.start
                learned = float(self.learned[at])
                near = -PROMOTER <= position - window.gene.tss < PROMOTER
                applied = 0.0 if position % EVERY < EXCLUDED else 1.0 if near else learned
                told.append((learned, float(self.sd[at]), applied))
        if not told:
            return None
        best = max(told, key=lambda window: window[0])
        return {"mask": best[0], "mask.sd": best[1], "mask.applied": max(applied for _, _, applied in told)}


def expression(place: int) -> float:
    """Predicted expression of a window that begins at a place of the pool."""
    return place % 400 / 100
