"""Where in a gene's window no other window has a say in what the merged tracks hold."""

from collections.abc import Iterable

import numpy as np
from jaxtyping import Bool

from seq2exp_tracks.tracks.merge import MergeRule
from seq2exp_tracks.windows import Window


def decides(rule: MergeRule, window: Window, others: Iterable[Window]) -> Bool[np.ndarray, " inside"]:
    """The bases of a window at which merged tracks hold what this window says.

    Args:
        rule: How windows were merged.
        window: The window.
        others: All windows of the run; the same gene among them is passed over.

    Returns:
        True where no other window covers the base, or, by `nearest`, where no other TSS is as near.
    """
    inside, tss = window.inside, window.gene.tss
    alone = np.ones(len(inside), np.bool_)
    for other in others:
        shared = inside.overlap(other.inside)
        if shared is None or other.gene.id == window.gene.id:
            continue
        here = slice(shared.start - inside.start, shared.end - inside.start)
        if rule is not MergeRule.NEAREST:
            alone[here] = False
            continue
        bases = np.arange(shared.start, shared.end)
        alone[here] &= np.abs(bases - tss) < np.abs(bases - other.gene.tss)
    return alone
