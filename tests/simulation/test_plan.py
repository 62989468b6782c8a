"""The plan keeps its promises for any seed and any size that it accepts."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from seq2exp_tracks.genome import Interval, Strand
from seq2exp_tracks.simulation.elements import ElementClass
from seq2exp_tracks.simulation.expression import effects
from seq2exp_tracks.simulation.layout import ROOM_PER_GENE, Layout
from seq2exp_tracks.simulation.plan import Plan, draw_plan, promoter_of


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    lengths = draw(st.lists(st.integers(40_000, 120_000), min_size=1, max_size=3))
    chromosomes = {f"chr{index}": length for index, length in enumerate(lengths)}
    genes = draw(st.integers(1, sum(lengths) // ROOM_PER_GENE))
    layout = Layout(chromosomes=chromosomes, genes=genes, reach=draw(st.integers(3_000, 30_000)))
    return draw_plan(layout, np.random.default_rng(draw(st.integers(0, 2**32))))


def lies_on(plan: Plan, interval: Interval) -> bool:
    return 0 <= interval.start < interval.end <= plan.chromosomes[interval.chrom]


@settings(max_examples=40, deadline=None)
@given(plans())
def test_everything_planned_lies_on_its_chromosome(plan: Plan) -> None:
    places = [*plan.unsequenced, *plan.blacklist, *(gene.body for gene in plan.genes)]
    places += [element.interval for element in plan.elements]
    places += [site.interval for element in plan.elements for site in element.sites]
    assert [place for place in places if not lies_on(plan, place)] == []


@settings(max_examples=40, deadline=None)
@given(plans())
def test_elements_that_were_searched_a_place_for_touch_nothing_else(plan: Plan) -> None:
    promoters = {promoter_of(gene.gene) for gene in plan.genes}
    fixed = [*plan.unsequenced, *plan.blacklist, *promoters]
    others = [element.interval for element in plan.elements if element.interval not in promoters]
    for index, place in enumerate(others):
        assert not any(place.overlap(other) for other in fixed + others[index + 1 :])


@settings(max_examples=40, deadline=None)
@given(plans())
def test_a_gene_is_silent_exactly_where_its_promoter_is_closed(plan: Plan) -> None:
    closed = {element.gene for element in plan.elements if element.kind is ElementClass.MOTIF_DECOY}
    assert closed - {None} == {gene.gene.id for gene in plan.genes if gene.silent}


@settings(max_examples=40, deadline=None)
@given(plans())
def test_only_active_elements_in_reach_of_an_active_gene_have_an_effect(plan: Plan) -> None:
    silent = {gene.gene.id for gene in plan.genes if gene.silent}
    for effect in effects(plan):
        assert effect.element.kind.is_active
        assert effect.size > 0
        assert effect.gene.id not in silent
        assert effect.element.interval.chrom == effect.gene.chrom
        assert abs(effect.element.centre - effect.gene.tss) <= plan.reach


def test_a_promoter_follows_the_strand_of_its_gene() -> None:
    plan = draw_plan(Layout(), np.random.default_rng(0))
    plus = next(planned.gene for planned in plan.genes if planned.gene.strand is Strand.PLUS)
    minus = next(planned.gene for planned in plan.genes if planned.gene.strand is Strand.MINUS)
    assert promoter_of(plus) == Interval(plus.chrom, plus.tss - 200, plus.tss + 100)
    assert promoter_of(minus) == Interval(minus.chrom, minus.tss - 99, minus.tss + 201)
