"""Labels: log10(1 + starts within 192 bp of the TSS), or a column of a table."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_files import write_bigwig

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes, Gene, Strand
from seq2exp_tracks.io.tables import read_table
from seq2exp_tracks.training.labels import read_labels

SIZES = ChromSizes({"chr1": 3000, "chr2": 500})
CHR22 = ChromSizes({"chr22": 50_818_468})


def gene(name: str, tss: int, strand: str = "+", chrom: str = "chr1") -> Gene:
    return Gene(name, name, chrom, tss, Strand(strand))


def write_track(path: Path, values: np.ndarray, sizes: ChromSizes = SIZES) -> Path:
    """A bigWig of the values of chr1 that are not 0."""
    stretches = [("chr1", base, base + 1, values[base]) for base in np.flatnonzero(values)]
    return write_bigwig(path, dict(sizes), stretches)


def counted(values: np.ndarray, tss: int) -> float:
    """The definition, base by base."""
    return sum(values[base] for base in range(tss - 192, tss + 192) if 0 <= base < len(values))


@given(seed=st.integers(0, 100), places=st.lists(st.integers(0, 2999), min_size=1, max_size=5, unique=True))
def test_starts_around_the_tss_are_summed_on_the_strand_of_the_gene(
    tmp_path_factory: pytest.TempPathFactory, seed: int, places: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("tracks")
    draws = np.random.default_rng(seed)
    plus, minus = (draws.integers(0, 9, 3000) * (draws.random(3000) < 0.1) for _ in range(2))
    files = [write_track(folder / "plus.bw", plus), write_track(folder / "minus.bw", minus)]
    genes = [gene(f"{tss}{strand}", tss, strand) for tss in places for strand in "+-"]
    labels = read_labels(files, genes, SIZES)
    assert labels.missing == ()
    assert labels.note is None
    assert labels.values == {
        g.id: pytest.approx(math.log10(1 + counted(minus if g.strand is Strand.MINUS else plus, g.tss)))
        for g in genes
    }
    both = read_labels(files[:1], genes, SIZES)
    assert both.values == {g.id: pytest.approx(math.log10(1 + counted(plus, g.tss))) for g in genes}


@pytest.mark.parametrize("cell", ["K562", "GM12878", "MCF7"])
def test_labels_of_real_tracks_are_those_of_the_real_table(real: Path, cell: str) -> None:
    table = read_table(real / "labels" / "chr22.genes_labels_features.tsv")
    columns = [table.text(name) for name in ("xpresso_tss", "tss", "strand")]
    genes = [
        gene(str(row), int(corrected or tss), strand, "chr22")
        for row, (corrected, tss, strand) in enumerate(zip(*columns, strict=True))
    ]
    files = [real / "signals" / f"{cell}.nascentTSS.{strand}.chr22.bw" for strand in ("plus", "minus")]
    labels = read_labels(files, genes, CHR22)
    expected = np.log10(1 + table.numbers(f"{cell}_nascentTSS_384bp"))
    assert len(genes) == 517
    np.testing.assert_allclose([labels.values[g.id] for g in genes], expected, rtol=1e-12)


def write_table(folder: Path, text: str) -> Path:
    path = folder / "labels.tsv"
    path.write_text(text)
    return path


def test_a_table_is_read_as_it_stands_and_by_id_or_symbol(tmp_path: Path) -> None:
    path = write_table(
        tmp_path, "gene_id\tsymbol\tlabel\nENSG00000000001.3\tA\t-0.5\nENSG00000000002\tB\t2\n"
    )
    genes = [gene("ENSG00000000001", 5), Gene("x", "B", "chr1", 9, Strand.PLUS)]
    assert read_labels([path], genes, SIZES).values == {"ENSG00000000001": -0.5, "x": 2.0}


def test_counts_of_a_table_become_logarithms(tmp_path: Path) -> None:
    path = write_table(tmp_path, "gene\tCAGE\nA\t99\nB\t0\n")
    labels = read_labels([path], [gene("A", 1), gene("B", 2)], SIZES, column="CAGE", counts=True)
    assert labels.values == {"A": pytest.approx(2.0), "B": 0.0}


def test_genes_without_a_label_are_counted_and_the_first_named(tmp_path: Path) -> None:
    path = write_table(tmp_path, "gene\tlabel\nA\t1\nB\tNaN\nC\t\n")
    labels = read_labels([path], [gene(name, 1) for name in "ABCDEFGH"], SIZES)
    assert labels.values == {"A": 1.0}
    assert [g.name for g in labels.missing] == list("BCDEFGH")
    assert labels.note == (f"{path}: no label for 7 of 8 genes (B, C, D, E, F, …); they are left out")


def test_a_gene_that_a_track_cannot_know_has_no_label_rather_than_0(tmp_path: Path) -> None:
    path = write_track(tmp_path / "cage.bw", np.ones(3000), ChromSizes({"chr1": 3000}))
    genes = [gene("A", 1000), gene("elsewhere", 100, chrom="chr2"), gene("off", 9000)]
    labels = read_labels([path], genes, SIZES)
    assert labels.values == {"A": pytest.approx(math.log10(385))}
    assert [g.name for g in labels.missing] == ["elsewhere", "off"]


def test_what_cannot_be_read_is_one_line_that_says_the_way_out(tmp_path: Path) -> None:
    genes = [gene("A", 1000)]
    plus = write_track(tmp_path / "plus.bw", np.ones(3000))
    minus = write_track(tmp_path / "minus.bw", np.ones(3000))
    display = write_track(tmp_path / "display.bw", -np.ones(3000))
    other = write_bigwig(tmp_path / "other.bw", {"scaffold_1": 3000}, [("scaffold_1", 0, 1, 1)])
    table = write_table(tmp_path, "gene\tlabel\nZ\t1\n")
    logarithms = tmp_path / "logarithms.csv"
    logarithms.write_text("gene,label\nA,-0.3\n")
    for paths, options, message in (
        ([tmp_path / "none.bw"], {}, r"none\.bw: the signal cannot be read: No such file"),
        ([tmp_path / "none.tsv"], {}, r"none\.tsv: .*No such file"),
        ([other], {}, r"other\.bw: no chromosome in common with the genome .*scaffold_1"),
        ([minus, plus], {}, r"minus\.bw: the track of the plus strand comes first"),
        ([plus, display], {}, r"display\.bw: holds values below 0.*write it without the sign"),
        ([plus, minus, plus], {}, r"from one table, or from one bigWig or two"),
        ([plus, table], {}, r"from one table, or from one bigWig or two"),
        ([], {}, r"given: nothing"),
        ([table], {}, r"labels\.tsv: no label for any of the 1 genes \(A"),
        ([table], {"column": "CAGE"}, r"labels\.tsv: no column CAGE; its columns are gene, label"),
        ([logarithms], {"counts": True}, r"logarithms\.csv: label of A is -0\.3, which is no count"),
    ):
        with pytest.raises(InputError, match=message) as caught:
            read_labels(paths, genes, SIZES, **options)
        assert "\n" not in str(caught.value)
