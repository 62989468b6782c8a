"""ABC's formula against a loop written out, on signals drawn at random and on the simulated genome."""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
from example_run import SIZES, ExampleRun

from seq2exp_tracks.evaluation.activity_by_contact import (
    ActivityByContact,
    hic_contact,
    power_law_contact,
    tile_starts,
)
from seq2exp_tracks.genome import Gene, Interval, Strand
from seq2exp_tracks.io.contacts import Contacts
from seq2exp_tracks.windows import Window

LENGTH = 9_000


@dataclass(frozen=True)
class Drawn:
    values: np.ndarray

    def read(self, interval: Interval) -> np.ndarray:
        return self.values[interval.start : interval.end]


def signal(seed: int) -> Drawn:
    return Drawn(np.random.default_rng(seed).gamma(0.5, 2, LENGTH).astype(np.float32))


@pytest.mark.parametrize("tss", [200, 4_321, 8_990])
def test_the_score_is_the_formula(tss: int) -> None:
    gene = Gene("G", "G", "chr1", tss, Strand.PLUS)
    window = Window.around(gene, 4_000, LENGTH)
    dnase, h3k27ac = signal(1), signal(2)

    def numerator(start: int, end: int) -> float:
        accessible = sum(float(dnase.values[at]) for at in range(start, end))
        acetylated = sum(float(h3k27ac.values[at]) for at in range(start, end))
        contact = sum(
            math.exp(-4.80 + 11.63 * 0.87 - 0.87 * math.log(max(abs(at - tss), 5_000) + 1))
            for at in range(start, end)
        )
        return math.sqrt(accessible * acetylated) * contact / (end - start)

    inside = window.inside
    edges = [
        inside.start,
        *(at for at in range(0, LENGTH, 500) if inside.start < at < inside.end),
        inside.end,
    ]
    tiles = [numerator(start, end) for start, end in pairwise(edges)]
    element = Interval("chr1", inside.start + 130, inside.start + 777)
    scorer = ActivityByContact(dnase, h3k27ac, power_law_contact)
    assert tile_starts(inside).tolist() == edges[:-1]
    np.testing.assert_allclose(scorer.tiles(window), np.array(tiles) / sum(tiles), rtol=1e-6)
    expected = numerator(element.start, element.end) / sum(tiles)
    assert scorer.score(element, window) == pytest.approx(expected, rel=1e-6)
    assert scorer.tiles(window).sum() == pytest.approx(1)


def test_a_window_without_signal_scores_0() -> None:
    window = Window.around(Gene("G", "G", "chr1", 4_000, Strand.PLUS), 4_000, LENGTH)
    scorer = ActivityByContact(Drawn(np.zeros(LENGTH, np.float32)), signal(1), power_law_contact)
    assert scorer.score(Interval("chr1", 3_000, 3_500), window) == 0
    assert not scorer.tiles(window).any()


def test_hic_contact_is_that_of_each_bases_bin_and_the_pseudocount(example: ExampleRun) -> None:
    gene = Gene("G", "G", "chrA", 123_456, Strand.PLUS)
    place = Interval("chrA", 117_001, 131_234)
    with Contacts(example.genome.contacts, SIZES) as contacts:
        found = hic_contact(contacts)(gene, place)
        expected = [
            contacts.contact_with("chrA", gene.tss, Interval("chrA", at, at + 1))[0] + 0.0012277
            for at in (117_001, 119_999, 120_000, 131_233)
        ]
    assert len(found) == len(place)
    assert found[[0, 2_998, 2_999, -1]] == pytest.approx(expected, abs=1e-5)
