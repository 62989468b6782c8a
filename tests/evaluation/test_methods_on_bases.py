"""Every method over the example run: scores of elements and bases against their definitions, base by base."""

from pathlib import Path

import numpy as np
import pyBigWig
import pytest
from example_run import SIZES, ExampleRun
from sklearn.metrics import average_precision_score, roc_auc_score

from seq2exp_tracks.evaluation.base_scores import (
    base_pieces,
    called_precision,
    called_shares,
    equal_coverage,
    rank_bases,
)
from seq2exp_tracks.evaluation.element_scores import rank_elements
from seq2exp_tracks.evaluation.expression import Estimate
from seq2exp_tracks.evaluation.given import GivenIntervals
from seq2exp_tracks.evaluation.mask_statistics import called_intervals, mask_statistics
from seq2exp_tracks.evaluation.methods import Method, methods_of
from seq2exp_tracks.evaluation.run_inputs import windows_of
from seq2exp_tracks.evaluation.truth import Truth, planted_truth
from seq2exp_tracks.genome import Interval
from seq2exp_tracks.io.bed import IntervalSet
from seq2exp_tracks.run_reader import Run

Genome = dict[str, np.ndarray]


@pytest.fixture(scope="module")
def run(example: ExampleRun) -> Run:
    return Run.open(example.folder)


@pytest.fixture(scope="module")
def truth(run: Run, example: ExampleRun) -> Truth:
    return planted_truth(example.genome.truth, windows_of(run), SIZES)


@pytest.fixture(scope="module")
def methods(run: Run, example: ExampleRun) -> dict[str, Method]:
    found, notes = methods_of(run, {"blacklist": example.genome.blacklist})
    assert notes == []
    return {method.name: method for method in found}


def whole(path: object, name: str) -> np.ndarray:
    with pyBigWig.open(str(path)) as file:
        return np.nan_to_num(file.values(name, 0, SIZES[name], numpy=True).astype(np.float64))


def marked(places: list[tuple[str, int, int]]) -> Genome:
    genome = {chrom: np.zeros(length, bool) for chrom, length in SIZES.items()}
    for chrom, start, end in places:
        genome[chrom][max(start, 0) : end] = True
    return genome


@pytest.fixture(scope="module")
def expected(run: Run, truth: Truth) -> tuple[Genome, Genome, Genome]:
    """Bases that count, that regulate, and that are distal, from the truth's own rows."""
    genes = [scored.gene for scored in run.genes.values()]
    windows = marked([(g.chrom, g.tss - 10_000, g.tss + 10_000) for g in genes])
    hit = marked([(p.element.chrom, p.element.start, p.element.end) for p in truth.pairs if p.regulates])
    away = marked([(e.chrom, e.start, e.end) for e in truth.elsewhere])
    promoters = marked([(g.chrom, g.tss - 1_000, g.tss + 1_000) for g in genes])
    counts = {chrom: windows[chrom] & (~away[chrom] | hit[chrom]) for chrom in SIZES}
    return counts, hit, {chrom: ~promoters[chrom] for chrom in SIZES}


def test_methods_are_there_with_their_descriptions(methods: dict[str, Method]) -> None:
    assert list(methods) == ["mask", "mask.max", "DNase", "H3K27ac", "prior", "abc", "distance", "blacklist"]
    assert methods["mask"].description.endswith("(the gene's own window)")
    assert methods["abc"].description.endswith("(Hi-C of the run)")


def test_elements_are_scored_by_the_genes_own_mask_the_signals_and_the_distance(
    run: Run, truth: Truth, methods: dict[str, Method], example: ExampleRun
) -> None:
    windows = {window.gene.id: window for window in windows_of(run)}
    scores = {name: method.of_pairs(truth.pairs, windows) for name, method in methods.items()}
    dnase = {chrom: whole(example.genome.dnase, chrom) for chrom in SIZES}
    h3k27ac = {chrom: whole(example.genome.h3k27ac, chrom) for chrom in SIZES}
    for row, pair in enumerate(truth.pairs):
        place = pair.element
        entry = run.track("mask", pair.gene.id)
        assert entry is not None
        own = run.values(entry, place)
        assert scores["mask"][row] == pytest.approx(np.nanmean(own))
        assert scores["mask.max"][row] == np.nanmax(own)
        signal = dnase[place.chrom][place.start : place.end].mean()
        assert scores["DNase"][row] == pytest.approx(signal, rel=1e-5)
        acetylation = h3k27ac[place.chrom][place.start : place.end].mean()
        assert scores["prior"][row] == pytest.approx(2 * signal + 2 * acetylation, rel=1e-5)
        assert scores["distance"][row] == -abs((place.start + place.end) // 2 - pair.gene.tss)


def test_the_prior_of_a_base_is_the_weighted_sum_of_its_signals(
    methods: dict[str, Method], example: ExampleRun
) -> None:
    prior = methods["prior"].bases
    assert prior is not None
    for chrom, length in SIZES.items():
        signals = whole(example.genome.dnase, chrom) + whole(example.genome.h3k27ac, chrom)
        np.testing.assert_allclose(prior(Interval(chrom, 0, length)), 2 * signals, rtol=1e-6)


def test_areas_over_elements_are_scikit_learns(run: Run, truth: Truth, methods: dict[str, Method]) -> None:
    windows = {window.gene.id: window for window in windows_of(run)}
    for distal in (False, True):
        pairs = [pair for pair in truth.pairs if pair.distal or not distal]
        labels = [pair.regulates for pair in pairs]
        for one in rank_elements(list(methods.values()), truth.pairs, windows):
            if (one.places == "distal") == distal:
                scores = methods[one.method].of_pairs(pairs, windows)
                assert (one.items, one.positive) == (len(pairs), sum(labels))
                assert one.auprc.value == pytest.approx(average_precision_score(labels, scores))
                assert one.auroc.value == pytest.approx(roc_auc_score(labels, scores))


def test_areas_over_bases_are_scikit_learns_on_the_merged_tracks(
    run: Run,
    truth: Truth,
    methods: dict[str, Method],
    example: ExampleRun,
    expected: tuple[Genome, Genome, Genome],
) -> None:
    counts, hit, distal = expected
    pieces, step = base_pieces(truth, windows_of(run), SIZES)
    assert step == 1
    ranked = {(one.method, one.places): one for one in rank_bases(list(methods.values()), pieces)}
    assert {name for name, _ in ranked} == set(methods) - {"mask.max"}
    tss = {c: np.array([s.gene.tss for s in run.genes.values() if s.gene.chrom == c]) for c in SIZES}
    scores = {
        "mask": {chrom: whole(example.folder / "mask.bw", chrom) for chrom in SIZES},
        "DNase": {chrom: whole(example.genome.dnase, chrom) for chrom in SIZES},
        "distance": {
            chrom: -np.min([abs(np.arange(length) - at) for at in tss[chrom]], axis=0)
            for chrom, length in SIZES.items()
        },
    }
    for places in ("all", "distal"):
        chosen = {c: counts[c] & (distal[c] if places == "distal" else True) for c in SIZES}
        labels = np.concatenate([hit[chrom][chosen[chrom]] for chrom in SIZES])
        for name, values in scores.items():
            found = ranked[name, places]
            by_base = np.concatenate([values[chrom][chosen[chrom]] for chrom in SIZES])
            assert (found.items, found.positive) == (len(labels), labels.sum())
            assert found.auprc.value == pytest.approx(average_precision_score(labels, by_base), abs=1e-3)
            assert found.auroc.value == pytest.approx(roc_auc_score(labels, by_base), abs=1e-3)


def test_all_methods_call_as_many_bases_as_the_mask_and_the_calls_are_counted(
    run: Run, truth: Truth, methods: dict[str, Method], expected: tuple[Genome, Genome, Genome]
) -> None:
    counts, hit, distal = expected
    pieces, _ = base_pieces(truth, windows_of(run), SIZES)
    calls = called_intervals(run)
    called = marked([(call.chrom, call.start, call.end) for call in calls])

    def total(*genomes: Genome) -> int:
        return sum(int(np.logical_and.reduce([genome[c] for genome in genomes]).sum()) for c in SIZES)

    shares = called_shares(pieces, calls, list(methods.values()))
    assert shares["mask", "all"] == pytest.approx(total(counts, called) / total(counts))
    assert shares["mask", "distal"] == pytest.approx(total(counts, called, distal) / total(counts, distal))
    assert called_precision(pieces, calls)["all"] == pytest.approx(
        (total(counts, called, hit) / total(counts, called), total(called, hit) / total(counts, hit))
    )
    at = equal_coverage(rank_bases(list(methods.values()), pieces), shares)
    assert [(one.set_by, one.places, one.method) for one in at] == [
        (caller, places, name)
        for caller in ("mask", "blacklist")
        for places in ("all", "distal")
        for name in methods
        if name != "mask.max"
    ]
    for one in at:
        assert one.share == shares[one.set_by, one.places]
        # So many are called, so many of them hit: both say the same number of bases.
        where = (counts, distal) if one.places == "distal" else (counts,)
        hits = one.precision.value * one.share * total(*where)
        assert hits == pytest.approx(one.recall.value * total(hit, *where))


def test_blocks_of_the_bootstrap_are_as_long_as_a_window_with_its_padding(run: Run, truth: Truth) -> None:
    windows = sorted(windows_of(run), key=lambda window: -window.pad_left)
    assert windows[0].pad_left > 0
    pieces, _ = base_pieces(truth, windows, SIZES)
    passed = 0
    for piece in pieces:
        np.testing.assert_array_equal(piece.block, (passed + piece.chosen) // 20_000)
        passed += len(piece.interval)


def test_the_seed_draws_other_intervals_around_the_same_values(
    run: Run, truth: Truth, methods: dict[str, Method]
) -> None:
    pieces, _ = base_pieces(truth, windows_of(run), SIZES)
    windows = {window.gene.id: window for window in windows_of(run)}
    one = [methods["DNase"]]

    def estimates(seed: int) -> list[Estimate]:
        bases = rank_bases(one, pieces, seed)
        ranked = [*bases, *rank_elements(one, truth.pairs, windows, seed)]
        coverage = equal_coverage(bases, {("mask", "all"): 0.1}, seed)
        areas = [area for each in ranked for area in (each.auprc, each.auroc)]
        return areas + [each for at in coverage for each in (at.precision, at.recall)]

    for first, second, again in zip(estimates(0), estimates(1), estimates(0), strict=True):
        assert first == again
        assert first.value == second.value
        assert (first.low, first.high) != (second.low, second.high)


def test_intervals_of_score_0_are_called(run: Run, truth: Truth, tmp_path: Path) -> None:
    path = tmp_path / "calls.bed"
    path.write_text("chrA\t0\t100000\tx\t0\nchrB\t0\t1000\tx\t5\n")
    given = GivenIntervals.read(path, SIZES)
    method = Method("calls", "", given.bases, lambda places, _: [0.0] * len(places), given)
    pieces, _ = base_pieces(truth, windows_of(run), SIZES)
    chosen = [(piece.interval.chrom, piece.interval.start + piece.chosen) for piece in pieces]
    called = [at < {"chrA": 100_000, "chrB": 1_000}[chrom] for chrom, at in chosen]
    shares = called_shares(pieces, [], [method])
    assert shares["calls", "all"] == np.concatenate(called).mean()


def test_in_a_screen_only_tested_bases_count(run: Run, truth: Truth) -> None:
    screen = Truth(truth.pairs[:20], False, (), 20)
    pieces, step = base_pieces(screen, windows_of(run), SIZES)
    places = [(p.element.chrom, p.element.start, p.element.end) for p in screen.pairs]
    tested = marked(places)
    windows = marked([(w.inside.chrom, w.inside.start, w.inside.end) for w in windows_of(run)])
    expected = sum(int((tested[chrom] & windows[chrom]).sum()) for chrom in SIZES)
    assert sum(len(piece.chosen) for piece in pieces) == expected
    assert step == 1


def test_bases_of_the_blacklist_are_left_out(run: Run, truth: Truth, example: ExampleRun) -> None:
    blacklist = IntervalSet.from_bed(example.genome.blacklist, SIZES)
    pieces, _ = base_pieces(truth, windows_of(run), SIZES, blacklist)
    without, _ = base_pieces(truth, windows_of(run), SIZES)
    for piece, other in zip(pieces, without, strict=True):
        kept = ~blacklist.mask(other.interval)[other.chosen]
        np.testing.assert_array_equal(piece.chosen, other.chosen[kept])
        np.testing.assert_array_equal(piece.truth, other.truth[kept])
    assert sum(len(piece.chosen) for piece in pieces) < sum(len(piece.chosen) for piece in without)


def test_the_statistics_of_the_mask_are_those_of_its_track(run: Run, example: ExampleRun) -> None:
    values, applied = [], []
    for chrom, length in SIZES.items():
        for track, found in (("mask", values), ("mask.applied", applied)):
            with pyBigWig.open(str(example.folder / f"{track}.bw")) as file:
                here = file.values(chrom, 0, length, numpy=True)
                found.append(here[np.isfinite(here)])
    learned, seen = np.concatenate(values), np.concatenate(applied)
    called = marked([(call.chrom, call.start, call.end) for call in called_intervals(run)])
    statistics = mask_statistics(run, 0.6)
    assert statistics.bases == len(learned)
    assert statistics.mean == pytest.approx(learned.mean(dtype=np.float64))
    assert statistics.kept == pytest.approx((learned >= np.float32(0.6)).mean())
    assert statistics.applied == pytest.approx(seen.mean(dtype=np.float64))
    assert statistics.called == pytest.approx(sum(map(np.sum, called.values())) / len(learned))
