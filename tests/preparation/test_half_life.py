"""The half-life features are those of Xpresso's definition, written here from the spliced sequence."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2exp_tracks.genome import Strand
from seq2exp_tracks.io.feature_columns import HALF_LIFE_FEATURES
from seq2exp_tracks.io.transcripts import Transcript
from seq2exp_tracks.preparation.half_life import (
    Z_SCORES,
    Parts,
    features_by_gene,
    parts_of,
    representative,
)

LETTERS = "ACGT"
COMPLEMENT = str.maketrans("ACGT", "TGCA")


@st.composite
def transcripts(draw: st.DrawFn) -> tuple[Transcript, str]:
    """A transcript with an open reading frame in it, and the letters of its chromosome."""
    lengths = draw(st.lists(st.integers(1, 15), min_size=1, max_size=6))
    gaps = draw(st.lists(st.integers(1, 8), min_size=len(lengths), max_size=len(lengths)))
    exons, at = [], 0
    for length, gap in zip(lengths, gaps, strict=True):
        exons.append((at + gap, at + gap + length))
        at += gap + length
    letters = list(draw(st.text(LETTERS, min_size=at + 5, max_size=at + 5)))
    bases = [base for start, end in exons for base in range(start, end)]
    first = draw(st.integers(0, len(bases) - 1))
    last = draw(st.integers(first, len(bases) - 1))
    strand = draw(st.sampled_from(list(Strand)))
    stop = draw(st.sampled_from(["no", "TAA", "TAG", "TGA"]))
    inside = bases[first : last + 1]
    if stop != "no" and len(inside) > 3:
        ordered = inside if strand is Strand.PLUS else inside[::-1]
        for base, letter in zip(ordered[-3:], stop, strict=True):
            letters[base] = letter if strand is Strand.PLUS else letter.translate(COMPLEMENT)
    coding = (bases[first], bases[last] + 1)
    return Transcript("G", "G", "c", strand, tuple(exons), coding), "".join(letters)


def coded(letters: str) -> np.ndarray:
    return np.array([LETTERS.index(letter) for letter in letters], np.uint8)


def spliced(transcript: Transcript, letters: str) -> tuple[list[int], str]:
    """Bases of the mRNA from its 5' end, and their letters as it reads."""
    bases = [base for start, end in transcript.exons for base in range(start, end)]
    if transcript.strand is Strand.PLUS:
        return bases, "".join(letters[base] for base in bases)
    bases = bases[::-1]
    return bases, "".join(letters[base].translate(COMPLEMENT) for base in bases)


def defined(transcript: Transcript, letters: str) -> tuple[dict[str, list[int]], str]:
    """The bases of each part, cut in the spliced sequence; and that sequence."""
    bases, mrna = spliced(transcript, letters)
    start, end = transcript.coding
    inside = [place for place, base in enumerate(bases) if start <= base < end]
    first, last = inside[0], inside[-1] + 1
    stops = ("TAA", "TAG", "TGA")
    if last - first >= 3 and mrna[last - 3 : last] in stops:
        body, after = last - 3, last
    elif mrna[last : last + 3] in stops:
        body, after = last, last + 3
    else:
        body, after = last, last
    places = {"utr5": range(first), "coding": range(first, body), "stop": range(body, after)}
    return {
        **{name: list(found) for name, found in places.items()},
        "utr3": list(range(after, len(bases))),
    }, mrna


def lines_of(places: list[int], transcript: Transcript, letters: str) -> int:
    """Pieces of exons that some bases of the mRNA lie in: lines of a GTF."""
    bases, _ = spliced(transcript, letters)
    mine = {bases[place] for place in places}
    return sum(any(base in mine for base in range(start, end)) for start, end in transcript.exons)


@given(transcripts())
def test_features_are_those_of_the_spliced_sequence(drawn: tuple[Transcript, str]) -> None:
    transcript, letters = drawn
    places, mrna = defined(transcript, letters)
    found = features_by_gene([transcript], {"c": coded(letters)})
    if not places["coding"]:
        assert found == {}
        return
    counted = {
        name: len(places[name]) - lines_of(places[name], transcript, letters)
        for name in ("utr5", "coding", "utr3")
    }
    span = transcript.exons[-1][1] - transcript.exons[0][0]
    lengths = (counted["utr5"], counted["coding"], span - 1 - sum(counted.values()), counted["utr3"])
    pieces = (places["utr5"], places["coding"] + places["stop"], places["utr3"])
    expected = [
        *(
            (math.log10(length + 0.1) - mean) / sd
            for length, (mean, sd) in zip(lengths, Z_SCORES.values(), strict=True)
        ),
        *(sum(mrna[place] in "GC" for place in piece) / max(len(piece), 1) for piece in pieces),
        round(1_000 * lines_of(places["coding"], transcript, letters) / max(counted["coding"], 1), 2),
    ]
    assert found["c", "G", transcript.strand] == pytest.approx(expected, abs=1e-12)


def test_the_stop_codon_counts_the_same_whether_the_file_takes_it_in_or_not() -> None:
    letters = "CC" + "ATGGCC" + "TTTT" + "GGGTA" + "TT" + "ACC" + "G" * 6
    exons = ((2, 8), (12, 17), (19, 28))
    with_stop = Transcript("G", "G", "c", Strand.PLUS, exons, (2, 20))
    without = Transcript("G", "G", "c", Strand.PLUS, exons, (2, 15))
    parts = Parts((), ((2, 8), (12, 15)), ((15, 17), (19, 20)), ((20, 28),), 26)
    assert parts_of(with_stop, coded(letters)) == parts_of(without, coded(letters)) == parts
    assert parts.lengths == dict(zip(HALF_LIFE_FEATURES[:4], (0, 7, 26 - 1 - 7 - 7, 7), strict=True))


def part(utr5: int, coding: int, utr3: int) -> Parts:
    return Parts(((0, utr5),), ((100, 100 + coding),), (), ((300, 300 + utr3),), 500)


def test_the_longest_coding_sequence_stands_for_a_gene_then_the_longest_utrs() -> None:
    candidates = [part(90, 29, 90), part(10, 30, 90), part(12, 30, 8), part(12, 30, 9), part(11, 30, 99)]
    assert representative(candidates) is candidates[3]
