import csv
import gzip
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.io.tables import read_table

CELLS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=8)


def write(folder, text, name="table.tsv"):
    path = folder / name
    path.write_text(text)
    return path


@given(rows=st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=6), separator=st.sampled_from("\t,"))
def test_a_table_reads_as_the_csv_module_wrote_it(tmp_path_factory, rows, separator):
    path = tmp_path_factory.mktemp("table") / "table.txt"
    with path.open("w", newline="") as handle:
        csv.writer(handle, delimiter=separator, quoting=csv.QUOTE_ALL).writerows([["a", "b c", "d"], *rows])
    table = read_table(path)
    assert table.columns == ("a", "b c", "d")
    assert table.rows == tuple(tuple(row) for row in rows)
    assert table.lines == tuple(range(2, len(rows) + 2))


def test_numbers_know_what_is_not_known(tmp_path):
    table = read_table(write(tmp_path, "#gene\tx\nA\t1.5\nB\t\nC\tNA\nD\tnan\nE\t.\nF\t-2e3\n"))
    assert table.columns == ("gene", "x")
    np.testing.assert_array_equal(table.numbers("x"), [1.5, math.nan, math.nan, math.nan, math.nan, -2000])


@pytest.mark.parametrize("cell", ["high", "inf", "-Infinity", "1,5", "1e999"])
def test_a_cell_that_is_no_number_is_named_with_its_line_and_column(tmp_path, cell):
    table = read_table(write(tmp_path, f"gene\tx\nA\t1\n\nB\t{cell}\n"))
    with pytest.raises(InputError, match=rf"table\.tsv:4: x is '{cell}', which is no number"):
        table.numbers("x")


def test_columns_are_found_by_any_of_their_names_in_any_case(tmp_path):
    table = read_table(write(tmp_path, "Ensembl_ID\tGene name\nE1\tA\n"))
    assert table.find(("gene_id", "ensembl_id")) == "Ensembl_ID"
    assert table.find(("symbol",)) is None


def test_a_missing_column_is_named_beside_those_present(tmp_path):
    table = read_table(write(tmp_path, "gene\tx\nA\t1\n"))
    with pytest.raises(InputError, match=r"table\.tsv: no column tss or TSS; its columns are gene, x"):
        table.require(("tss", "TSS"))


def test_a_column_named_twice_is_refused_when_it_is_read(tmp_path):
    table = read_table(write(tmp_path, "gene\tx\tx\nA\t1\t2\n"))
    assert table.text("gene") == ["A"]
    with pytest.raises(InputError, match="several columns are called x"):
        table.text("x")


def test_a_gzipped_table_with_a_byte_order_mark_and_windows_line_ends_reads_alike(tmp_path):
    path = tmp_path / "table.csv.gz"
    path.write_bytes(gzip.compress("\ufeffgene,x\r\nA,1\r\n".encode()))
    table = read_table(path)
    assert (table.columns, table.rows) == (("gene", "x"), (("A", "1"),))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "table.tsv: empty"),
        ("a\tb\n1\t2\n1\n", "table.tsv:3: 1 cells, but the header names 2 columns"),
        ("a\tb\n1\t2\t3\n", "table.tsv:2: 3 cells, but the header names 2 columns"),
        ('a\tb\n1\t"2\n', "table.tsv:2: cells cannot be told apart"),
    ],
)
def test_a_malformed_table_is_one_line(tmp_path, text, problem):
    with pytest.raises(InputError) as caught:
        read_table(write(tmp_path, text))
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)
