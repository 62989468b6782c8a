"""Shared passes of the generator beside exact windows."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch
from genome_reader import GenomeReader, gene
from hypothesis import given, settings
from hypothesis import strategies as st
from random_windows import RandomReader
from random_windows import gene as drawn

from seq2exp_tracks.errors import CheckpointError
from seq2exp_tracks.genome import ChromSizes, Gene
from seq2exp_tracks.model import HARD, SOFT, ModelConfig, Seq2Exp
from seq2exp_tracks.model.config import SignalUse
from seq2exp_tracks.model.mask_rules import FixedKind, FixedMask, HardMask, TopMask
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.scoring import score_window
from seq2exp_tracks.scoring.lost import GenesLostError
from seq2exp_tracks.scoring.regions import Region, plan_regions
from seq2exp_tracks.scoring.shared_generator import (
    check_shareable,
    region_bases,
    score_region,
    score_regions,
)
from seq2exp_tracks.windows import Window

LENGTH = 400
CPU = torch.device("cpu")
TINY = replace(SOFT, window=LENGTH, d_model=16, generator_layers=2, encoder_layers=1, promoter=60)
READER = GenomeReader(ChromSizes({"chrA": 3000, "chrB": 300}), LENGTH)


def make(config: ModelConfig) -> Seq2Exp:
    return Seq2Exp.initialised(config, seed=5)


@pytest.fixture(scope="module")
def model() -> Seq2Exp:
    """Bases of an untrained model hardly hear of each other; of this one they do."""
    model = make(TINY)
    for layer in model.generator.layers:
        layer.projections.output.weight.mul_(30)
    model.mask_output.weight.mul_(10)
    return model


def windows_of(genes: Sequence[Gene]) -> list[Window]:
    return [Window.around(one, LENGTH, READER.sizes[one.chrom]) for one in genes]


def as_bytes(scores: WindowScores) -> tuple[object, ...]:
    arrays = (scores.learned, scores.sd, scores.applied, scores.excluded)
    return scores.window, scores.expression, *(array.tobytes() for array in arrays)


@pytest.mark.parametrize("tss", [1500, 0, 40, 2990])
def test_a_window_alone_in_its_region_has_exactly_its_own_scores(model: Seq2Exp, tss: int) -> None:
    one = gene("chrA", tss)
    (shared,) = score_region(model, READER, Region(tuple(windows_of([one]))), CPU)
    assert as_bytes(shared) == as_bytes(score_window(model, READER.read(one), CPU))


@settings(max_examples=8)
@given(st.lists(st.integers(0, 2999), min_size=1, max_size=4))
def test_every_window_is_given_what_the_generator_says_of_its_bases_in_the_region(
    model: Seq2Exp, places: list[int]
) -> None:
    for region in plan_regions(windows_of([gene("chrA", tss) for tss in sorted(places)])):
        inputs = [READER.read(one) for one in region.genes]
        # The definition: the generator over the region base by base, the rest window by window.
        bases = torch.full((1, len(region), 5), 0.0)
        for one in inputs:
            rows = region.rows_of(one.window)
            bases[0, rows] = torch.eye(5)[torch.from_numpy(one.bases).long()]
        with torch.no_grad():
            logits = model.mask_output(model.generator(model.sequence_embedding(bases[..., :4])))
        for one, shared in zip(inputs, score_region(model, READER, region, CPU), strict=True):
            with torch.no_grad():
                read = torch.from_numpy(one.signals)[None]
                alpha, beta = model.mask_distribution(logits[:, region.rows_of(one.window)], read)
            inside = slice(one.window.pad_left, LENGTH - one.window.pad_right)
            np.testing.assert_allclose(shared.learned, (alpha / (alpha + beta))[0, inside], atol=2e-6)
            kept = np.abs(np.arange(LENGTH) - LENGTH // 2 + 0.5)[inside] < 30
            applied = np.where(kept, 1, np.where(shared.excluded, 0, shared.learned))
            np.testing.assert_allclose(shared.applied, applied, atol=1e-6)


def test_windows_that_share_a_pass_differ_from_exact_ones_most_at_their_edges(model: Seq2Exp) -> None:
    genes = [gene("chrA", tss) for tss in (1000, 1150, 1300)]
    (region,) = plan_regions(windows_of(genes))
    shared = score_region(model, READER, region, CPU)[1]
    exact = score_window(model, READER.read(genes[1]), CPU)
    difference = np.abs(shared.learned - exact.learned)
    edge, middle = np.r_[difference[:20], difference[-20:]], difference[180:220]
    assert edge.max() > 1e-3
    assert 0 < middle.max() < edge.max() / 10


def test_where_a_base_depends_on_no_other_sharing_changes_nothing(model: Seq2Exp) -> None:
    blind = make(TINY)
    for layer in blind.generator.layers:
        torch.nn.init.zeros_(layer.projections.output.weight)
    genes = [gene("chrA", tss) for tss in (10, 150, 300, 450)]
    (region,) = plan_regions(windows_of(genes))
    for one, shared in zip(genes, score_region(blind, READER, region, CPU), strict=True):
        exact = score_window(blind, READER.read(one), CPU)
        np.testing.assert_allclose(shared.learned, exact.learned, atol=1e-6)
        assert shared.expression == pytest.approx(exact.expression, abs=1e-6)


@pytest.mark.slow
def test_any_number_of_workers_gives_the_same_bits_in_the_same_order() -> None:
    genes = [gene("chrA", tss) for tss in (100, 200, 900, 1000, 1900, 2500)] + [gene("chrB", 20)]
    regions = plan_regions(windows_of(genes))
    assert len(regions) > 3
    found = [
        list(map(as_bytes, score_regions(partial(make, TINY), READER, regions, CPU, workers)))  # type: ignore[arg-type] # a stand-in
        for workers in (1, 2)
    ]
    assert found[0] == found[1]
    assert [one[0] for one in found[0]] == windows_of(genes)


FAULTY = RandomReader(ChromSizes({"chr1": 5_000}))
"""Names of its genes say what goes wrong with them."""


def lost(fault: str, workers: int) -> tuple[GenesLostError, Region]:
    """What is told of a gene in the second of three regions, and that region."""
    genes = [drawn(300), drawn(400), drawn(2000), drawn(2100, fault), drawn(4000), drawn(4100)]
    windows = [Window.around(one, FAULTY.window, 5_000) for one in genes]
    regions = plan_regions(windows)
    assert [len(region.windows) for region in regions] == [2, 2, 2]
    config = replace(TINY, window=FAULTY.window)
    with pytest.raises(GenesLostError) as raised:
        list(score_regions(partial(make, config), FAULTY, regions, CPU, workers, patience=5))  # type: ignore[arg-type] # a stand-in
    return raised.value, regions[1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("deadly", "a worker process died, most likely because memory ran out; use fewer with --workers"),
        (
            "slow",
            "gene g2000 (chr1-2000) and 1 more: a worker was at it for more than 5 s (--patience) and was "
            "ended",
        ),
    ],
)
def test_a_worker_that_dies_or_hangs_loses_the_genes_of_its_region_and_no_other(
    fault: str, told: str
) -> None:
    found, region = lost(fault, 2)
    assert (str(found), found.genes, found.again) == (told, region.genes, True)


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_gene_of_a_region_whose_inputs_cannot_be_read_is_lost_for_good(workers: int) -> None:
    found, region = lost("unreadable", workers)
    assert (str(found), found.genes, found.again) == ("signal.bw: damaged", region.genes[1:], False)


def test_bases_of_a_region_are_those_of_its_windows() -> None:
    windows = windows_of([gene("chrB", 20), gene("chrB", 200)])
    (region,) = plan_regions(windows)
    inputs = [READER.read(window.gene) for window in windows]
    bases = region_bases(region, inputs)
    assert len(bases) == 580
    assert set(bases[:180]) == {4}
    assert set(bases[480:]) == {4}
    np.testing.assert_array_equal(bases[:400], inputs[0].bases)
    np.testing.assert_array_equal(bases[180:], inputs[1].bases)


@pytest.mark.parametrize(
    "config",
    [
        SOFT,
        replace(SOFT, signal_use=SignalUse.NEITHER),
        replace(SOFT, mask=HardMask()),
        replace(SOFT, mask=TopMask(0.1)),
    ],
)
def test_a_generator_that_reads_the_sequence_alone_can_be_shared(config: ModelConfig) -> None:
    check_shareable(config)


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        (HARD, "learned positions"),
        (replace(HARD, position_embedding=False), "reads the signals"),
        (replace(SOFT, signal_use=SignalUse.BOTH), "reads the signals"),
        (replace(SOFT, mask=FixedMask(FixedKind.PEAKS), generator_layers=0), "no generator"),
    ],
)
def test_a_generator_that_reads_more_cannot(config: ModelConfig, reason: str) -> None:
    with pytest.raises(CheckpointError, match=f"{reason}.*leave out --shared-generator$"):
        check_shareable(config)
