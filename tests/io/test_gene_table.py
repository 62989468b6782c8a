import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import Strand
from seq2exp_tracks.io.gene_rows import GeneRow
from seq2exp_tracks.io.gene_table import read_table_genes


def write(folder, text, name="genes.tsv"):
    path = folder / name
    path.write_text(text)
    return path


def test_a_table_as_abc_and_seq2exp_write_it(tmp_path):
    path = write(
        tmp_path,
        "chrom\tgene\tensembl_id\tgene_type\tstrand\tgene_start\ttss\n"
        "chr22\tHMOX1\tENSG00000100292.18\tprotein_coding\t+\t5\t35381066\n"
        "chr22\tMYH9\t\tprotein_coding\t-\t5\t36388066\n",
    )
    assert read_table_genes(path) == [
        GeneRow("ENSG00000100292.18", "HMOX1", "chr22", 35381066, Strand.PLUS, "protein_coding"),
        GeneRow("MYH9", "MYH9", "chr22", 36388066, Strand.MINUS, "protein_coding"),
    ]


@given(
    rows=st.lists(st.tuples(st.integers(-(10**5), 10**9), st.sampled_from(("+", "-", "1", "-1"))), max_size=6)
)
def test_the_tss_is_taken_as_it_stands(tmp_path_factory, rows):
    text = "".join(f"g{place},7,{tss},{strand}\n" for place, (tss, strand) in enumerate(rows))
    path = write(tmp_path_factory.mktemp("table"), f"name,chr,TSS,strand\n{text}", "genes.csv")
    assert read_table_genes(path) == [
        GeneRow(f"g{place}", f"g{place}", "7", tss, Strand("-" if "-" in strand else "+"), None)
        for place, (tss, strand) in enumerate(rows)
    ]


@pytest.mark.parametrize("column", ["chrom", "tss", "strand"])
def test_a_missing_column_is_named_beside_those_present(tmp_path, column):
    columns = [name for name in ("chrom", "tss", "strand", "gene") if name != column]
    path = write(tmp_path, "\t".join(columns) + "\n")
    with pytest.raises(InputError, match=rf"genes\.tsv: no column {column}.*; its columns are {columns[0]}"):
        read_table_genes(path)


def test_a_table_without_a_column_that_names_genes_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"no column ensembl_id or .* or name; its columns are chrom, tss"):
        read_table_genes(write(tmp_path, "chrom\ttss\tstrand\nchr1\t1\t+\n"))


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("chr1\tfive\t+\tA", "tss is 'five', which is no position"),
        ("chr1\t5.0\t+\tA", "tss is '5.0', which is no position"),
        ("chr1\t5\t.\tA", "not a strand: '.'"),
        ("chr1\t5\t+\t", "a gene with neither id nor symbol"),
    ],
)
def test_a_malformed_row_is_named_with_its_line(tmp_path, row, problem):
    with pytest.raises(InputError) as caught:
        read_table_genes(write(tmp_path, f"chrom\ttss\tstrand\tgene\nchr1\t1\t+\tB\n{row}\n"))
    assert f"genes.tsv:3: {problem}" in str(caught.value)
