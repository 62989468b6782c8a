"""Motifs are drawn from their matrices."""

import numpy as np
import pytest

from seq2exp_tracks.simulation.motifs import BASES, MOTIFS, Motif, reverse_complement


@pytest.mark.parametrize("motif", MOTIFS.values(), ids=MOTIFS)
def test_drawn_sites_have_the_frequencies_of_the_matrix(motif: Motif) -> None:
    rng = np.random.default_rng(0)
    sites = [motif.draw(rng) for _ in range(4_000)]
    counted = (
        np.array([[column.count(base) for base in BASES] for column in zip(*sites, strict=True)]) / 4_000
    )
    np.testing.assert_allclose(motif.matrix().sum(1), 1)
    np.testing.assert_allclose(counted, motif.matrix(), atol=0.035)


def test_agreement_counts_the_bases_that_the_consensus_allows() -> None:
    motif = Motif("GATA", "WGATAAGR", 1.0)
    assert motif.agreement("AGATAAGG") == 1.0
    assert motif.agreement("CGATAAGC") == 0.75


def test_the_reverse_complement_of_a_reverse_complement_is_the_sequence() -> None:
    assert reverse_complement("AACGtN") == "NaCGTT"
    assert reverse_complement(reverse_complement("AACGtN")) == "AACGtN"
