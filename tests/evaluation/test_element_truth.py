"""What is known of elements and genes, restricted to what a run could see."""

from pathlib import Path

import pytest

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.evaluation.truth import Pair, crispr_truth, planted_truth
from seq2exp_tracks.genome import ChromSizes, Gene, Interval, Strand
from seq2exp_tracks.io.genes import read_genes
from seq2exp_tracks.windows import Window

SIZES = ChromSizes({"chr1": 100_000, "chr2": 50_000})
G = Gene("G1", "ONE", "chr1", 50_000, Strand.PLUS)
H = Gene("G2", "TWO", "chr1", 58_000, Strand.MINUS)
WINDOWS = [Window.around(gene, 20_000, SIZES[gene.chrom]) for gene in (G, H)]


def table(path: Path, columns: str, *rows: str) -> Path:
    path.write_text("\n".join("\t".join(row.split()) for row in (columns, *rows)) + "\n")
    return path


def test_planted_elements_in_a_window_regulate_or_do_not(tmp_path: Path) -> None:
    truth = planted_truth(
        table(
            tmp_path / "truth.bed",
            "#chrom start end class gene_id effect",
            "chr1 45000 45300 enhancer G1 0.5",  # in reach of G1 only (G2's window begins at 48,000)
            "chr1 52000 52300 enhancer G1 0.5",  # of both, acts on G1
            "chr1 53000 53300 silencer G2 -0.25",  # lowers G2
            "chr1 54000 54300 decoy . 0",
            "chr1 59000 59300 enhancer G9 1.0",  # acts on a gene that was not scored
            "chr2 100 400 decoy . 0",  # no window
            "chr7 100 400 decoy . 0",  # no such chromosome
        ),
        WINDOWS,
        SIZES,
    )
    both = [Interval("chr1", start, start + 300) for start in (52_000, 53_000, 54_000, 59_000)]
    assert truth.pairs == (
        Pair(Interval("chr1", 45_000, 45_300), G, True),
        *(Pair(place, G, hit) for place, hit in zip(both, (True, False, False, False), strict=True)),
        *(Pair(place, H, hit) for place, hit in zip(both, (False, True, False, False), strict=True)),
    )
    assert truth.elsewhere == (both[3],)
    assert (truth.complete, truth.rows) == (True, 7)


def test_an_element_over_the_genes_own_promoter_is_not_distal() -> None:
    ends = [(48_900, 49_000), (48_900, 49_001), (50_999, 51_200), (51_000, 51_200)]
    found = [Pair(Interval("chr1", start, end), G, True).distal for start, end in ends]
    assert found == [True, False, False, True]


HEADER = (
    "chrom chromStart chromEnd measuredGeneSymbol measuredGeneEnsemblId Regulated ValidConnection CellType"
)


def test_crispr_pairs_are_matched_by_id_then_symbol_and_invalid_ones_left_out(tmp_path: Path) -> None:
    ensembl = Gene("ENSG00000000001", "ONE", "chr1", 50_000, Strand.PLUS)
    windows = [Window.around(ensembl, 20_000, SIZES["chr1"])]
    path = table(
        tmp_path / "pairs.tsv",
        HEADER,
        "chr1 45000 45300 OLDNAME ENSG00000000001.7 TRUE TRUE K562",
        "chr1 46000 46300 ONE ENSG00000000002 TRUE TRUE K562",  # another gene of that symbol
        "chr1 47000 47300 ONE NA FALSE TRUE K562",
        "chr1 48000 48300 ONE NA TRUE overlaps K562",  # not a valid connection
        "chr1 10000 10300 ONE NA TRUE TRUE K562",  # out of the window
    )
    truth = crispr_truth(path, windows, SIZES)
    assert truth.pairs == (
        Pair(Interval("chr1", 45_000, 45_300), ensembl, True),
        Pair(Interval("chr1", 47_000, 47_300), ensembl, False),
    )
    assert not truth.complete


def test_a_table_of_several_cell_types_asks_for_one(tmp_path: Path) -> None:
    path = table(
        tmp_path / "pairs.tsv",
        HEADER,
        "chr1 45000 45300 ONE NA TRUE TRUE K562",
        "chr1 45000 45300 ONE NA FALSE TRUE WTC11",
    )
    with pytest.raises(InputError, match=r"several cell types \(K562, WTC11\); choose one with --cell-type"):
        crispr_truth(path, WINDOWS, SIZES)
    assert [pair.regulates for pair in crispr_truth(path, WINDOWS, SIZES, "WTC11").pairs] == [False]
    with pytest.raises(InputError, match="no pair of cell type HeLa; it has K562, WTC11"):
        crispr_truth(path, WINDOWS, SIZES, "HeLa")


def test_capitals_do_not_count_and_only_rows_that_count_are_read(tmp_path: Path) -> None:
    path = table(
        tmp_path / "pairs.tsv",
        HEADER,
        "chr1 45000 45300 ONE NA True True K562",
        "chr1 46000 46300 ONE NA false 1 K562",
        "chr1 47000 47300 ONE NA NA False K562",  # not valid: whether it regulates is not asked
        "chr1 48000 48300 ONE NA maybe TRUE WTC11",
        "chr9 48000 48300 ONE NA maybe TRUE K562",
    )
    truth = crispr_truth(path, WINDOWS, SIZES, "K562")
    assert [(pair.element.start, pair.regulates) for pair in truth.pairs] == [(45_000, True), (46_000, False)]


def test_rows_that_are_left_out_are_counted_where_no_pair_is_left(tmp_path: Path) -> None:
    path = table(
        tmp_path / "pairs.tsv",
        HEADER,
        "chr1 45000 45300 ONE NA TRUE overlaps K562",
        "chr9 45000 45300 ONE NA TRUE overlaps WTC11",
        "chr9 45000 45300 ONE NA TRUE TRUE WTC11",
        "chr9 45000 45300 ONE NA TRUE TRUE K562",
        "chr1 10000 10300 ONE NA TRUE TRUE K562",
    )
    with pytest.raises(InputError) as refused:
        crispr_truth(path, WINDOWS, SIZES, "K562")
    assert str(refused.value) == (
        f"{path}: none of its 5 rows is an element in the window of a gene of the run (left out: 2 whose "
        "ValidConnection is not TRUE, 1 of another cell type, 1 on chromosomes that the genome lacks); is it "
        "of the same genome, and were its genes scored?"
    )


def test_the_real_pairs_of_chr22_in_reach_of_the_published_window(real: Path) -> None:
    sizes = ChromSizes({"chr22": 50_818_468})
    genes = read_genes(real / "labels" / "chr22.genes_labels_features.tsv", sizes)
    windows = [Window.around(gene, 200_000, sizes["chr22"]) for gene in genes]
    of_chr22 = crispr_truth(real / "crispr" / "chr22.training_K562.tsv", windows, sizes)
    # As the README of the data counts them, there by the distance to the table's own TSS.
    assert sum(pair.regulates for pair in of_chr22.pairs) == 5
    assert sum(not pair.regulates for pair in of_chr22.pairs) == 13
    whole = real / "crispr" / "EPCrisprBenchmark_combined_data.training_K562.GRCh38.tsv.gz"
    of_all = crispr_truth(whole, windows, sizes)
    assert set(of_all.pairs) == set(of_chr22.pairs)
    with pytest.raises(InputError, match="GM12878, HCT116, Jurkat, K562, WTC11"):
        crispr_truth(
            real / "crispr" / whole.name.replace("training_K562", "heldout_5_cell_types"), windows, sizes
        )


def test_what_is_wrong_with_a_file_is_one_line(tmp_path: Path) -> None:
    path = table(tmp_path / "a.tsv", HEADER, "chr1 45000 45300 ONE NA maybe TRUE K562")
    with pytest.raises(InputError, match=r"a\.tsv:2: Regulated is 'maybe', neither TRUE nor FALSE"):
        crispr_truth(path, WINDOWS, SIZES)
    path = table(tmp_path / "b.tsv", HEADER, "chr2 400 700 ONE NA TRUE TRUE K562")
    with pytest.raises(InputError, match="none of its 1 rows is an element in the window of a gene"):
        crispr_truth(path, WINDOWS, SIZES)
    path = table(tmp_path / "c.bed", "#chrom start end gene_id effect", "chr1 500 400 . 0")
    with pytest.raises(InputError, match=r"c\.bed:2: not an interval"):
        planted_truth(path, WINDOWS, SIZES)
    with pytest.raises(InputError, match="no column effect"):
        planted_truth(table(tmp_path / "d.bed", "chrom start end gene_id", "chr1 1 2 ."), WINDOWS, SIZES)
