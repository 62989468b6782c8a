"""Candidate elements of a window by its accessibility, for EPInformer where none are given.

ABC, whose candidates the published model reads, takes 500 bp around the summits of the strongest peaks of
the genome. Here the summits are those of the window's own DNase, so that nothing but the inputs of all models
is needed.
"""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import max_pool1d

from seq2exp_tracks.model.baselines.configs import PROMOTER_REACH

WIDTH = 500
"""Bases of a candidate."""


def candidate_mask(dnase: Float[Tensor, "batch length"], count: int) -> Float[Tensor, "batch length"]:
    """Marks the strongest summits of each window outside its promoter.

    A summit is a base around which 500 bp have a higher mean than around any other within 500 bp, and more
    than the window's mean; of equal ones the first. What stands out of the window is cut off, and candidates
    never touch, so that each is a stretch of its own.

    Args:
        dnase: Accessibility of every base.
        count: Most candidates a window.
    """
    mask = torch.zeros_like(dnase)
    for row, signal in zip(mask, dnase, strict=True):
        for summit in _summits(signal, count):
            row[max(summit - WIDTH // 2, 0) : summit + WIDTH // 2] = 1
    return mask


def _summits(signal: Float[Tensor, " length"], count: int) -> list[int]:
    """Bases in the middle of the candidates of a window, strongest first."""
    length = len(signal)
    around = _means(signal)
    highest = max_pool1d(around[None, None], 2 * WIDTH + 1, stride=1, padding=WIDTH)[0, 0]
    peaks = ((around == highest) & (around > signal.double().mean())).nonzero()[:, 0].tolist()
    apart: list[int] = []
    for peak in peaks:  # a plateau has many
        if not apart or peak - apart[-1] > WIDTH:
            apart.append(peak)
    distal = [peak for peak in apart if abs(peak - length // 2) > PROMOTER_REACH]
    return sorted(distal, key=lambda peak: (-float(around[peak]), peak))[:count]


def _means(signal: Float[Tensor, " length"]) -> Float[Tensor, " length"]:
    """Mean of the bases from 250 before each base to 249 after it; those outside the window count 0."""
    half = WIDTH // 2
    sums = torch.nn.functional.pad(signal.double().cumsum(0), (1, 0))  # exact for what a track holds
    base = torch.arange(len(signal), device=signal.device)
    return (sums[(base + half).clamp(max=len(signal))] - sums[(base - half).clamp(min=0)]) / WIDTH
