from pathlib import Path

import pysam
import pytest
from element_tables import SIZES, Row, drawn_rows, element, table
from full_disk import no_file_larger_than
from hypothesis import given

from seq2exp_tracks.errors import OutputError
from seq2exp_tracks.io.longrange import write_links_longrange


def fetch(path: Path, chrom: str, start: int, end: int) -> list[list[str]]:
    with pysam.TabixFile(str(path)) as file:
        return [line.split("\t") for line in file.fetch(chrom, start, end)] if chrom in file.contigs else []


@given(rows=drawn_rows)
def test_a_link_is_a_line_at_each_of_its_ends_which_names_the_other(
    rows: list[Row], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("longrange") / "links.gz"
    write_links_longrange(path, table(rows, links=True))
    expected = []
    for row in rows:
        chrom, start, end, tss = row["chrom"], row["start"], row["end"], row["tss"]
        expected.append([chrom, str(start), str(end), f"{chrom}:{tss}-{tss + 1},{row['mean_score']:.3f}"])
        expected.append([chrom, str(tss), str(tss + 1), f"{chrom}:{start}-{end},{row['mean_score']:.3f}"])
    found = [line for chrom, length in SIZES.items() for line in fetch(path, chrom, 0, length)]
    assert sorted(found) == sorted(expected)


def test_lines_ascend_and_the_index_finds_those_of_a_place(tmp_path: Path) -> None:
    path = tmp_path / "links.gz"
    rows = [
        element("chr2", 800, 900, tss=100),
        element("chr1", 50, 60, tss=5_000),
        element("chr1", 9, 12, tss=2),
    ]
    write_links_longrange(path, table(rows, links=True))
    assert [line[:3] for line in fetch(path, "chr1", 0, 7_000)] == [
        *(["chr1", "2", "3"], ["chr1", "9", "12"], ["chr1", "50", "60"], ["chr1", "5000", "5001"])
    ]
    assert fetch(path, "chr2", 850, 851) == [["chr2", "800", "900", "chr2:100-101,0.362"]]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["links.gz", "links.gz.tbi"]


def test_without_links_there_are_an_empty_file_and_its_index(tmp_path: Path) -> None:
    write_links_longrange(tmp_path / "links.gz", table([], links=True))
    with pysam.TabixFile(str(tmp_path / "links.gz")) as file:
        assert list(file.contigs) == []


@pytest.mark.parametrize("limit", [30, 5_000])
def test_a_full_disk_is_one_line_and_leaves_nothing(
    tmp_path: Path, limit: int, capfd: pytest.CaptureFixture[str]
) -> None:
    rows = [element(start=start, end=start + 1, tss=6_000) for start in range(0, 5_000, 50)]
    with no_file_larger_than(limit), pytest.raises(OutputError) as caught:
        write_links_longrange(tmp_path / "links.gz", table(rows, links=True))
    assert str(caught.value).startswith(f"{tmp_path / 'links.gz'}")
    assert ": cannot be written (" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []
    assert capfd.readouterr() == ("", "")


def test_a_disk_too_full_for_the_compressed_file_is_one_line_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fills_up(source: str, target: str, force: bool) -> None:
        with no_file_larger_than(10):
            compress(source, target, force=force)

    compress = pysam.tabix_compress
    monkeypatch.setattr(pysam, "tabix_compress", fills_up)
    with pytest.raises(OutputError, match="cannot be written"):
        write_links_longrange(tmp_path / "links.gz", table([element(tss=5)], links=True))
    assert list(tmp_path.iterdir()) == []
