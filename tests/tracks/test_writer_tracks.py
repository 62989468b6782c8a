"""The tracks that a run writes: merged, in bins, of one gene, and of expression."""

from pathlib import Path

import numpy as np
import pytest
from written_runs import SIZES, Run, all_scores, read_bigwig, write_run

from seq2exp_tracks.genome import Strand
from seq2exp_tracks.io.bigwig_bins import BigWigBins
from seq2exp_tracks.tracks.bins import BinRule, Bins
from seq2exp_tracks.tracks.merge import MergeRule, merge_definition
from seq2exp_tracks.tracks.track import TRACKS


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return write_run(tmp_path_factory.mktemp("run") / "out", all_scores())


@pytest.mark.parametrize("rule", list(MergeRule))
def test_merged_tracks_hold_the_definition_to_the_stated_precision(tmp_path: Path, rule: MergeRule) -> None:
    out, _, summary = write_run(tmp_path / "out", all_scores(), rule)
    for spec in TRACKS:
        expected = merge_definition(rule, spec, all_scores())
        found = read_bigwig(out / f"{spec.name}.bw")
        assert found.keys() == expected.keys()
        assert summary.covered_bases == len(expected)
        for base, value in expected.items():
            assert found[base] == pytest.approx(float(value), abs=0.5 * 10**-spec.decimals + 1e-6)


@pytest.mark.parametrize("rule", list(BinRule))
def test_bins_of_a_run_are_those_of_its_bases(tmp_path: Path, rule: BinRule) -> None:
    out, entries, summary = write_run(tmp_path / "out", all_scores(), bins=Bins(10, rule), precision=5)
    plain, _, whole = write_run(tmp_path / "plain", all_scores(), precision=7)
    assert summary == whole
    assert (out / "elements.bed").read_bytes() == (plain / "elements.bed").read_bytes()
    for name in ("mask.bw", "mask.applied.bw", "genes/id4.mask.bw"):
        bases: dict[tuple[str, int], list[float]] = {}
        for (chrom, base), value in read_bigwig(plain / name).items():
            bases.setdefault((chrom, base // 10), []).append(value)
        expected = {
            (chrom, base): max(told) if rule is BinRule.MAX else sum(told) / len(told)
            for (chrom, index), told in bases.items()
            for base in range(index * 10, min(index * 10 + 10, SIZES[chrom]))
        }
        found = read_bigwig(out / name)
        assert found == {base: pytest.approx(value, abs=0.6e-5) for base, value in expected.items()}
    described = {entry.path: (entry.decimals, entry.description) for entry in entries}
    assert described["mask.bw"][0] == 5
    assert described["mask.bw"][1].endswith(f"; {rule} of 10 bp")
    assert described["expression.plus.bw"][0] == 4


def test_a_run_in_bins_is_shown_as_its_files_hold_it(tmp_path: Path) -> None:
    out, _, _ = write_run(tmp_path / "out", all_scores(), bins=Bins(10))
    values = np.full(SIZES["chr1"], np.nan)
    for (chrom, base), value in read_bigwig(out / "mask.bw").items():
        if chrom == "chr1":
            values[base] = value
    shown = BigWigBins(out / "mask.bw", SIZES)
    for size in (1, 16, 128):
        count = SIZES["chr1"] // size
        bins = values[: count * size].reshape(count, size)
        total, covered = shown.sums("chr1", 0, size, count)
        np.testing.assert_allclose(total, np.nansum(bins, axis=1), atol=1e-5)
        np.testing.assert_array_equal(covered, np.isfinite(bins).sum(axis=1))


def test_a_genes_own_files_hold_its_window_before_merging(run: Run) -> None:
    out, entries, _ = run
    for scores in all_scores():
        inside = scores.window.inside
        for suffix, values in (("mask", scores.learned), ("sd", scores.sd)):
            path = f"genes/{scores.window.gene.id}.{suffix}.bw"
            (entry,) = (one for one in entries if one.path == path)
            assert entry.gene_id == scores.window.gene.id
            assert entry.decimals is not None
            found = read_bigwig(out / path)
            assert list(found) == [(inside.chrom, base) for base in range(inside.start, inside.end)]
            np.testing.assert_allclose(list(found.values()), values, atol=0.51 * 10**-entry.decimals)


def test_expression_stands_at_the_tss_the_highest_where_genes_share_it(run: Run) -> None:
    out, _, summary = run
    for strand, name in ((Strand.PLUS, "expression.plus"), (Strand.MINUS, "expression.minus")):
        expected: dict[tuple[str, int], float] = {}
        for scores in all_scores():
            gene = scores.window.gene
            if gene.strand is strand and gene.tss < SIZES[gene.chrom]:
                place = (gene.chrom, gene.tss)
                expected[place] = max(scores.expression, expected.get(place, -9.0))
        found = read_bigwig(out / f"{name}.bw")
        assert found == {place: pytest.approx(value, abs=0.51e-4) for place, value in expected.items()}
    assert summary.shared_tss == 1
