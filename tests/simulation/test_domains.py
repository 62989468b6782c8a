"""Domains end at insulators, at edges of bins, and cover every chromosome."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulated_tables import domains_of, elements_of, rows_of, tss_of

from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.simulation.contacts import relative_contact
from seq2exp_tracks.simulation.domains import Domains
from seq2exp_tracks.simulation.genome import SimulatedGenome

SIZES = ChromSizes({"one": 100_000, "two": 40_000})


@st.composite
def domains(draw: st.DrawFn) -> Domains:
    edges = draw(st.sets(st.integers(1, 19)))
    return Domains({"one": tuple(5_000 * edge for edge in sorted(edges)), "two": ()}, SIZES)


@given(domains(), st.integers(0, 99_999), st.integers(0, 99_999))
def test_two_bases_share_a_domain_where_one_interval_holds_both(
    drawn: Domains, first: int, second: int
) -> None:
    intervals = [place for place in drawn.intervals() if place.chrom == "one"]
    together = any(place.contains(first) and place.contains(second) for place in intervals)
    assert drawn.share("one", first, second) == together
    contact = (1 + abs(first - second) / 5_000) ** -0.87 * (1.0 if together else 0.4)
    assert relative_contact(drawn, "one", first, second) == pytest.approx(contact, rel=1e-12)


@given(domains())
def test_domains_cover_every_chromosome_without_gaps(drawn: Domains) -> None:
    for chrom, length in SIZES.items():
        covered = np.zeros(length, int)
        for place in drawn.intervals():
            if place.chrom == chrom:
                covered[place.start : place.end] += 1
        assert (covered == 1).all()


def test_boundaries_are_the_bin_edges_nearest_to_open_insulators(in_each_cell_type: SimulatedGenome) -> None:
    insulators = {row["element"] for row in rows_of(in_each_cell_type.sites) if row["name"] == "CTCF"}
    edges = set()
    for name, row in elements_of(in_each_cell_type).items():
        if name in insulators:
            assert row["class"] == "peak_decoy"
            middle = (int(row["start"]) + int(row["end"])) // 2
            edges.add((row["chrom"], round(middle / 5_000) * 5_000))
    boundaries = {(chrom, start) for chrom, start, _ in domains_of(in_each_cell_type) if start}
    assert len(boundaries) > 10
    assert boundaries <= edges


def test_domains_are_long_and_end_away_from_genes(simulated: SimulatedGenome) -> None:
    found = domains_of(simulated)
    assert min(end - start for _, start, end in found) >= 30_000
    sites = list(tss_of(simulated).values())
    for chrom, start, _ in found:
        assert not start or all(abs(tss - start) >= 1_000 for name, tss, _ in sites if name == chrom)
