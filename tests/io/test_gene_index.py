import pytest

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import Gene, Strand
from seq2exp_tracks.io.gene_index import GeneIndex, without_version
from seq2exp_tracks.io.tables import read_table


def index(folder, text):
    path = folder / "table.tsv"
    path.write_text(text)
    return GeneIndex.of_table(read_table(path))


def gene(gene_id, name):
    return Gene(gene_id, name, "chr1", 0, Strand.PLUS)


@pytest.mark.parametrize(
    ("given_id", "bare"),
    [
        ("ENSG00000100292.18", "ENSG00000100292"),
        ("ENSMUSG00000051951.6", "ENSMUSG00000051951"),
        ("ENSG00000223972.5_2", "ENSG00000223972"),
        ("ENSG00000182378.15_PAR_Y", "ENSG00000182378_PAR_Y"),
        ("ENSG00000100292", "ENSG00000100292"),
        ("AC012345.6", "AC012345.6"),
        ("gene.1", "gene.1"),
    ],
)
def test_only_ensembl_ids_lose_their_version(given_id, bare):
    assert without_version(given_id) == bare


def test_the_id_decides_before_the_symbol(tmp_path):
    rows = index(tmp_path, "gene_id\tsymbol\nENSG00000000001.4\tB\nENSG00000000002.1\tA\n")
    assert rows.row(gene("ENSG00000000001", "A")) == 0
    assert rows.row(gene("ENSG00000000009", "A")) == 1
    assert rows.row(gene("ENSG00000000009", "C")) is None


def test_a_symbol_of_two_ids_names_no_gene(tmp_path):
    rows = index(tmp_path, "gene_id\tsymbol\nENSG00000000001\tA\nENSG00000000002\tA\n")
    assert rows.row(gene("x", "A")) is None
    assert rows.row(gene("ENSG00000000002", "A")) == 1


def test_of_several_rows_with_one_id_the_symbol_chooses_and_else_the_first(tmp_path):
    rows = index(tmp_path, "gene_id\tsymbol\nENSG00000273032\tDGCR5\nENSG00000273032\tDGCR9\n")
    assert rows.row(gene("ENSG00000273032", "DGCR9")) == 1
    assert rows.row(gene("ENSG00000273032", "renamed")) == 0
    assert rows.row(gene("ENSG00000273032_2", "DGCR9")) == 1


def test_a_table_with_symbols_only_joins_by_symbol_or_by_ids_kept_as_symbols(tmp_path):
    rows = index(tmp_path, "name\tx\nHMOX1\t1\nENSG00000000001.3\t2\n")
    assert rows.row(gene("ENSG00000000005", "HMOX1")) == 0
    assert rows.row(gene("ENSG00000000001", "other")) == 1


def test_empty_names_join_nothing(tmp_path):
    rows = index(tmp_path, "gene_id\tsymbol\tx\n\t\t1\nENSG00000000001\t\t2\n")
    assert rows.row(gene("ENSG00000000001", "A")) == 1
    assert rows.row(gene("x", "")) is None


def test_a_table_that_names_no_gene_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"no column symbol or gene_name .* its columns are tss, x"):
        index(tmp_path, "tss\tx\n1\t2\n")
