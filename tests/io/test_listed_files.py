"""What a record lists: names inside its folder, and none besides."""

from pathlib import Path

import pytest

from seq2exp_tracks.io.listed_files import files_listed, listed


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ({"files": ["mask.bw", "genes/A..B.mask.bw"]}, ["mask.bw", "genes/A..B.mask.bw"]),
        ({"files": [{"path": "..a"}, {"path": "./b//c"}]}, ["..a", "b/c"]),
        ({"files": ["../a", "genes/../../a", "/a", "b"]}, ["b"]),
        ({"files": [3]}, []),
        ({"files": [{"name": "a"}]}, []),
        ({"files": 3}, []),
        ({}, []),
        (["files"], []),
        (None, []),
    ],
)
def test_files_outside_the_folder_are_left_out_and_dots_in_a_name_are_none(
    content: object, names: list[str]
) -> None:
    assert listed(content) == names


def test_a_record_that_cannot_be_read_lists_nothing(tmp_path: Path) -> None:
    assert files_listed(tmp_path / "manifest.json") == []
    (tmp_path / "manifest.json").write_text("{")
    assert files_listed(tmp_path / "manifest.json") == []
    (tmp_path / "manifest.json").write_text('{"files": ["a"]}')
    assert files_listed(tmp_path / "manifest.json") == ["a"]
