"""The plan keeps its promises for any seed and any size that it accepts."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from seq2exp_tracks.genome import Interval, Strand
from seq2exp_tracks.simulation.cell_types import in_cell_type
from seq2exp_tracks.simulation.elements import ElementClass
from seq2exp_tracks.simulation.expression import effects
from seq2exp_tracks.simulation.layout import ROOM_PER_GENE, Layout
from seq2exp_tracks.simulation.plan import Plan, draw_plan, promoter_of
from seq2exp_tracks.simulation.setting import SETTINGS, Setting


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
def test_elements_blacklisted_regions_and_runs_of_n_do_not_overlap(plan: Plan) -> None:
    places = [*plan.unsequenced, *plan.blacklist, *(element.interval for element in plan.elements)]
    assert {promoter_of(gene.gene) for gene in plan.genes} <= set(places)
    for index, place in enumerate(places):
        assert not any(place.overlap(other) for other in places[index + 1 :])


@settings(max_examples=40, deadline=None)
@given(plans())
def test_a_run_of_n_is_one_bin_of_the_contact_map_and_away_from_genes(plan: Plan) -> None:
    (run,) = plan.unsequenced
    assert (len(run), run.start % 5_000) == (5_000, 0)
    sites = [planned.gene.tss for planned in plan.genes if planned.gene.chrom == run.chrom]
    assert all(tss < run.start - 1_000 or tss >= run.end + 1_000 for tss in sites)


@settings(max_examples=40, deadline=None)
@given(plans(), st.sampled_from(list(SETTINGS.values())), st.integers(0, 2**32))
def test_in_a_cell_type_what_acts_has_a_gene_and_what_is_closed_has_nothing(
    plan: Plan, setting: Setting, seed: int
) -> None:
    own = in_cell_type(plan, setting, np.random.default_rng(seed))
    acting = {effect.element.name for effect in effects(own, setting)}
    for before, after in zip(plan.elements, own.elements, strict=True):
        assert (before.name, before.interval, before.sites) == (after.name, after.interval, after.sites)
        assert (after.name in acting) == after.kind.is_active == (after.activity > 0)
        assert (after.openness == 0) == (after.kind is ElementClass.MOTIF_DECOY)
        assert after.openness in (0, before.openness)


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
