from pathlib import Path

import pytest
from bigbed_readers import bed_fields, field_names, read_items
from element_tables import SIZES, Row, contact_text, drawn_rows, element, table
from hypothesis import given

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.io.bigbed import write_elements_bigbed

COLOURS = {"promoter": "0,0,0", "distal": "213,94,0"}


def item(row: Row) -> tuple[str, int, int, list[str]]:
    """What the file should say of an element."""
    place = (row["chrom"], row["start"], row["end"])
    bed = [row["name"], str(row["score"]), row["strand"], str(row["start"]), str(row["end"])]
    ours = [row["gene_id"], row["gene_name"], f"{row['mean_score']:.3f}", f"{row['sd']:.4f}"]
    kind = row["class"]
    return *place, [*bed, COLOURS[kind], *ours, str(row["distance"]), kind, contact_text(row)]


@given(rows=drawn_rows)
def test_every_element_is_read_back_by_two_readers(
    rows: list[Row], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("bigbed") / "elements.bb"
    write_elements_bigbed(path, SIZES, table(rows))
    assert sorted(read_items(path)) == sorted(map(item, rows))


def test_items_ascend_by_chromosome_name_start_and_end(tmp_path: Path) -> None:
    places = [("chr2", 5, 9), ("chr10", 7, 8), ("chr1", 30, 40), ("chr1", 30, 35), ("chr1", 2, 50)]
    write_elements_bigbed(tmp_path / "a.bb", SIZES, table([element(*place) for place in places]))
    assert [found[:3] for found in read_items(tmp_path / "a.bb")] == [
        *(("chr1", 2, 50), ("chr1", 30, 35), ("chr1", 30, 40), ("chr10", 7, 8), ("chr2", 5, 9))
    ]


def test_the_fields_are_described_and_nine_of_them_are_beds_own(tmp_path: Path) -> None:
    write_elements_bigbed(tmp_path / "a.bb", SIZES, table([element()]))
    assert bed_fields(tmp_path / "a.bb") == (16, 9)
    assert field_names(tmp_path / "a.bb") == [
        *("chrom", "start", "end", "name", "score", "strand", "thickStart", "thickEnd", "itemRgb"),
        *("gene_id", "gene_name", "mean_score", "sd", "distance", "class", "contact"),
    ]


def test_a_gene_without_a_symbol_goes_by_its_id(tmp_path: Path) -> None:
    write_elements_bigbed(tmp_path / "a.bb", SIZES, table([element(gene_name=None)]))
    assert read_items(tmp_path / "a.bb")[0][3][7] == "ENSG01"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (element("chr1", 6_990, 7_001), "chr1:6990-7001 (0-based) does not lie on a chromosome"),
        (element("chr3", 10, 20), "chr3:10-20 (0-based) does not lie on a chromosome of the genome"),
        (element(start=-1), "MYC.1 at chr1:-1-160: its start does not lie before its end"),
        (element(start=160), "MYC.1 at chr1:160-160: its start does not lie before its end"),
        (element(score=1001), "its score 1001 is not one of 0 to 1000"),
        (element(mean_score=float("nan")), "a value is not a finite number"),
        (element(contact=float("inf")), "a value is not a finite number"),
        (element(sd=None), "it has no sd"),
    ],
)
def test_a_row_that_cannot_be_an_element_is_one_line_and_leaves_no_file(
    tmp_path: Path, row: Row, message: str
) -> None:
    with pytest.raises(InputError) as caught:
        write_elements_bigbed(tmp_path / "a.bb", SIZES, table([element(), row]))
    assert str(caught.value).startswith(f"{tmp_path / 'a.bb'}: cannot be written: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_table_without_elements_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.bb: nothing to write"):
        write_elements_bigbed(tmp_path / "a.bb", SIZES, table([]))
    assert list(tmp_path.iterdir()) == []
