from pathlib import Path

import pytest
from element_tables import Row, contact_text, drawn_rows, element, table
from full_disk import no_file_larger_than
from hypothesis import given

from seq2exp_tracks.errors import InputError, OutputError
from seq2exp_tracks.io.bedpe import write_links_bedpe


@given(rows=drawn_rows)
def test_a_line_is_the_element_the_tss_and_the_columns_of_ours_in_the_order_of_the_table(
    rows: list[Row], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("bedpe") / "links.bedpe"
    write_links_bedpe(path, table(rows, links=True))
    expected = [
        [
            *(row["chrom"], str(row["start"]), str(row["end"])),
            *(row["chrom"], str(row["tss"]), str(row["tss"] + 1)),
            *(row["name"], str(row["score"]), ".", row["strand"], row["gene_id"], row["gene_name"]),
            *(f"{row['sd']:.4f}", str(row["distance"]), contact_text(row)),
        ]
        for row in rows
    ]
    header, *lines = path.read_text().splitlines()
    assert [line.split("\t") for line in lines] == expected
    assert header.split("\t") == [
        *("#chrom1", "start1", "end1", "chrom2", "start2", "end2", "name", "score", "strand1", "strand2"),
        *("gene_id", "gene_name", "sd", "distance", "contact"),
    ]


def test_without_links_there_is_the_header_alone(tmp_path: Path) -> None:
    write_links_bedpe(tmp_path / "a.bedpe", table([], links=True))
    assert len((tmp_path / "a.bedpe").read_text().splitlines()) == 1


def test_a_full_disk_is_one_line_and_leaves_the_older_file(tmp_path: Path) -> None:
    (tmp_path / "a.bedpe").write_text("older")
    links = table([element(tss=5)] * 10_000, links=True)
    with (
        no_file_larger_than(20_000),
        pytest.raises(OutputError, match=r"written \(File too large\)"),
    ):
        write_links_bedpe(tmp_path / "a.bedpe", links)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a.bedpe": "older"}


def test_a_row_that_cannot_be_a_link_is_one_line_and_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.bedpe: cannot be written: element MYC\.1 at chr1:100-160"):
        write_links_bedpe(tmp_path / "a.bedpe", table([element(tss=-1)], links=True))
    assert list(tmp_path.iterdir()) == []
