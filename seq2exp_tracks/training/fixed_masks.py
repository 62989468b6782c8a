"""Masks that are given instead of learned: the bases of a BED, or those of the highest scores of a bigWig.

The first is how the paper compares with peaks of MACS3, the second how it retrains a predictor on the best
10 % of a learned mask.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor
from pathlib import Path
from typing import Protocol

import numpy as np
from jaxtyping import Bool

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes, Gene, Interval
from seq2exp_tracks.inputs import WindowInputs
from seq2exp_tracks.io.bed import IntervalSet
from seq2exp_tracks.io.bigwig import BigWig, is_bigwig
from seq2exp_tracks.model.elements import promoter_start
from seq2exp_tracks.opening import off_genome

Kept = Bool[np.ndarray, " length"]


class MaskReader(Protocol):
    """A mask that is given."""

    def read(self, inputs: WindowInputs) -> Kept:
        """Tells for every base of a window, padding included, whether it is kept."""


@dataclass(frozen=True, slots=True, eq=False)
class RegionMask:
    """The bases of some regions, as they are: nothing is added for promoter or blacklist, as published.

    Attributes:
        regions: The regions.
    """

    regions: IntervalSet

    def read(self, inputs: WindowInputs) -> Kept:
        """See `MaskReader`."""
        window = inputs.window
        return window.pad(self.regions.mask(window.inside), False)


@dataclass(frozen=True, slots=True, eq=False)
class TopShareMask:
    """The bases of each window that score highest, and always its promoter.

    The published code keeps int(length x share) bases of a window too. There the promoter has been set to 1
    before and takes its part of them; here it comes in addition, as in a window of 10 kb nothing would be
    left beside it. Bases of the blacklist, and those without a score above 0, are kept in the promoter only.

    Attributes:
        scores: A score for each base; what is below 0 counts as 0.
        share: Share of the window's bases, padding included, that is kept.
        promoter: Bases in the middle that are always kept.
    """

    scores: BigWig
    share: float
    promoter: int

    def read(self, inputs: WindowInputs) -> Kept:
        """See `MaskReader`. Of bases that score the same the nearest to the TSS come first, then the left."""
        window = inputs.window
        scores = window.pad(self.scores.read(window.inside), 0)
        able = np.flatnonzero((scores > 0) & ~inputs.excluded)
        count = kept_of(self.share, len(window))
        if len(able) > count:
            values = scores[able]
            least = np.partition(values, -count)[-count]
            above, level = able[values > least], able[values == least]
            # Ascending by position, so that a stable order has the left one of two at one distance first.
            nearest = np.argsort(np.abs(level - len(window) // 2), kind="stable")
            able = np.concatenate([above, level[nearest[: count - len(above)]]])
        kept = np.zeros(len(window), bool)
        kept[able] = True
        start = promoter_start(len(window), self.promoter)
        kept[start : start + self.promoter] = True
        return kept


def kept_of(share: float, length: int) -> int:
    """How many bases a share of a window is."""
    # The tiny term undoes the error of products such as 0.29 * 100.
    return floor(share * length + 1e-9)


def check_share(path: Path | None, share: float | None) -> None:
    """Refuses a share that does not belong to a mask, or a mask of scores without one.

    Raises:
        InputError: If they do not fit.
    """
    if path is None:
        if share is not None:
            raise InputError("--fixed-share belongs to --fixed-mask FILE.bw; give both or none")
    elif share is None:
        if is_bigwig(path):
            raise InputError(
                f"{path}: holds scores; say with --fixed-share 0.1 how many of the bases are kept"
            )
    elif not is_bigwig(path):
        raise InputError(
            f"{path}: a BED is kept as it is; leave out --fixed-share, or give a bigWig of scores"
        )
    elif not 0 < share <= 1:
        raise InputError(f"--fixed-share {share:g}: a share of bases lies above 0 and up to 1")


def open_fixed_mask(
    path: Path, share: float | None, sizes: ChromSizes, window: int, promoter: int
) -> MaskReader:
    """Opens the file of a mask.

    Args:
        path: A BED, or a bigWig of scores, such as the `mask.bw` of a run.
        share: Share of a window's bases that is kept of a bigWig; None for a BED.
        sizes: Chromosomes of the genome.
        window: Bases of a window.
        promoter: Bases in its middle that a mask of scores always keeps.

    Raises:
        InputError: If the file cannot be used or is empty, or the share is less than one base.
    """
    if share is None:
        regions = IntervalSet.from_bed(path, sizes)
        if not regions.intervals:
            raise InputError(f"{path}: holds no interval, so that not one base would be read")
        return RegionMask(regions)
    if not kept_of(share, window):
        raise InputError(
            f"--fixed-share {share:g}: not one base of a window of {window:,}; give a larger one"
        )
    return TopShareMask(BigWig(path, sizes, negatives="clip"), share, promoter)


def mask_notes(
    mask: MaskReader | None, path: Path | None, genes: Sequence[Gene], sizes: ChromSizes
) -> list[str]:
    """What the user should know of the file of a mask, one line each.

    Args:
        mask: The mask, or None.
        path: Its file.
        genes: The genes of all parts.
        sizes: Chromosomes of the genome.

    Raises:
        InputError: If no gene has a score in a bigWig.
    """
    off = off_genome(path, mask.regions) if isinstance(mask, RegionMask) else []
    unscored = unscored_note(mask, genes, sizes)
    return [*off, unscored] if unscored else off


def unscored_note(mask: MaskReader | None, genes: Sequence[Gene], sizes: ChromSizes) -> str | None:
    """What to say of genes that a bigWig of scores leaves out: nothing but their promoter would be read.

    Args:
        mask: The mask, or None.
        genes: The genes of all parts.
        sizes: Chromosomes of the genome.

    Returns:
        A line, or None where every gene has scores.

    Raises:
        InputError: If no gene has any.
    """
    if not isinstance(mask, TopShareMask):
        return None
    without = sum(not mask.scores.read(_base_of(gene, sizes)).any() for gene in genes)
    if not without:
        return None
    path = mask.scores.path
    if without == len(genes):
        raise InputError(f"{path}: no score at the TSS of any gene; score these genes to get their mask")
    return (
        f"{path}: no score at the TSS of {without:,} of {len(genes):,} genes; "
        "of these little more than the promoter may be read"
    )


def _base_of(gene: Gene, sizes: ChromSizes) -> Interval:
    """The base of a gene's TSS; the nearest one of its chromosome where it lies beyond the end."""
    base = min(max(gene.tss, 0), sizes[gene.chrom] - 1)
    return Interval(gene.chrom, base, base + 1)
