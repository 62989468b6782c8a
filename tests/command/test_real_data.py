"""Real genes of chr22 through the command, checked against arrays that other libraries cut.

Windows are short here; the full length is run by hand (benchmarks/RESULTS.md).
"""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cooler
import numpy as np
import pyarrow.parquet
import pyBigWig
import pytest
from click.testing import CliRunner
from seq2exp_tracks_cli.main import main

ROOT = Path(__file__).parents[2]
RECOMPUTE = ROOT / "benchmarks" / "recompute.py"
# On both strands, two whose windows overlap (APOL1, APOL2), one without signal and contacts.
GENES = ("MYH9", "APOL1", "APOL2", "OR11H1")

Score = Callable[..., Path]


@pytest.fixture(scope="module")
def score(real: Path, tmp_path_factory: pytest.TempPathFactory) -> Score:
    """Registers hg38 from the real files and scores genes with a checkpoint into a new folder."""
    folder = tmp_path_factory.mktemp("real")
    environment = {"SEQ2EXP_TRACKS_CONFIG": str(folder / "config")}

    def command(*arguments: str | Path) -> None:
        done = CliRunner().invoke(main, [*map(str, arguments)], env=environment, catch_exceptions=False)
        assert done.exit_code == 0, done.output

    command(
        *("genome", "add", "hg38", "--fasta", real / "genome/hg38.chr22.fa.gz"),
        *("--genes", real / "genes/CollapsedGeneBounds.hg38.bed"),
        *("--blacklist", real / "blacklist/GRCh38_unified_blacklist.bed"),
        *("--features", real / "labels/chr22.genes_labels_features.tsv"),
    )

    def call(checkpoint: Path, *more: str) -> Path:
        out = folder / checkpoint.parent.name
        command(
            *("score", "--genome", "hg38", "--checkpoint", checkpoint, "--gene-type", "protein_coding"),
            *("--workers", "1"),
            *("--signal", f"H3K27ac={real / 'signals/K562.H3K27ac.candidate_regions.chr22.bw'}"),
            *("--signal", f"DNase={real / 'signals/K562.accessibility.chr22.bw'}"),
            *("--contacts", real / "hic/K562.chr22.5kb.cool"),
            *(word for gene in GENES for word in ("--gene", gene)),
            *("--labels", real / "labels/chr22.genes_labels_features.tsv", "--label-column", "K562_RNA_TPM"),
            *(*more, "--out", out),
        )
        return out

    return call


def recomputed(run: Path) -> str:
    """Runs the recomputation, which imports nothing of the project but `load_checkpoint`."""
    chosen = [word for gene in GENES for word in ("--gene", gene)]
    done = subprocess.run(
        [sys.executable, RECOMPUTE, run, *chosen], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def soft_run(score: Score, golden: Path) -> Path:
    return score(golden / "soft_wide_8k" / "checkpoint.ckpt", "--window", "20000")


@pytest.fixture(scope="module")
def hard_run(score: Score, golden: Path) -> Path:
    return score(golden / "hard_wide_4k" / "checkpoint.ckpt")


@pytest.mark.slow
def test_soft_tracks_equal_a_recomputation_by_other_libraries(soft_run: Path) -> None:
    printed = recomputed(soft_run)
    assert "every value agrees" in printed
    compared = re.search(r"bases in several windows +([0-9,]+) values", printed)
    assert compared is not None
    assert int(compared[1].replace(",", "")) == 36_239_642 + 10_000 - (36_253_070 - 10_000)


@pytest.mark.slow
def test_hard_tracks_equal_a_recomputation_by_other_libraries(hard_run: Path) -> None:
    assert "every value agrees" in recomputed(hard_run)


@pytest.mark.slow
def test_a_hard_mask_is_applied_as_0_and_1_and_learned_in_between(hard_run: Path) -> None:
    assert json.loads((hard_run / "manifest.json").read_text())["model"]["setting"] == "hard"
    with pyBigWig.open(str(hard_run / "mask.applied.bw")) as applied:
        assert {value for _, _, value in applied.intervals("chr22")} == {0.0, 1.0}
    with pyBigWig.open(str(hard_run / "mask.bw")) as learned:
        values = {round(value, 3) for _, _, value in learned.intervals("chr22")}
    assert len(values) > 100


def test_only_the_chromosomes_of_the_fasta_are_in_the_headers(soft_run: Path) -> None:
    with pyBigWig.open(str(soft_run / "mask.bw")) as track:
        assert track.chroms() == {"chr22": 50_818_468}


def test_rows_off_the_fasta_are_told_once_a_file(soft_run: Path) -> None:
    notes = json.loads((soft_run / "manifest.json").read_text())["notes"]
    left_out = [note for note in notes if "on chromosomes that the FASTA lacks were left out" in note]
    assert [Path(note.split(":")[0]).name for note in left_out] == [
        "CollapsedGeneBounds.hg38.bed",
        "GRCh38_unified_blacklist.bed",
    ]


def test_genes_carry_labels_strands_and_flags(soft_run: Path) -> None:
    rows = pyarrow.parquet.read_table(soft_run / "genes.parquet").to_pylist()
    by_name = {row["gene_name"]: row for row in rows}
    assert set(by_name) == set(GENES)
    assert {name: row["strand"] for name, row in by_name.items()} == {
        "MYH9": "-",
        "APOL1": "+",
        "APOL2": "-",
        "OR11H1": "+",
    }
    assert by_name["OR11H1"]["flags"] == ["no_contacts"]
    assert by_name["OR11H1"]["measured"] == 0.0
    assert by_name["MYH9"]["measured"] > 10


def test_contact_of_elements_is_that_of_their_bins_with_the_tss_by_cooler(soft_run: Path, real: Path) -> None:
    counts = cooler.Cooler(str(real / "hic/K562.chr22.5kb.cool")).matrix(balance=False, sparse=True)
    raw = counts.fetch("chr22").tocoo()
    sums = np.asarray(raw.sum(axis=1), float).ravel()
    normed = raw.copy()
    normed.data = raw.data / (sums[raw.row] * sums[raw.col])
    # The factor of vanilla coverage keeps the total; 0.00123 is ABC's pseudocount.
    by_bin = normed.tocsr() * (raw.sum() / normed.sum())
    table = pyarrow.parquet.read_table(soft_run / "genes.parquet").to_pylist()
    tss = {row["gene_id"]: row["tss"] for row in table if row["flags"] != ["no_contacts"]}
    _, header, *rows = (line.split("\t") for line in (soft_run / "elements.bed").read_text().splitlines())
    for row in rows:
        element = dict(zip(header, row, strict=True))
        if element["gene_id"] not in tss:
            assert (element["gene_name"], element["contact"]) == ("OR11H1", ".")
            continue
        row_of_tss = by_bin[tss[element["gene_id"]] // 5_000].toarray().ravel()
        bases = range(int(element["start"]), int(element["end"]))
        by_base = [row_of_tss[base // 5_000] for base in bases]
        mean = np.log10(1 + np.array(by_base, float) + 0.00123).mean()
        assert float(element["contact"]) == pytest.approx(mean, abs=2e-4)
    assert {row[header.index("contact")] for row in rows} > {"."}
