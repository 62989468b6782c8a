"""What pybigtools does not notice is noticed, and nothing is left of a file that is not whole."""

from pathlib import Path

import pybigtools
import pytest
from bigbed_readers import read_items
from full_disk import no_file_larger_than

from seq2exp_tracks.errors import OutputError
from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.io import bigbed_writer
from seq2exp_tracks.io.bigbed_writer import BigBedItems, write_bigbed

SIZES = ChromSizes({"chr1": 2_000_000})
AUTOSQL = 'table t "t" ( string chrom; "c" uint chromStart; "s" uint chromEnd; "e" string name; "n" )'


def many(count: int = 50_000) -> BigBedItems:
    items = BigBedItems()
    for index in range(count):
        items.add("chr1", 10 * index, 10 * index + 7, [f"item{index * 7919}"])
    return items


def test_a_file_of_many_blocks_is_whole(tmp_path: Path) -> None:
    write_bigbed(tmp_path / "a.bb", SIZES, many(), AUTOSQL, 4)
    items = read_items(tmp_path / "a.bb")
    assert [item[1] for item in items] == list(range(0, 500_000, 10))
    assert items[49_999] == ("chr1", 499_990, 499_997, [f"item{49_999 * 7919}"])
    assert [path.name for path in tmp_path.iterdir()] == ["a.bb"]


def test_white_space_and_missing_text_cannot_break_a_row(tmp_path: Path) -> None:
    items = BigBedItems()
    items.add("chr1", 3, 4, ["two\twords\n"])
    items.add("chr1", 5, 6, [""])
    write_bigbed(tmp_path / "a.bb", SIZES, items, AUTOSQL, 4)
    assert read_items(tmp_path / "a.bb") == [("chr1", 3, 4, ["two_words"]), ("chr1", 5, 6, ["."])]


def test_a_full_disk_is_one_line_and_leaves_the_older_file(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.bb").write_text("older")
    with no_file_larger_than(100_000), pytest.raises(OutputError) as caught:
        write_bigbed(tmp_path / "a.bb", SIZES, many(), AUTOSQL, 4)
    assert str(caught.value).startswith(f"{tmp_path / 'a.bb'}: cannot be written (File too large); ")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a.bb": "older"}
    assert capfd.readouterr() == ("", "")


# 100 bytes lose the header without a panic, 50,000 items do not pass through 200,000 bytes without one.
@pytest.mark.parametrize(("limit", "count"), [(100, 10), (200_000, 50_000)])
def test_a_disk_that_fills_up_while_it_is_written_is_one_line_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int, count: int
) -> None:
    monkeypatch.setattr(bigbed_writer, "_take_room", lambda path, size: path.touch())
    with no_file_larger_than(limit), pytest.raises(OutputError) as caught:
        write_bigbed(tmp_path / "a.bb", SIZES, many(count), AUTOSQL, 4)
    assert str(caught.value).startswith(f"{tmp_path / 'a.bb'}: cannot be written (")
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_items_that_the_writer_loses_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Loses:
        def __init__(self, path: str) -> None:
            self.path = path

        def write(self, sizes: dict[str, int], rows: object, autosql: str) -> None:
            _open(self.path, "w").write(sizes, list(rows)[:-1], autosql=autosql)  # type: ignore[call-overload]

    _open = pybigtools.open
    monkeypatch.setattr(
        pybigtools, "open", lambda path, mode="r": Loses(path) if mode == "w" else _open(path)
    )
    with pytest.raises(OutputError, match=r"\(9 of 10 items arrived\)"):
        write_bigbed(tmp_path / "a.bb", SIZES, many(10), AUTOSQL, 4)
    assert list(tmp_path.iterdir()) == []


def test_the_file_can_be_as_large_as_the_room_that_was_taken_for_it(tmp_path: Path) -> None:
    items, room = BigBedItems(), []
    for index in range(2_000):
        items.add("chr1", 900 * index, 900 * index + 1, [f"{hash((index, 1)) % 10**18:018d}"])
    take = bigbed_writer._take_room
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bigbed_writer, "_take_room", lambda path, size: (room.append(size), take(path, size)))
        write_bigbed(tmp_path / "a.bb", SIZES, items, AUTOSQL, 4)
    assert (tmp_path / "a.bb").stat().st_size < room[0]


def test_a_missing_folder_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"no/a\.bb: cannot be written \(No such file"):
        write_bigbed(tmp_path / "no" / "a.bb", SIZES, many(1), AUTOSQL, 4)
