"""Calls regulatory elements: the stretches of a gene's window that its learned mask stands out in.

Called on the learned score of scored bases alone: neither padding nor the blacklist counts, and the promoter
clamp has no part in it.
"""

from dataclasses import dataclass
from math import floor

import numpy as np
from jaxtyping import Bool, Float32, Int64

from seq2exp_tracks.genome import Gene, Interval, Strand
from seq2exp_tracks.io.element_rows import ElementRow
from seq2exp_tracks.scores import WindowScores

PROMOTER_REACH = 1000
"""Elements that overlap [TSS - 1000, TSS + 1000) are promoter: the 2 kb that the model clamps to 1."""

ELEMENT_COLUMNS = (
    *("chrom", "start", "end", "name", "score", "strand"),
    *("gene_id", "gene_name", "mean_score", "sd", "distance", "class", "contact"),
)
"""The columns of elements.bed."""


@dataclass(frozen=True, slots=True)
class ElementSettings:
    """Which bases are selected and how they become elements.

    Attributes:
        top_share: Share of a window's scored bases that is selected, the highest first, as the paper
            compares masks of equal size; None where a threshold selects.
        threshold: Least learned score that is selected, as hard models do it; None where a share selects.
        gap: Selected bases with at most so many bp between them are one element.
        min_length: Shorter elements are dropped.

    Raises:
        ValueError: If both or neither of the ways to select are given, or a number makes no sense.
    """

    top_share: float | None = 0.10
    threshold: float | None = None
    gap: int = 100
    min_length: int = 50

    def __post_init__(self) -> None:
        if (self.top_share is None) == (self.threshold is None):
            raise ValueError("elements are selected either by a top share or by a threshold")
        if self.top_share is not None and not 0 < self.top_share <= 1:
            raise ValueError(f"top share {self.top_share} is not in (0, 1]")
        if self.threshold is not None and not 0 <= self.threshold <= 1:
            raise ValueError(f"threshold {self.threshold} is not in [0, 1]")
        if self.gap < 0 or self.min_length < 1:
            raise ValueError(f"gap {self.gap} bp or least length {self.min_length} bp makes no sense")

    @classmethod
    def default(cls, hard: bool) -> "ElementSettings":
        """The settings for a hard model (score of 0.5) or a soft one, whose mask never falls to 0."""
        return cls(top_share=None, threshold=0.5) if hard else cls()


@dataclass(frozen=True, slots=True)
class Element:
    """A regulatory element that the mask of one gene points at.

    Attributes:
        interval: Its bases.
        gene: The gene whose window it was called in.
        score: Mean learned score of its bases.
        sd: Root mean square of its bases' standard deviations.
        contact: Mean of its bases' Hi-C signal, as the model was given it; None without contacts.
    """

    interval: Interval
    gene: Gene
    score: float
    sd: float
    contact: float | None

    @property
    def distance(self) -> int:
        """Base pairs from the TSS to the nearest base; 0 if it holds the TSS, negative upstream."""
        tss = self.gene.tss
        if self.interval.contains(tss):
            return 0
        right = self.interval.start > tss
        offset = self.interval.start - tss if right else self.interval.end - 1 - tss
        return offset if self.gene.strand is Strand.PLUS else -offset

    @property
    def is_promoter(self) -> bool:
        """Tells whether it overlaps the gene's promoter, 1 kb to both sides of the TSS."""
        tss = self.gene.tss
        return self.interval.start < tss + PROMOTER_REACH and self.interval.end > tss - PROMOTER_REACH

    def row(self, number: int) -> ElementRow:
        """The element as files have it; `number` counts the gene's elements."""
        gene, place = self.gene, self.interval
        return ElementRow(
            chrom=place.chrom,
            start=place.start,
            end=place.end,
            name=f"{gene.name}.{number}",
            score=round(1000 * self.score),
            strand=str(gene.strand),
            gene_id=gene.id,
            gene_name=gene.name,
            mean_score=self.score,
            sd=self.sd,
            distance=self.distance,
            kind="promoter" if self.is_promoter else "distal",
            contact=self.contact,
        )


def call_elements(scores: WindowScores, settings: ElementSettings) -> list[Element]:
    """Calls the elements of one gene, in the order of the genome.

    Bases are never joined across the blacklist, and a share is never exceeded: bases tied at the cut-off
    are left out where they would not all fit, so a flat mask has no elements.
    """
    starts, ends = _runs(_select(scores, settings))
    if not len(starts):
        return []
    blacklisted = np.concatenate([[0], np.cumsum(scores.excluded)])
    close = starts[1:] - ends[:-1] <= settings.gap
    clear = blacklisted[starts[1:]] == blacklisted[ends[:-1]]
    apart = ~(close & clear)
    starts, ends = starts[np.append(True, apart)], ends[np.append(apart, True)]
    return [
        _element(scores, int(start), int(end))
        for start, end in zip(starts, ends, strict=True)
        if end - start >= settings.min_length
    ]


def _select(scores: WindowScores, settings: ElementSettings) -> Bool[np.ndarray, " inside"]:
    """The bases whose learned score is high enough."""
    scored = ~scores.excluded
    selected: Bool[np.ndarray, " inside"]
    if settings.threshold is not None:
        selected = scored & (scores.learned >= settings.threshold)
        return selected
    assert settings.top_share is not None
    learned: Float32[np.ndarray, " scored"] = scores.learned[scored]
    # The tiny term undoes the error of products such as 0.29 * 100.
    count = floor(settings.top_share * len(learned) + 1e-9)
    if count == 0:
        return np.zeros_like(scored)
    cut_off = np.partition(learned, len(learned) - count)[len(learned) - count]
    fits = np.count_nonzero(learned >= cut_off) <= count
    selected = scored & (scores.learned >= cut_off if fits else scores.learned > cut_off)
    return selected


def _runs(
    selected: Bool[np.ndarray, " inside"],
) -> tuple[Int64[np.ndarray, " runs"], Int64[np.ndarray, " runs"]]:
    """Starts and ends of the stretches of selected bases."""
    steps = np.diff(np.concatenate([[0], selected.astype(np.int8), [0]]))
    return np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)


def _element(scores: WindowScores, start: int, end: int) -> Element:
    """The element of bases `start` to `end - 1` of the inside."""
    inside = scores.window.inside
    spread = scores.sd[start:end].astype(np.float64)
    contact = scores.contact
    return Element(
        interval=Interval(inside.chrom, inside.start + start, inside.start + end),
        gene=scores.window.gene,
        score=float(scores.learned[start:end].mean(dtype=np.float64)),
        sd=float(np.sqrt((spread * spread).mean())),
        contact=None if contact is None else float(contact[start:end].mean(dtype=np.float64)),
    )
