"""The eight features of a gene that go with the half-life of its mRNA, as Xpresso defines them.

Agarwal and Shendure 2020 (vagarwal87/Xpresso). Of the transcripts of a gene the one with the longest coding
sequence stands for it, then with the longest 5' UTR, then with the longest 3' UTR. Lengths are sums of
`stop - start` over the lines of a GTF, which is 1-based and inclusive: one less than the bases of each piece.
The coding sequence is without its stop codon there, and so is the 3' UTR; introns are the transcript less the
three others, so that a gene of one exon has an "intron" of a few bases. GC is that of the sequences, of the
coding one with its stop codon. All of this is kept: the model was trained on it.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, UInt8

from seq2exp_tracks.genome import Strand
from seq2exp_tracks.io.feature_columns import HALF_LIFE_FEATURES
from seq2exp_tracks.io.transcripts import Transcript

# Mean and standard deviation of log10(length + 0.1) over the authors' genes: solved from 30 rows of their
# table, which they give back to 12 digits.
Z_SCORES = {
    "UTR5LEN_log10zscore": (2.116472547688606, 0.7023122386257622),
    "CDSLEN_log10zscore": (3.1221738161453447, 0.32022988426222315),
    "INTRONLEN_log10zscore": (4.128012211033564, 1.0447096130234106),
    "UTR3LEN_log10zscore": (2.72838098446543, 0.8638573022367192),
}
_PSEUDOCOUNT = 0.1  # bp

_A, _C, _G, _T = range(4)
_STOPS = {(_T, _A, _A), (_T, _A, _G), (_T, _G, _A)}
_CODON = 3

Pieces = tuple[tuple[int, int], ...]
Codes = UInt8[np.ndarray, "_"]


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a transcript on the plus strand of the genome, each as pieces of exons.

    Attributes:
        utr5: Before the coding sequence, as the strand reads.
        coding: The coding sequence without its stop codon.
        stop: The stop codon; empty where the sequence has none.
        utr3: After it.
        span: Bases from the transcript's first to its last.
    """

    utr5: Pieces
    coding: Pieces
    stop: Pieces
    utr3: Pieces
    span: int

    @property
    def lengths(self) -> dict[str, int]:
        """Length of each part by the name of its feature, in Xpresso's way of counting."""
        utr5, coding, utr3 = (_counted(pieces) for pieces in (self.utr5, self.coding, self.utr3))
        return {
            "UTR5LEN_log10zscore": utr5,
            "CDSLEN_log10zscore": coding,
            "INTRONLEN_log10zscore": self.span - 1 - (utr5 + coding + utr3),
            "UTR3LEN_log10zscore": utr3,
        }


def parts_of(transcript: Transcript, chromosome: Codes) -> Parts:
    """Cuts a transcript into its parts.

    Whether the file counts the stop codon as coding is told by the sequence: where the coding part ends in a
    stop codon it does; where one follows, it does not.

    Args:
        transcript: The transcript.
        chromosome: Bases of the plus strand of its chromosome, as `Fasta.codes` gives them.
    """
    plus = transcript.strand is Strand.PLUS
    start, end = transcript.coding
    before = _within(transcript.exons, 0, start)
    coding = _within(transcript.exons, start, end)
    after = _within(transcript.exons, end, transcript.exons[-1][1])
    utr5, utr3 = (before, after) if plus else (after, before)
    stop: Pieces = ()
    body, last = _split(coding, _CODON, from_end=plus)
    rest, following = _split(utr3, _CODON, from_end=not plus)
    if _is_stop(last, chromosome, plus):
        coding, stop = body, last
    elif _is_stop(following, chromosome, plus):
        utr3, stop = rest, following
    return Parts(utr5, coding, stop, utr3, transcript.exons[-1][1] - transcript.exons[0][0])


def representative(parts: Iterable[Parts]) -> Parts:
    """The transcript that stands for its gene: the first of those with the longest coding sequence."""

    def rank(candidate: Parts) -> tuple[int, int, int]:
        lengths = candidate.lengths
        return (
            lengths["CDSLEN_log10zscore"],
            lengths["UTR5LEN_log10zscore"],
            lengths["UTR3LEN_log10zscore"],
        )

    return max(parts, key=rank)


def half_life_features(parts: Parts, chromosome: Codes) -> Float64[np.ndarray, " 8"]:
    """The eight features of a transcript, in the order of `HALF_LIFE_FEATURES`."""
    lengths = parts.lengths
    scores = [_z_score(lengths[name], *Z_SCORES[name]) for name in HALF_LIFE_FEATURES[: len(lengths)]]
    contents = [_gc(pieces, chromosome) for pieces in (parts.utr5, parts.coding + parts.stop, parts.utr3)]
    density = round(len(parts.coding) * 1_000 / max(lengths["CDSLEN_log10zscore"], 1), 2)
    return np.array([*scores, *contents, density])


def features_by_gene(
    transcripts: Iterable[Transcript], chromosomes: Mapping[str, Codes]
) -> dict[tuple[str, str, Strand], Float64[np.ndarray, " 8"]]:
    """The features of each gene of some chromosomes, by chromosome, id and strand.

    A transcript that is translated in less than four bases, which happens at the broken ends of annotations,
    is passed over.
    """
    parts: dict[tuple[str, str, Strand], list[Parts]] = {}
    for transcript in transcripts:
        cut = parts_of(transcript, chromosomes[transcript.chrom])
        if cut.coding:
            key = (transcript.chrom, transcript.gene_id, transcript.strand)
            parts.setdefault(key, []).append(cut)
    return {
        key: half_life_features(representative(candidates), chromosomes[key[0]])
        for key, candidates in parts.items()
    }


def _z_score(length: int, mean: float, sd: float) -> float:
    return (math.log10(length + _PSEUDOCOUNT) - mean) / sd


def _counted(pieces: Pieces) -> int:
    """Xpresso's length: the sum of stop - start in 1-based, inclusive positions."""
    return sum(end - start - 1 for start, end in pieces)


def _within(exons: Pieces, start: int, end: int) -> Pieces:
    """What of the exons lies between two bases."""
    cut = ((max(first, start), min(last, end)) for first, last in exons)
    return tuple((first, last) for first, last in cut if first < last)


def _split(pieces: Pieces, length: int, *, from_end: bool) -> tuple[Pieces, Pieces]:
    """Takes bases off one end of pieces: what is left, and what was taken."""
    left, taken = list(pieces), []
    while left and length:
        start, end = left.pop(-1 if from_end else 0)
        count = min(length, end - start)
        length -= count
        cut = end - count if from_end else start + count
        rest, off = ((start, cut), (cut, end)) if from_end else ((cut, end), (start, cut))
        taken.append(off)
        if rest[0] < rest[1]:
            left.insert(len(left) if from_end else 0, rest)
    return tuple(left), tuple(sorted(taken))


def _sequence(pieces: Pieces, chromosome: Codes) -> Codes:
    if not pieces:
        return np.zeros(0, np.uint8)
    return np.concatenate([chromosome[start:end] for start, end in pieces])


def _is_stop(pieces: Pieces, chromosome: Codes, plus: bool) -> bool:
    codon = _sequence(pieces, chromosome)
    # The complement of a base is 3 less its code.
    letters = codon.tolist() if plus else [_T - code for code in codon[::-1].tolist()]
    return tuple(letters) in _STOPS


def _gc(pieces: Pieces, chromosome: Codes) -> float:
    """Share of G and C; 0 where there are no bases, as in the authors' table."""
    codes = _sequence(pieces, chromosome)
    return float(np.isin(codes, (_C, _G)).mean()) if len(codes) else 0.0
