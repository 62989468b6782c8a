"""What EPInformer reads of a window: the promoter, and the elements nearest to it with what is known of them.

The published model takes elements and their numbers from tables of ABC. Here the elements are the
stretches of a mask (peaks, or those of `candidate_elements`), and the numbers come from the signals that all
models are given, so that every model is trained on the same data. The activity is then in the units of the
signals, not in ABC's reads per million.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from seq2exp_tracks.model.baselines.configs import ELEMENT, PROMOTER_REACH

ELEMENT_FEATURES = 3
"""Distance in kb, contact as log10(1 + contact), activity."""

_ACTIVITY = ("H3K27ac", "DNase")
_CONTACT = "HiC"


class Elements(NamedTuple):
    """The promoter and the elements of each gene, in this order.

    Attributes:
        bases: One-hot bases, each element in the middle of its stretch; zeros around it, and zeros alone
            where a gene has fewer elements.
        features: Distance, contact and activity of each; 0 for the promoter and where there is no element.
    """

    bases: Float[Tensor, "batch stretches bases 4"]
    features: Float[Tensor, "batch stretches 3"]


def cut_elements(
    sequence: Float[Tensor, "batch length 4"],
    signals: Float[Tensor, "batch length signals"],
    mask: Float[Tensor, "batch length"],
    names: tuple[str, ...],
    count: int,
) -> Elements:
    """Cuts the promoter and the nearest elements out of each window.

    Args:
        sequence: One-hot bases.
        signals: Signals of the window.
        mask: Elements are its stretches that are not 0. Of a longer one than 2 kb the middle is taken.
        names: Names of the signals.
        count: Most elements a gene.
    """
    batch, length = mask.shape
    bases = sequence.new_zeros(batch, count + 1, ELEMENT, sequence.shape[2])
    features = signals.new_zeros(batch, count + 1, ELEMENT_FEATURES)
    start = (length - ELEMENT) // 2
    bases[:, 0] = sequence[:, start : start + ELEMENT]
    for gene in range(batch):
        for place, (first, end) in enumerate(nearest(mask[gene], count), 1):
            left = (ELEMENT - (end - first)) // 2
            bases[gene, place, left : left + end - first] = sequence[gene, first:end]
            features[gene, place] = _describe(
                signals[gene, first:end], names, (first + end) / 2 - length // 2
            )
    return Elements(bases, features)


def nearest(mask: Float[Tensor, " length"], count: int) -> list[tuple[int, int]]:
    """The stretches of a mask nearest to the TSS, from near to far, as first base and end."""
    kept = (mask != 0).to(torch.int8)
    edge = kept.new_zeros(1)
    changes = torch.diff(kept, prepend=edge, append=edge)
    starts, ends = (changes == sign for sign in (1, -1))
    found = []
    for first, end in zip(starts.nonzero()[:, 0].tolist(), ends.nonzero()[:, 0].tolist(), strict=True):
        distance = abs((first + end) / 2 - len(mask) // 2)
        if distance > PROMOTER_REACH:
            cut = max(end - first - ELEMENT, 0)
            found.append((distance, first + cut // 2, end - (cut - cut // 2)))
    return [(first, end) for _, first, end in sorted(found)[:count]]


def _describe(
    signals: Float[Tensor, "bases signals"], names: tuple[str, ...], offset: float
) -> Float[Tensor, " 3"]:
    """Distance, contact and activity of one element; 0 for what is not among the signals."""
    by_name = dict(zip(names, signals.mean(0), strict=True))
    nothing = signals.new_zeros(())
    activity = [by_name.get(name, nothing) for name in _ACTIVITY]
    distance = signals.new_tensor(abs(offset) / 1000)
    return torch.stack([distance, by_name.get(_CONTACT, nothing), (activity[0] * activity[1]).sqrt()])
