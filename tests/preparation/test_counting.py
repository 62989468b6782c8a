"""Coverage is, base by base, what its definition says of each read."""

import dataclasses
from collections import Counter
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2exp_tracks.io.alignments import FIRST, PAIRED, PROPER, REVERSE, AlignedReads
from seq2exp_tracks.preparation import counting
from seq2exp_tracks.preparation.counting import Counting, counted, counting_for

LENGTH = 400
EXCLUDED = np.array([[50, 60], [200, 230]])


@dataclasses.dataclass(frozen=True)
class One:
    """One read, as the file has it."""

    start: int
    end: int
    flag: int
    fragment: int

    @property
    def reverse(self) -> bool:
        return bool(self.flag & REVERSE)

    def interval(self, settings: Counting) -> tuple[int, int] | None:
        """The bases that it counts for, by the definition; they may lie off the chromosome."""
        if settings.count == "read":
            return self.start, self.end
        if settings.count == "cut":
            cut = self.end - 1 + settings.shift[1] if self.reverse else self.start + settings.shift[0]
            first = cut - settings.extend // 2
            return first, first + settings.extend
        if not self.flag & PAIRED:
            length = settings.extend
        elif self.flag & PROPER and self.flag & FIRST and self.fragment:
            length = self.fragment
        else:
            return None
        return (self.end - length, self.end) if self.reverse else (self.start, self.start + length)


@st.composite
def reads(draw: st.DrawFn) -> One:
    start = draw(st.integers(0, LENGTH - 1))
    length = draw(st.integers(1, min(50, LENGTH - start)))
    bits = [flag for flag in (PAIRED, PROPER, REVERSE, FIRST) if draw(st.booleans())]
    return One(start, start + length, sum(bits), draw(st.integers(0, 120)))


def as_arrays(drawn: list[One]) -> AlignedReads:
    drawn = sorted(drawn, key=lambda read: read.start)
    columns = ([getattr(read, name) for read in drawn] for name in ("start", "end", "flag", "fragment"))
    return AlignedReads(*(np.array(column, np.int32) for column in columns), Counter())


def defined(drawn: list[One], settings: Counting, excluded: np.ndarray | None) -> list[tuple[int, int]]:
    """The intervals that count, one read at a time."""
    found = []
    for read in drawn:
        interval = read.interval(settings)
        if interval is None:
            continue
        bases = set(range(*interval)) & set(range(LENGTH))
        barred = set() if excluded is None else {base for region in excluded for base in range(*region)}
        if bases and not bases & barred:
            found.append((min(bases), max(bases) + 1))
    return found


SETTINGS = st.builds(
    Counting,
    count=st.sampled_from(["fragment", "read", "cut"]),
    extend=st.integers(1, 90),
    shift=st.sampled_from([(0, 0), (4, -5), (4, -4)]),
)


@given(st.lists(reads(), max_size=12), SETTINGS, st.sampled_from([None, EXCLUDED]), st.integers(1, 450))
def test_coverage_counts_the_intervals_over_each_base(
    drawn: list[One], settings: Counting, excluded: np.ndarray | None, piece: int
) -> None:
    expected = defined(drawn, settings, excluded)
    depth = np.zeros(LENGTH, int)
    for start, end in expected:
        depth[start:end] += 1
    found = counted(as_arrays(drawn), settings, LENGTH, excluded)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "_PIECE", piece)
        pieces = list(found.coverage(LENGTH))
    assert [at for at, _ in pieces] == list(range(0, LENGTH, piece))
    assert np.concatenate([values for _, values in pieces]).tolist() == depth.tolist()
    assert (len(found), found.bases) == (len(expected), depth.sum())


@given(
    st.lists(reads(), max_size=12),
    SETTINGS,
    st.lists(st.tuples(st.integers(0, LENGTH - 1), st.integers(1, 100)), max_size=6),
)
def test_overlaps_are_those_of_each_interval(
    drawn: list[One], settings: Counting, places: list[tuple[int, int]]
) -> None:
    expected = defined(drawn, settings, None)
    bounds = np.array([(start, start + length) for start, length in places], np.int64).reshape(-1, 2)
    found = counted(as_arrays(drawn), settings, LENGTH).overlapping(bounds[:, 0], bounds[:, 1])
    assert found.tolist() == [
        sum(first < end and last > start for first, last in expected) for start, end in bounds.tolist()
    ]


def test_a_pair_is_one_fragment_and_two_cuts() -> None:
    left = One(100, 130, PAIRED | PROPER | FIRST, 90)
    right = One(160, 190, PAIRED | PROPER | REVERSE, 90)

    def covered(count: Literal["fragment", "cut"]) -> list[int]:
        found = counted(as_arrays([left, right]), Counting(count=count, extend=1), LENGTH)
        (_, depth), *_ = found.coverage(LENGTH)
        return np.flatnonzero(depth).tolist()

    assert covered("fragment") == list(range(100, 190))
    assert covered("cut") == [100, 189]


def test_tn5_cuts_move_to_the_middle_of_what_it_binds() -> None:
    """Tn5 doubles 9 bases: one read begins with the first of them, its neighbour ends with the last."""
    plus, minus = One(100, 130, 0, 0), One(79, 109, REVERSE, 0)
    for shift, cuts in (((4, -4), [104, 104]), ((4, -5), [103, 104])):
        found = counted(as_arrays([plus, minus]), Counting(count="cut", extend=1, shift=shift), LENGTH)
        assert found.starts.tolist() == cuts


def test_reads_that_do_not_count_are_told() -> None:
    drawn = [
        One(52, 80, 0, 0),
        One(100, 130, PAIRED | FIRST, 0),
        One(100, 130, PAIRED, 0),
        One(300, 330, 0, 0),
    ]
    found = counted(as_arrays(drawn), Counting(count="fragment", extend=30), LENGTH, EXCLUDED)
    assert found.starts.tolist() == [300]
    assert found.left_out == Counter({"not in a proper pair": 1, "in excluded regions": 1})


@pytest.mark.parametrize(
    ("signal", "atac", "expected"),
    [
        ("DNase", False, Counting(count="cut", extend=150, scale="rpm", shift=(0, 0))),
        ("DNase", True, Counting(count="cut", extend=150, scale="rpm", shift=(4, -5))),
        ("H3K27ac", False, Counting(count="fragment", extend=200, scale="fold", shift=(0, 0))),
        ("H3K4me3", False, Counting(count="fragment", extend=200, scale="rpm", shift=(0, 0))),
    ],
)
def test_what_is_usual_for_a_signal(signal: str, atac: bool, expected: Counting) -> None:
    assert counting_for(signal, atac=atac) == expected
