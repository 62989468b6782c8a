"""An export is written whole or not at all, and replaces nothing but an export."""

import json
from pathlib import Path

import pytest

from seq2exp_tracks.errors import InputError, OutputError
from seq2exp_tracks.exports.destination import ExportedFile, ExportFolder, write_file
from seq2exp_tracks.exports.placing import Placement
from seq2exp_tracks.io.checksum import sha256_of
from seq2exp_tracks.manifest import FileEntry


def write_export(out: Path, text: str = "new", overwrite: bool = False) -> ExportFolder:
    with ExportFolder(out, "igv", overwrite=overwrite, placement=Placement.COPY) as folder:
        folder.write("tracks/one.txt", text, "One")
    return folder


def write_and_interrupt(out: Path) -> None:
    with ExportFolder(out, "igv", overwrite=True, placement=Placement.COPY) as folder:
        folder.write("tracks/two.txt", "new", "Two")
        raise KeyboardInterrupt


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def entry_of(path: Path) -> FileEntry:
    return FileEntry(path.name, "bigwig", "track", "", path.stat().st_size, sha256_of(path))


def test_a_folder_holds_what_was_written_and_a_record_of_it(tmp_path: Path) -> None:
    out = tmp_path / "new" / "export"
    folder = write_export(out)
    assert names(tmp_path) == ["new/export/export.json", "new/export/tracks/one.txt"]
    assert json.loads((out / "export.json").read_text()) == {
        "format": "seq2exp-tracks export",
        "kind": "igv",
        "files": ["tracks/one.txt"],
    }
    size = (out / "export.json").stat().st_size
    assert folder.files == (
        ExportedFile("tracks/one.txt", 3, "One"),
        ExportedFile("export.json", size, "What this export holds"),
    )


def test_a_failure_leaves_an_older_export_as_it_was_and_nothing_beside_it(tmp_path: Path) -> None:
    out = tmp_path / "export"
    write_export(out, "old")
    with pytest.raises(KeyboardInterrupt):
        write_and_interrupt(out)
    assert names(tmp_path) == ["export/export.json", "export/tracks/one.txt"]
    assert (out / "tracks/one.txt").read_text() == "old"


def test_an_export_is_replaced_only_when_asked_to_be(tmp_path: Path) -> None:
    out = tmp_path / "export"
    write_export(out, "old")
    with pytest.raises(OutputError, match="export: holds an export already; choose another folder or"):
        write_export(out)
    write_export(out, "new", overwrite=True)
    assert (out / "tracks/one.txt").read_text() == "new"
    assert names(tmp_path) == ["export/export.json", "export/tracks/one.txt"]


@pytest.mark.parametrize(("kind", "what"), [("evaluation", "an evaluation"), ("difference", "a difference")])
def test_a_folder_is_called_what_it_holds(kind: str, what: str, tmp_path: Path) -> None:
    out = tmp_path / "quality"
    with ExportFolder(out, kind, overwrite=False, placement=Placement.COPY) as folder:
        folder.write("one.txt", "one", "One")
    assert folder.files[-1].description == f"What this {kind} holds"
    # Whoever comes, the folder is what is there.
    with pytest.raises(OutputError, match=f"quality: holds {what} already; choose another folder or"):
        write_export(out)
    (out / "mine.txt").write_text("mine")
    with (
        pytest.raises(OutputError, match=f"quality: holds mine.txt, which no {kind} wrote; choose"),
        ExportFolder(out, kind, overwrite=True, placement=Placement.COPY),
    ):
        pass


def test_a_folder_with_files_of_others_is_never_replaced(tmp_path: Path) -> None:
    out = tmp_path / "export"
    write_export(out)
    (out / "mine.txt").write_text("mine")
    with pytest.raises(OutputError, match=r"export: holds mine.txt, which no export wrote; choose another"):
        write_export(out, overwrite=True)
    (out / "export.json").unlink()
    with pytest.raises(OutputError, match="which no export wrote"):
        write_export(out, overwrite=True)
    assert names(out) == ["mine.txt", "tracks/one.txt"]


def test_an_empty_folder_is_taken_and_a_file_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    write_export(tmp_path / "empty")
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="file: is a file; name a folder"):
        write_export(tmp_path / "file", overwrite=True)
    with pytest.raises(OutputError, match=r"file/below: cannot be written"):
        write_export(tmp_path / "file" / "below")


@pytest.mark.parametrize("placement", list(Placement))
def test_files_of_the_run_are_copied_or_linked(tmp_path: Path, placement: Placement) -> None:
    source = tmp_path / "mask.bw"
    source.write_bytes(b"values")
    out = tmp_path / "export"
    with ExportFolder(out, "igv", overwrite=False, placement=placement) as folder:
        folder.place(source, entry_of(source), "tracks/mask.bw", "Mask")
    placed = out / "tracks/mask.bw"
    assert placed.read_bytes() == b"values"
    assert placed.is_symlink() == (placement is Placement.SYMLINK)
    assert (placed.stat().st_ino == source.stat().st_ino) == (placement is not Placement.COPY)
    assert folder.files[0].bytes == (0 if placement is Placement.SYMLINK else 6)


def test_a_missing_or_changed_file_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    source = tmp_path / "mask.bw"
    source.write_bytes(b"values")
    entry = entry_of(source)
    for content, message in ((b"VALUES", "has changed since the run"), (None, "not there any more")):
        source.unlink()
        if content is not None:
            source.write_bytes(content)
        with (
            pytest.raises(InputError, match=rf"mask.bw: {message}"),
            ExportFolder(tmp_path / "out", "igv", overwrite=False, placement=Placement.COPY) as folder,
        ):
            folder.place(source, entry, "mask.bw", "Mask")
        assert not (tmp_path / "out").exists()
        source.touch()
    assert names(tmp_path) == ["mask.bw"]


def test_one_file_is_replaced_only_when_asked_to_be(tmp_path: Path) -> None:
    out = tmp_path / "new" / "report.html"
    write_file(out, b"old", overwrite=False)
    with pytest.raises(OutputError, match=r"report.html: is there already; choose another name or"):
        write_file(out, b"new", overwrite=False)
    write_file(out, b"new", overwrite=True)
    assert out.read_bytes() == b"new"
    assert names(tmp_path) == ["new/report.html"]
    with pytest.raises(OutputError, match=r"new: is a folder; name a file, for example .*new/report.html"):
        write_file(tmp_path / "new", b"", overwrite=True)
