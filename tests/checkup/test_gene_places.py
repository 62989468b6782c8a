"""Whether TSS stand where transcription starts, told by many genes together."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small_files import write_bigwig, write_fasta

from seq2exp_tracks.checkup.gene_places import check_initiators, check_signal_at_genes
from seq2exp_tracks.genome import ChromSizes, Gene, Strand
from seq2exp_tracks.io.bigwig import BigWig
from seq2exp_tracks.io.fasta import Fasta
from seq2exp_tracks.io.genes import read_genes
from seq2exp_tracks.signals import BigWigSignal

SIZES = ChromSizes({"chr1": 4_000_000})


def placed(count: int, first: int, apart: int) -> list[Gene]:
    """Genes at even distances, on either strand by turns."""
    strands = (Strand.PLUS, Strand.MINUS)
    return [Gene(str(n), "", "chr1", first + n * apart, strands[n % 2]) for n in range(count)]


@pytest.fixture(scope="module")
def genes() -> list[Gene]:
    """Genes with room for a signal of their own."""
    return placed(160, 30_000, 24_000)


@pytest.fixture(scope="module")
def near() -> list[Gene]:
    """Genes near each other, of which the bases at the TSS are looked at."""
    return placed(220, 100, 50)


@pytest.fixture(scope="module")
def fasta(tmp_path_factory: pytest.TempPathFactory, near: list[Gene]) -> Fasta:
    """Random bases, but for an initiator at most of the TSS: CA as the gene is read."""
    random = np.random.default_rng(0)
    bases = random.choice(list("ACGT"), 12_000)
    for gene in near:
        if random.random() < 0.7:
            if gene.strand is Strand.PLUS:
                bases[gene.tss - 1 : gene.tss + 1] = ["C", "A"]
            else:
                bases[gene.tss : gene.tss + 2] = ["T", "G"]
    return Fasta(write_fasta(tmp_path_factory.mktemp("fasta") / "a.fa", {"chr1": "".join(bases)}))


@pytest.fixture(scope="module")
def dnase(tmp_path_factory: pytest.TempPathFactory, genes: list[Gene]) -> BigWigSignal:
    """A peak at each TSS, as high as chance has it, and noise of the like height elsewhere."""
    random = np.random.default_rng(1)
    rows = [
        ("chr1", start, start + 1_000, random.exponential(8 if at_tss else 1))
        for gene in genes
        for start, at_tss in ((gene.tss - 20_500, False), (gene.tss - 500, True))
    ]
    path = write_bigwig(tmp_path_factory.mktemp("bigwig") / "a.bw", SIZES, sorted(rows))
    return BigWigSignal("DNase", BigWig(path, SIZES))


def shifted(genes: list[Gene], bases: int, strand: Strand | None = None) -> list[Gene]:
    """Genes with another TSS, downstream by some bases; on one strand only, if that is named."""
    return [
        gene
        if strand not in (None, gene.strand)
        else replace(gene, tss=gene.tss + (bases if gene.strand is Strand.PLUS else -bases))
        for gene in genes
    ]


def test_where_positions_are_right_nothing_is_said(fasta: Fasta, near: list[Gene]) -> None:
    assert check_initiators(fasta, near) == []
    assert check_initiators(fasta, shifted(near, 3)) == []  # nothing stands there: nothing is known


@pytest.mark.parametrize(("bases", "side"), [(1, "before"), (-1, "behind")])
@pytest.mark.parametrize("strand", Strand)
def test_tss_that_are_one_base_off(
    fasta: Fasta, near: list[Gene], bases: int, side: str, strand: Strand
) -> None:
    (found,) = check_initiators(fasta, shifted(near, bases, strand))
    assert (found.section, found.level) == ("genes", "warn")
    assert found.what.startswith(f"TSS of genes on {strand} look one base off")
    assert found.what.endswith(f"one base {side}")
    assert found.way_out == "check whether positions count from 0 or 1, and ends are inclusive"


def test_few_genes_tell_nothing(fasta: Fasta, near: list[Gene]) -> None:
    assert check_initiators(fasta, shifted(near[:150], 1)) == []


def test_a_signal_at_the_tss_of_both_strands_is_as_it_should(dnase: BigWigSignal, genes: list[Gene]) -> None:
    (found,) = check_signal_at_genes({"DNase": dnase}, genes, SIZES)
    assert found.level == "ok"


def test_genes_of_another_assembly(dnase: BigWigSignal, genes: list[Gene]) -> None:
    """Nothing in an annotation tells its assembly, but no signal stands at its TSS."""
    (found,) = check_signal_at_genes({"DNase": dnase}, shifted(genes, 3_000), SIZES)
    assert found.level == "warn"
    assert found.what.endswith("about as by chance")
    assert found.way_out.startswith("check that genes and signals are of the same assembly")


@pytest.mark.parametrize(("strand", "end"), [("+", "lowest"), ("-", "highest")])
def test_genes_of_one_strand_at_the_wrong_end(
    dnase: BigWigSignal, genes: list[Gene], strand: str, end: str
) -> None:
    (found,) = check_signal_at_genes({"DNase": dnase}, shifted(genes, 4_000, Strand(strand)), SIZES)
    assert found.level == "warn"
    assert found.what.endswith(f"for those on {strand}, whose TSS may be at the wrong end")
    assert found.way_out == f"the TSS of a gene on {strand} is the {end} base of it"


def test_genes_without_room_beside_them_tell_nothing(dnase: BigWigSignal, genes: list[Gene]) -> None:
    assert check_signal_at_genes({"DNase": dnase}, [replace(gene, tss=3) for gene in genes], SIZES) == []
    assert check_signal_at_genes({"DNase": dnase}, [], SIZES) == []


@pytest.mark.parametrize(
    ("annotation", "strands"),
    [("labels/chr22.genes_labels_features.tsv", ["-"]), ("genes/gencode_v43.chr22.transcripts.bed12.gz", [])],
)
def test_on_real_genes(real: Path, annotation: str, strands: list[str]) -> None:
    """The table gives a minus-strand TSS as BED gives an end, one past its last base."""
    fasta = Fasta(real / "genome/hg38.chr22.fa.gz")
    found = check_initiators(fasta, read_genes(real / annotation, fasta.sizes).genes)
    assert [finding.what.partition(" look")[0] for finding in found] == [
        f"TSS of genes on {strand}" for strand in strands
    ]
