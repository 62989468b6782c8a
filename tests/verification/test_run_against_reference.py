"""A gene of a run against scores that are given: wrong values are found where the gene decides."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from changed_tracks import rewrite
from example_run import ExampleRun, score

from seq2exp_tracks.evaluation.run_inputs import windows_of
from seq2exp_tracks.io.bigwig import BigWig
from seq2exp_tracks.manifest import Manifest
from seq2exp_tracks.progress import Silent
from seq2exp_tracks.run_reader import Run
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.tracks.merge import MergeRule
from seq2exp_tracks.verification.deciding import decides
from seq2exp_tracks.verification.files import check_files
from seq2exp_tracks.verification.finding import Finding
from seq2exp_tracks.verification.run import chosen_genes
from seq2exp_tracks.verification.sample import GeneCheck


@pytest.fixture
def run(example: ExampleRun, tmp_path: Path) -> Run:
    """A copy of the example run, whose scores a hand-made function gives again."""
    shutil.copytree(example.folder, tmp_path / "run")
    return Run.open(tmp_path / "run")


def decided(run: Run, scores: WindowScores) -> np.ndarray:
    """Bases at which a gene decides what the run holds."""
    return decides(MergeRule(run.manifest.merge), scores.window, windows_of(run))


def scored_again(run: Run, dnase: Path) -> list[WindowScores]:
    signal = BigWig(dnase, run.manifest.sizes)
    return [score(scored.gene, signal, contacts=True) for scored in run.genes.values()]


def test_every_gene_of_a_whole_run_is_as_the_scores_say(run: Run, example: ExampleRun) -> None:
    check = GeneCheck(run, windows_of(run))
    scores = scored_again(run, example.genome.dnase)
    assert [finding for one in scores for finding in check(one)] == []
    assert check.bases > 3 * 20_000  # more than one window in three tracks


def test_a_wrong_base_is_found_by_the_gene_that_decides_there_and_by_no_other(
    run: Run, example: ExampleRun
) -> None:
    windows, scores = windows_of(run), scored_again(run, example.genome.dnase)
    one = next(one for one in scores if decided(run, one).any())
    inside = one.window.inside
    base = inside.start + int(np.flatnonzero(decided(run, one))[0])
    rewrite(run.folder / "mask.bw", run.manifest.sizes, inside.chrom, base, 0.99)

    check = GeneCheck(run, windows)
    findings = {other.window.gene.id: list(check(other)) for other in scores}
    (found,) = findings.pop(one.window.gene.id)
    assert found.file == "mask.bw"
    assert found.what.startswith(f"{inside.chrom}:{base + 1:,} holds 0.99, and the reference says ")
    assert "1 bases differ" in found.what
    assert [finding for others in findings.values() for finding in others] == []


def test_a_value_below_a_windows_own_is_found_where_the_highest_stands(run: Run, example: ExampleRun) -> None:
    windows, scores = windows_of(run), scored_again(run, example.genome.dnase)
    one = next(one for one in scores if not decided(run, one).all())
    inside = one.window.inside
    base = inside.start + int(np.flatnonzero(~decided(run, one))[0])
    rewrite(run.folder / "mask.applied.bw", run.manifest.sizes, inside.chrom, base, 0.0)
    (found,) = GeneCheck(run, windows)(one)
    assert found.file == "mask.applied.bw"
    assert "says at least " in found.what


def test_a_base_that_lost_its_value_is_found(run: Run, example: ExampleRun) -> None:
    windows, scores = windows_of(run), scored_again(run, example.genome.dnase)
    one = next(one for one in scores if decided(run, one).any())
    inside = one.window.inside
    base = inside.start + int(np.flatnonzero(decided(run, one))[0])
    rewrite(run.folder / "mask.sd.bw", run.manifest.sizes, inside.chrom, base, np.nan)
    (found,) = GeneCheck(run, windows)(one)
    assert f"{inside.chrom}:{base + 1:,} holds nan" in found.what


def test_another_expression_is_found_in_the_table_and_in_the_track(run: Run, example: ExampleRun) -> None:
    one = scored_again(run, example.genome.dnase)[0]
    off = replace(one, expression=one.expression + 0.01)
    findings = list(GeneCheck(run, windows_of(run))(off))
    strand = "plus" if one.window.gene.strand == "+" else "minus"
    assert [finding.file for finding in findings] == ["genes.parquet", f"expression.{strand}.bw"]
    assert "has a predicted expression of 1.25, and the reference says 1.2600" in findings[0].what


def findings_of(run: Path, *, full: bool) -> list[Finding]:
    return list(check_files(run, Manifest.read(run), full=full, progress=Silent()))


def test_files_that_are_gone_or_of_another_size_are_found_and_a_changed_byte_by_reading_all(run: Run) -> None:
    # The manifest of the example names weights that are nowhere.
    (weights,) = findings_of(run.folder, full=True)
    assert weights == Finding("none.safetensors", "is missing")
    assert findings_of(run.folder, full=False) == []

    content = bytearray((run.folder / "mask.bw").read_bytes())
    content[len(content) // 2] ^= 1
    (run.folder / "mask.bw").write_bytes(content)
    assert findings_of(run.folder, full=False) == []
    found, _ = findings_of(run.folder, full=True)
    assert found.file == "mask.bw"
    assert found.what.startswith("has other content: sha256 ")

    (run.folder / "genes.bed").unlink()
    (run.folder / "mask.sd.bw").write_bytes(b"short")
    told = {finding.file: finding.what for finding in findings_of(run.folder, full=False)}
    size = next(entry.bytes for entry in run.manifest.files if entry.path == "mask.sd.bw")
    assert told == {"genes.bed": "is missing", "mask.sd.bw": f"has 5 bytes, and not {size:,}"}


def test_a_sample_is_drawn_by_its_seed_and_in_the_order_of_the_run(run: Run) -> None:
    every = list(run.genes)
    first, again, other = (chosen_genes(run, 5, seed) for seed in (1, 1, 2))
    ids = [gene.id for gene in first]
    assert first == again != other
    assert ids == [gene for gene in every if gene in ids]
    assert len(set(ids)) == 5
    assert [gene.id for gene in chosen_genes(run, len(every) + 1, 0)] == every
