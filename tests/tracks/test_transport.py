from dataclasses import fields, replace

import numpy as np
import pytest
from drawn_windows import Drawn, drawn_window, scores_of
from hypothesis import given
from hypothesis import strategies as st

from seq2exp_tracks.genome import Gene, Strand
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.tracks.section import ScoredGene
from seq2exp_tracks.tracks.transport import pack, packed_bytes, unpack


def assert_equal(one: WindowScores, other: WindowScores) -> None:
    for field in fields(WindowScores):
        np.testing.assert_array_equal(getattr(one, field.name), getattr(other, field.name), field.name)


@given(drawn=drawn_window(), with_contact=st.booleans())
def test_a_gene_comes_out_of_shared_memory_as_it_went_in(drawn: Drawn, with_contact: bool) -> None:
    scores = drawn.built()
    scores = replace(scores, contact=scores.learned * 2) if with_contact else scores
    memory = np.full(packed_bytes(len(scores.window)), 255, np.uint8)
    gene = ScoredGene(scores, 1.5, ("no_features",), "stem")
    found = unpack(pack(gene, memory), memory)
    assert (found.measured, found.flags, found.stem) == (1.5, ("no_features",), "stem")
    assert_equal(found.scores, scores)


def test_what_is_handed_beside_the_memory_has_no_array_of_the_window() -> None:
    scores = scores_of(Gene("g", "g", "chr2", 30, Strand.PLUS), 20, 0.5, contact=0.5)
    packed = pack(ScoredGene(scores, None, (), None), np.zeros(packed_bytes(20), np.uint8))
    left = packed.gene.scores
    assert [len(values) for values in (left.learned, left.sd, left.applied, left.excluded)] == [0] * 4


def test_a_window_that_is_too_long_for_the_memory_is_refused() -> None:
    scores = scores_of(Gene("g", "g", "chr2", 30, Strand.PLUS), 20, 0.5, contact=0.5)
    with pytest.raises(ValueError, match="gene g: its window is longer than the first"):
        pack(ScoredGene(scores, None, (), None), np.zeros(packed_bytes(10), np.uint8))
