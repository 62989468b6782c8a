import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2exp_tracks.genome import Interval
from seq2exp_tracks.io.stretches import Stretches

intervals = st.tuples(st.integers(0, 40), st.integers(1, 15)).map(
    lambda drawn: Interval("chr1", drawn[0], sum(drawn))
)


@given(given=st.lists(intervals, min_size=1, max_size=8), longest=st.integers(1, 20))
def test_stretches_are_the_bases_of_all_intervals_once_and_in_order(given, longest):
    stretches = Stretches.covering(given)
    pieces = list(stretches.pieces(longest))
    bases = [base for piece in pieces for base in range(piece.start, piece.end)]
    assert bases == sorted({base for one in given for base in range(one.start, one.end)})
    assert max(len(piece) for piece in pieces) <= longest
    assert {piece.chrom for piece in pieces} == {stretches.chrom} == {"chr1"}
    assert stretches.end == bases[-1] + 1


@given(given=st.lists(intervals, min_size=1, max_size=8), asked=intervals)
def test_an_interval_is_contained_if_each_of_its_bases_is(given, asked):
    stretches = Stretches.covering(given)
    covered = np.zeros(60, bool)
    for one in given:
        covered[one.start : one.end] = True
    assert stretches.contain(asked) == covered[asked.start : asked.end].all()
    assert not stretches.contain(Interval("chr2", asked.start, asked.end))


@pytest.mark.parametrize("given", [[], [Interval("chr1", 0, 1), Interval("chr2", 0, 1)]])
def test_stretches_lie_on_one_chromosome(given):
    with pytest.raises(ValueError, match="stretches lie on one chromosome"):
        Stretches.covering(given)
