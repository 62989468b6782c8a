from pathlib import Path

import pytest
from bigbed_readers import bed_fields, field_names, read_items
from element_tables import SIZES, Row, contact_text, drawn_rows, element, table
from hypothesis import given

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.io.biginteract import write_links_biginteract


def item(row: Row) -> tuple[str, int, int, list[str]]:
    """What the file should say of a link."""
    tss, chrom, name = row["tss"], row["chrom"], row["name"]
    reach = (min(row["start"], tss), max(row["end"], tss + 1))
    fields = [
        *(name, str(row["score"]), f"{row['mean_score']:.3f}", row["gene_name"], "213,94,0"),
        *(chrom, str(row["start"]), str(row["end"]), name, "."),
        *(chrom, str(tss), str(tss + 1), row["gene_name"], row["strand"]),
        *(row["gene_id"], f"{row['sd']:.4f}", str(row["distance"]), contact_text(row)),
    ]
    return chrom, *reach, fields


@given(rows=drawn_rows)
def test_every_link_is_read_back_by_two_readers(
    rows: list[Row], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("biginteract") / "links.bb"
    write_links_biginteract(path, SIZES, table(rows, links=True))
    assert sorted(read_items(path)) == sorted(map(item, rows))


def test_the_first_18_fields_are_ucscs_of_which_five_are_beds(tmp_path: Path) -> None:
    write_links_biginteract(tmp_path / "a.bb", SIZES, table([element(tss=5)], links=True))
    assert bed_fields(tmp_path / "a.bb") == (22, 5)
    assert field_names(tmp_path / "a.bb") == [
        *("chrom", "start", "end", "name", "score", "value", "exp", "color"),
        *("sourceChrom", "sourceStart", "sourceEnd", "sourceName", "sourceStrand"),
        *("targetChrom", "targetStart", "targetEnd", "targetName", "targetStrand"),
        *("gene_id", "sd", "distance", "contact"),
    ]


@pytest.mark.parametrize(
    ("tss", "message"),
    [(-3, "its TSS -3 is no base of the chromosome"), (7_000, "chr1:100-7001 (0-based) does not lie on")],
)
def test_a_tss_off_the_chromosome_is_one_line(tmp_path: Path, tss: int, message: str) -> None:
    with pytest.raises(InputError) as caught:
        write_links_biginteract(tmp_path / "a.bb", SIZES, table([element(tss=tss)], links=True))
    assert message in str(caught.value)
    assert list(tmp_path.iterdir()) == []
