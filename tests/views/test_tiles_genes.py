"""Genes as the client draws them, which of them a tile holds, and the search by name."""

import gzip

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from higlass_views.tilesets import GeneTiles, GenomeAxis
from higlass_views.tilesets.gene_search import GeneSearch
from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes, Gene, Strand

AXIS = GenomeAxis(ChromSizes({"chr1": 5_000, "chr22": 90_000}))

BED = """#chrom\tstart\tend\tname\tscore\tstrand\tEnsembl_ID\tgene_type
chr22\t1000\t9000\tMYH9\t0\t-\tENSG00000100345\tprotein_coding
chr22\t2000\t2100\tMIR1\t0\t+\tENSG00000000001\tmiRNA
chr22\t20000\t60000\tLINC9\t0\t+\tENSG00000000002\tlncRNA
22\t70000\t70500\tmyh9b\t0\t+\tENSG00000000003\tprotein_coding
chrUn\t5\t9\tNOWHERE\t0\t+\tENSG00000000004\tprotein_coding
"""


@pytest.fixture
def bed(tmp_path):
    path = tmp_path / "genes.bed"
    path.write_text(BED)
    return path


def names(tile):
    return [item["fields"][3] for item in tile]


def test_a_gene_is_sent_with_its_exons_at_its_absolute_place(tmp_path):
    path = tmp_path / "genes.bed12"
    path.write_text("chr22\t1000\t9000\tA\t0\t-\t1200\t8500\t0\t2\t500,700,\t0,7300,\n")
    ((_, tile),) = GeneTiles(path, AXIS, "Genes").tiles(["u.0.0"])
    (gene,) = tile
    assert (gene["uid"], gene["xStart"], gene["xEnd"], gene["chrOffset"]) == ("0", 6_000, 14_000, 5_000)
    assert gene["fields"][:4] == ["chr22", "1000", "9000", "A"]
    assert gene["fields"][4] == str(gene["importance"])
    assert gene["fields"][5:] == ["-", "A", "A", "", "", "1200", "8500", "1000,8300", "1500,9000"]


def test_genes_of_a_run_are_shown_by_their_tss_alone_and_those_off_the_genome_are_not():
    genes = [
        Gene("ENSG1", "A", "chr22", 7, Strand.MINUS),
        Gene("ENSG2", "B", "chr1", -5, Strand.PLUS),
        Gene("ENSG3", "C", "chr7", 5, Strand.PLUS),
    ]
    ((_, tile),) = GeneTiles(genes, AXIS, "Genes").tiles(["u.0.0"])
    (gene,) = tile
    assert (gene["xStart"], gene["xEnd"]) == (5_007, 5_008)
    assert gene["fields"][:4] + gene["fields"][12:] == ["chr22", "7", "8", "A", "7", "8"]


def test_in_a_crowded_tile_genes_asked_for_come_first_then_translated_ones_then_long_ones(bed):
    def shown(most, foremost=()):
        return names(GeneTiles(bed, AXIS, "Genes", foremost, most).tiles(["u.0.0"])[0][1])

    assert shown(2) == ["MYH9", "myh9b"]
    assert shown(3) == ["MYH9", "LINC9", "myh9b"]
    assert shown(1, foremost=["MIR1"]) == ["MIR1"]
    assert shown(1, foremost=["ENSG00000000002"]) == ["LINC9"]
    assert sorted(shown(9)) == ["LINC9", "MIR1", "MYH9", "myh9b"]


def test_the_client_shows_what_we_hold_the_most_important(bed):
    # It sorts a tile by importance, and hides labels by the fifth field.
    ((_, tile),) = GeneTiles(bed, AXIS, "Genes", ["MIR1"]).tiles(["u.0.0"])
    ranked = sorted(tile, key=lambda gene: -gene["importance"])
    assert names(ranked) == ["MIR1", "MYH9", "myh9b", "LINC9"]
    assert all(float(gene["fields"][4]) == gene["importance"] for gene in tile)


def test_the_search_finds_the_very_name_then_beginnings_then_parts_whatever_the_case(bed):
    genes = GeneTiles(bed, AXIS, "Genes")

    def found(text, limit=10):
        return [gene["geneName"] for gene in genes.search(text, limit)]

    assert found("myh9") == ["MYH9", "myh9b"]
    assert found(" MYH9B ") == ["myh9b"]
    assert found("9") == ["MYH9", "myh9b", "LINC9"]
    assert found("9", 1) == ["MYH9"]
    assert found("ensg00000000001") == ["MIR1"]
    assert found("ENSG00000000") == ["myh9b", "LINC9", "MIR1"]
    assert found("") == found("  ") == found("zzz") == found("9\nm") == found("NOWHERE") == []


def test_a_suggestion_is_what_the_client_jumps_to(bed):
    (gene,) = GeneTiles(bed, AXIS, "Genes").search("MIR1", 5)
    score = gene.pop("score")
    assert gene == {"chr": "chr22", "txStart": 2_000, "txEnd": 2_100, "geneName": "MIR1"}
    assert 0 < score < 1


@given(
    st.lists(st.text("aB1é", max_size=4), min_size=1, max_size=12),
    st.text("Ab1É", min_size=1, max_size=3),
    st.integers(1, 15),
)
def test_the_search_is_the_same_as_looking_at_every_name(texts, wanted, limit):
    importance = np.arange(len(texts), dtype=float) % 3
    search = GeneSearch(texts, ["id"] * len(texts), importance)
    folded = wanted.casefold()

    def rank(row):
        text = texts[row].casefold()
        return (text != folded, not text.startswith(folded), -importance[row], row)

    holding = [row for row, text in enumerate(texts) if folded in text.casefold()]
    assert search.rows(wanted, limit) == sorted(holding, key=rank)[:limit]


def test_an_annotation_that_does_not_fit_the_genome_is_refused(bed):
    with pytest.raises(InputError, match=r"genes\.bed: myh9b ends at chr22:70,500, past the end"):
        GeneTiles(bed, GenomeAxis(ChromSizes({"chr22": 70_499})), "Genes")
    with pytest.raises(InputError, match="none of its 5 genes lies on a chromosome"):
        GeneTiles(bed, GenomeAxis(ChromSizes({"chr3": 8_999})), "Genes")


def test_real_genes_are_all_found_and_shown(real):
    axis = GenomeAxis(ChromSizes({"chr21": 46_709_983, "chr22": 50_818_468}))
    path = real / "genes" / "gencode_v43.chr22.transcripts.bed12.gz"
    genes = GeneTiles(path, axis, "GENCODE")
    with gzip.open(path, "rt") as lines:
        symbols = {line.split("\t")[3] for line in lines}
    found = {gene["geneName"] for symbol in symbols for gene in genes.search(symbol, 1)}
    assert found == symbols
    (myh9,) = genes.search("MYH9", 1)
    assert (myh9["chr"], myh9["txStart"], myh9["txEnd"]) == ("chr22", 36_281_279, 36_388_010)
    number = (46_709_983 + 36_300_000) // axis.tile_width(8)
    shown = {gene["fields"][3]: gene for gene in genes.tiles([f"u.8.{number}"])[0][1]}
    starts, ends = (list(map(int, shown["MYH9"]["fields"][column].split(","))) for column in (12, 13))
    exonic, *coding = translated_transcript_of_most_exonic_bases(path, "MYH9")
    assert sum(ends) - sum(starts) == exonic
    assert shown["MYH9"]["fields"][10:12] == coding


def translated_transcript_of_most_exonic_bases(path, symbol):
    with gzip.open(path, "rt") as lines:
        rows = [line.split("\t") for line in lines if line.split("\t")[3] == symbol]
    exonic = {sum(map(int, row[10].strip(",").split(","))): row for row in rows if row[6] != row[7]}
    return max(exonic), *exonic[max(exonic)][6:8]
