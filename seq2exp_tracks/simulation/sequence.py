"""The genome's sequence: GC content that drifts, repeats, runs of N, and the planted sites."""

import numpy as np
from jaxtyping import Bool, Float64, UInt8

from seq2exp_tracks.simulation.motifs import BASES
from seq2exp_tracks.simulation.plan import Plan

# Lengths in bp, GC content as a fraction of bases.
GC_BLOCK = 20_000  # stretch of one GC content
GC_RANGE = (0.38, 0.48)
GC_AT_TSS = 0.62  # within GC_TSS_REACH of a TSS, as in CpG islands
GC_TSS_REACH = 500
REPEAT_FAMILIES = 3
REPEAT_LENGTH = 300
REPEAT_EVERY = 2_500  # mean distance of two copies
REPEAT_DIVERGENCE = 0.12  # share of a copy's bases drawn anew

_LETTERS = np.frombuffer(BASES.encode(), np.uint8)
_TO_LOWER = 32  # from an ASCII capital to its small letter


def draw_sequence(plan: Plan, rng: np.random.Generator) -> dict[str, bytes]:
    """Draws every chromosome's sequence.

    Returns:
        Letters by chromosome: A, C, G, T; small letters in repeats; N where unsequenced.
    """
    families = rng.integers(len(BASES), size=(REPEAT_FAMILIES, REPEAT_LENGTH))
    sequence = {}
    for chrom, length in plan.chromosomes.items():
        letters = _LETTERS[_draw_background(_draw_gc(plan, chrom, length, rng), rng)]
        _scatter_repeats(letters, _planted(plan, chrom, length), families, rng)
        _write_sites(letters, plan, chrom)
        for run in plan.unsequenced:
            if run.chrom == chrom:
                letters[run.start : run.end] = ord("N")
        sequence[chrom] = letters.tobytes()
    return sequence


def _draw_gc(plan: Plan, chrom: str, length: int, rng: np.random.Generator) -> Float64[np.ndarray, " length"]:
    """Expected GC content at each base: one value a block, high around each TSS."""
    content = np.repeat(rng.uniform(*GC_RANGE, size=-(-length // GC_BLOCK)), GC_BLOCK)[:length]
    for planned in plan.genes:
        if planned.gene.chrom == chrom:
            content[max(0, planned.gene.tss - GC_TSS_REACH) : planned.gene.tss + GC_TSS_REACH] = GC_AT_TSS
    return content


def _draw_background(
    gc: Float64[np.ndarray, " length"], rng: np.random.Generator
) -> UInt8[np.ndarray, " length"]:
    """Indices into `BASES`: C or G with the given probability, the two of a pair alike."""
    is_gc = rng.random(len(gc)) < gc
    second = rng.random(len(gc)) < 0.5
    return np.where(is_gc, np.where(second, 2, 1), np.where(second, 3, 0)).astype(np.uint8)


def _planted(plan: Plan, chrom: str, length: int) -> Bool[np.ndarray, " length"]:
    """Bases of elements, where no repeat may fall."""
    planted = np.zeros(length, bool)
    for element in plan.elements:
        if element.interval.chrom == chrom:
            planted[element.interval.start : element.interval.end] = True
    return planted


def _scatter_repeats(
    letters: UInt8[np.ndarray, " length"],
    planted: Bool[np.ndarray, " length"],
    families: np.ndarray,
    rng: np.random.Generator,
) -> None:
    """Writes diverged copies of the families in small letters, on either strand."""
    for start in rng.integers(len(letters) - REPEAT_LENGTH, size=len(letters) // REPEAT_EVERY):
        copy = families[rng.integers(REPEAT_FAMILIES)].copy()
        if rng.random() < 0.5:
            copy = (len(BASES) - 1) - copy[::-1]  # A, C, G, T: the complement is the index from the other end
        drawn_anew = rng.random(REPEAT_LENGTH) < REPEAT_DIVERGENCE
        copy[drawn_anew] = rng.integers(len(BASES), size=int(drawn_anew.sum()))
        if not planted[start : start + REPEAT_LENGTH].any():
            letters[start : start + REPEAT_LENGTH] = _LETTERS[copy] + _TO_LOWER


def _write_sites(letters: UInt8[np.ndarray, " length"], plan: Plan, chrom: str) -> None:
    """Writes the planted binding sites over the background."""
    for element in plan.elements:
        for site in element.sites:
            place = site.interval
            if place.chrom == chrom:
                letters[place.start : place.end] = np.frombuffer(site.sequence.encode(), np.uint8)
