"""`prepare` from end to end: coverage, features and cells are what the reads and the annotation say."""

import json
from pathlib import Path

import numpy as np
import pyBigWig
import pysam
import pytest
from click.testing import CliRunner
from prepare_calls import Prepare, both
from seq2exp_tracks_cli.main import main
from small_alignments import Read, proper_pair, write_alignments
from small_genome import (
    SIZES,
    TSS,
    UNKNOWN,
    acetylation_reads,
    dnase_reads,
)

from seq2exp_tracks.features import GeneFeatures
from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.io.genes import read_genes
from seq2exp_tracks.resources.cells import Cells


def values(path: Path) -> dict[str, np.ndarray]:
    with pyBigWig.open(str(path)) as file:
        assert file.chroms() == SIZES
        return {chrom: file.values(chrom, 0, length, numpy=True) for chrom, length in SIZES.items()}


def pileup(intervals: list[tuple[str, int, int]]) -> dict[str, np.ndarray]:
    depth = {chrom: np.zeros(length) for chrom, length in SIZES.items()}
    for chrom, start, end in intervals:
        depth[chrom][max(start, 0) : end] += 1
    return depth


def cut_windows(reads: list[Read]) -> list[tuple[str, int, int]]:
    cuts = [(read.chrom, read.end - 1 if read.flag & 16 else read.start) for read in reads if read.mapq >= 30]
    return [(chrom, cut - 75, cut + 75) for chrom, cut in cuts]


def fragments(reads: list[Read]) -> list[tuple[str, int, int]]:
    return [(read.chrom, read.start, read.start + read.fragment) for read in reads if read.fragment > 0]


def test_usual_settings_give_reads_per_million_of_cuts_and_fold_of_fragments(
    files: dict[str, Path], prepare: Prepare, tmp_path: Path
) -> None:
    status, error = prepare(*both(files), "--out", tmp_path / "cells")
    assert (status, error) == (0, "")
    cuts = cut_windows(dnase_reads())
    pairs = fragments(acetylation_reads())
    bases = sum(end - start for _, start, end in pairs)
    known = sum(SIZES.values()) - (UNKNOWN[1] - UNKNOWN[0])
    for name, intervals, factor in (
        ("DNase", cuts, 1e6 / len(cuts)),
        ("H3K27ac", pairs, known / bases),
    ):
        expected, found = pileup(intervals), values(tmp_path / "cells" / f"{name}.bw")
        for chrom in SIZES:
            assert found[chrom] == pytest.approx(expected[chrom] * factor, rel=1e-6, abs=1e-6)


def test_raw_counts_are_those_of_samtools(files: dict[str, Path], prepare: Prepare, tmp_path: Path) -> None:
    counted = ("--count", "read", "--scale", "raw", "--min-mapq", "30")
    assert prepare(*both(files), *counted, "--out", tmp_path / "cells") == (0, "")
    for name in ("DNase", "H3K27ac"):
        found = values(tmp_path / "cells" / f"{name}.bw")
        told = pysam.samtools.depth("-a", "-Q", "30", str(files[name]))
        expected: dict[str, list[float]] = {chrom: [] for chrom in SIZES}
        for line in told.splitlines():
            chrom, _, depth = line.split("\t")
            expected[chrom].append(float(depth))
        assert {chrom: depth.tolist() for chrom, depth in found.items()} == expected


def test_promoter_activity_is_of_reads_that_touch_the_promoter(
    files: dict[str, Path], prepare: Prepare, tmp_path: Path
) -> None:
    assert prepare(*both(files), "--out", tmp_path / "cells") == (0, "")
    rpm = {}
    for name in ("H3K27ac", "DNase"):
        total = int(pysam.view("-c", "-q", "30", str(files[name])))
        for gene, (chrom, tss) in TSS.items():
            place = f"{chrom}:{max(tss - 500, 0) + 1}-{tss + 500}"
            rpm[gene, name] = int(pysam.view("-c", "-q", "30", str(files[name]), place)) * 1e6 / total
    features = GeneFeatures.from_table(tmp_path / "cells" / "features.tsv")
    genes = read_genes(files["gtf"], ChromSizes(SIZES))
    assert [gene.name for gene in genes] == list(TSS)
    for gene in genes:
        row, filled = features.of(gene)
        activity = (rpm[gene.name, "H3K27ac"] * rpm[gene.name, "DNase"]) ** 0.5
        assert row[8] == pytest.approx(activity, rel=1e-5)
        assert len(filled) == (8 if gene.name == "GAMMA" else 0)


def test_the_cells_name_what_was_made_and_what_was_given(
    files: dict[str, Path], prepare: Prepare, tmp_path: Path
) -> None:
    assert prepare(*both(files), "--out", tmp_path / "first") == (0, "")
    made, second = tmp_path / "first", tmp_path / "second"
    ready = f"H3K27ac={made / 'H3K27ac.bw'}"
    assert prepare("--atac", f"DNase={files['DNase']}", "--signal", ready, "--out", second) == (0, "")
    assert Cells.read(made / "cells.toml") == Cells(
        name="mine",
        signals={"DNase": made / "DNase.bw", "H3K27ac": made / "H3K27ac.bw"},
        features=made / "features.tsv",
        remarks=("features: derived",),
    )
    assert Cells.read(second / "cells.toml") == Cells(
        name="mine",
        signals={"DNase": second / "DNase.bw", "H3K27ac": made / "H3K27ac.bw"},
        features=second / "features.tsv",
        remarks=(
            "features: derived",
            "DNase: from ATAC",
            "promoter activity: H3K27ac from bigWig, not reads per million",
        ),
    )
    record = json.loads((second / "prepare.json").read_text())
    assert record["signals"]["DNase"]["counting"]["shift"] == [4, -5]
    assert sum(record["signals"]["DNase"]["left_out"].values()) == 600 - record["signals"]["DNase"]["counted"]


def test_a_signal_that_is_absent_is_told_and_has_no_file(
    files: dict[str, Path], prepare: Prepare, tmp_path: Path
) -> None:
    dnase = ("--bam", f"DNase={files['DNase']}")
    status, error = prepare(*dnase, "--out", tmp_path / "cells")
    assert status == 1
    assert error.startswith(
        "Error: no H3K27ac, of which promoter activity is made (given: DNase): give --bam H3K27ac=FILE"
    )
    assert not (tmp_path / "cells").exists()
    assert prepare(*dnase, "--without", "H3K27ac", "--out", tmp_path / "cells") == (0, "")
    cells = Cells.read(tmp_path / "cells" / "cells.toml")
    assert cells.without == ("H3K27ac",)
    assert cells.remarks == (
        "features: derived",
        "promoter activity: 0 for all genes, as it is made of H3K27ac too",
    )
    assert set(cells.signals) == {"DNase"}
    features = GeneFeatures.from_table(tmp_path / "cells" / "features.tsv")
    assert features.values[:, 8].tolist() == [0, 0, 0]


def test_what_counts_of_the_reads_is_told(files: dict[str, Path], tmp_path: Path) -> None:
    words = ["prepare", "--name", "mine", "--fasta", str(files["fasta"]), "--gtf", str(files["gtf"])]
    words += [*both(files), "--workers", "1", "--out", str(tmp_path / "my cells")]
    told = CliRunner().invoke(main, words, catch_exceptions=False).stdout.splitlines()
    cuts, low = len(cut_windows(dnase_reads())), sum(read.mapq < 30 for read in dnase_reads())
    (dnase,) = [line for line in told if line.startswith("  DNase: ")]
    assert dnase == (
        f"  DNase: {cuts} of {cuts + low} reads count; left out: {low} mapping quality below 30; "
        f"in the bigWig one is {1e6 / cuts:.3g} rpm"
    )
    pairs = fragments(acetylation_reads())
    (acetylation,) = [line for line in told if line.startswith("  H3K27ac: ")]
    assert acetylation.startswith(f"  H3K27ac: {len(pairs)} fragments count; ")
    assert acetylation.endswith(" fold")
    cells = f"--genome NAME --cells '{tmp_path}/my cells/cells.toml' --checkpoint CKPT"
    assert told[-5:] == [
        "Give the genome a name:",
        f"  seq2exp-tracks genome add NAME --fasta {files['fasta']} --genes {files['gtf']}",
        "Check them, then score them with a checkpoint CKPT:",
        f"  seq2exp-tracks doctor {cells}",
        f"  seq2exp-tracks score {cells} --no-contacts --out 'my cells.run'",
    ]


def test_cells_without_a_name_have_that_of_their_folder(files: dict[str, Path], tmp_path: Path) -> None:
    words = ["prepare", "--fasta", str(files["fasta"]), "--gtf", str(files["gtf"]), *both(files)]
    words += ["--workers", "1", "--out", str(tmp_path / "atac_only")]
    assert CliRunner().invoke(main, words, catch_exceptions=False).exit_code == 0
    assert Cells.read(tmp_path / "atac_only" / "cells.toml").name == "atac_only"


def test_half_life_features_may_be_given(files: dict[str, Path], prepare: Prepare, tmp_path: Path) -> None:
    assert prepare(*both(files), "--out", tmp_path / "first") == (0, "")
    given = tmp_path / "first" / "features.tsv"
    assert prepare(*both(files), "--half-life", given, "--out", tmp_path / "second") == (0, "")
    assert (tmp_path / "second" / "features.tsv").read_text() == given.read_text()
    assert Cells.read(tmp_path / "second" / "cells.toml").remarks == ("promoter activity: derived",)


def test_reads_in_excluded_regions_do_not_count(
    files: dict[str, Path], prepare: Prepare, tmp_path: Path
) -> None:
    regions = tmp_path / "exclude.bed"
    regions.write_text("1\t3900\t4100\n")
    counted = ("--count", "cut", "--extend", "1", "--scale", "raw", "--exclude", regions)
    assert prepare(*both(files), *counted, "--out", tmp_path / "cells") == (0, "")
    depth = values(tmp_path / "cells" / "DNase.bw")
    reads = [(chrom, start + 75, start + 76) for chrom, start, _ in cut_windows(dnase_reads())]
    expected = pileup(reads)
    expected["chr1"][3_900:4_100] = 0
    assert {chrom: found.tolist() for chrom, found in depth.items()} == {
        chrom: counts.tolist() for chrom, counts in expected.items()
    }


def test_processes_give_the_same_bytes(files: dict[str, Path], prepare: Prepare, tmp_path: Path) -> None:
    for workers in ("1", "2"):
        assert prepare(*both(files), "--workers", workers, "--out", tmp_path / workers) == (0, "")
    names = sorted(path.name for path in (tmp_path / "1").iterdir())
    assert names == ["DNase.bw", "H3K27ac.bw", "cells.toml", "features.tsv", "prepare.json"]
    for name in names:
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()


def test_what_a_folder_holds_is_replaced_when_asked_for(
    files: dict[str, Path], prepare: Prepare, tmp_path: Path
) -> None:
    out = tmp_path / "cells"
    assert prepare(*both(files), "--out", out) == (0, "")
    before = (out / "DNase.bw").read_bytes()
    status, error = prepare(*both(files), "--out", out)
    assert (status, error.endswith("or replace it with --overwrite")) == (1, True)
    lost = write_alignments(tmp_path / "lost.bam", SIZES, [Read("chr1", 10, mapq=0)])
    assert prepare("--bam", f"DNase={lost}", "--without", "H3K27ac", "--overwrite", "--out", out)[0] == 1
    assert (out / "DNase.bw").read_bytes() == before
    assert sorted(path.name for path in out.iterdir()) == [
        *("DNase.bw", "H3K27ac.bw", "cells.toml", "features.tsv", "prepare.json"),
    ]
    assert prepare(*both(files), "--scale", "raw", "--overwrite", "--out", out) == (0, "")
    assert (out / "DNase.bw").read_bytes() != before


def test_settings_may_be_of_one_signal(files: dict[str, Path], prepare: Prepare, tmp_path: Path) -> None:
    settings = ("--scale", "raw", "--scale", "DNase=rpm", "--count", "DNase=fragment", "--extend", "DNase=90")
    assert prepare(*both(files), *settings, "--out", tmp_path / "cells") == (0, "")
    counting = {
        name: signal["counting"]
        for name, signal in json.loads((tmp_path / "cells" / "prepare.json").read_text())["signals"].items()
    }
    usual = {"min_mapq": 30, "shift": [0, 0]}
    assert counting == {
        "DNase": usual | {"count": "fragment", "extend": 90, "scale": "rpm"},
        "H3K27ac": usual | {"count": "fragment", "extend": 200, "scale": "raw"},
    }


def test_pairs_on_chromosomes_without_reads_are_zero(prepare: Prepare, tmp_path: Path) -> None:
    bam = write_alignments(tmp_path / "one.bam", SIZES, proper_pair("chr1", 100, 300))
    given = ("--bam", f"H3K27ac={bam}", "--without", "DNase", "--scale", "rpm", "--out", tmp_path / "cells")
    assert prepare(*given) == (0, "")
    found = values(tmp_path / "cells" / "H3K27ac.bw")
    assert found["chr2"].tolist() == [0] * SIZES["chr2"]
    assert np.flatnonzero(found["chr1"]).tolist() == list(range(100, 300))
    assert set(found["chr1"].tolist()) == {0, 1e6}
