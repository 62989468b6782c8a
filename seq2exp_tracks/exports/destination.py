"""Where an export is written to: a folder or a file, whole or not at all.

Everything is written under a hidden name beside the place and takes its name in one step at the end. What an
export holds is listed in its `export.json`, so that only a folder that an export made is ever replaced.
"""

import json
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from seq2exp_tracks.errors import OutputError
from seq2exp_tracks.exports.placing import Placement, place
from seq2exp_tracks.io.writing import writing
from seq2exp_tracks.manifest import FileEntry, InputEntry

RECORD = "export.json"
FORMAT = "seq2exp-tracks export"

# What a folder of this format is called, with its article; any other kind is an export.
_CALLED = {"evaluation": ("an", "evaluation"), "difference": ("a", "difference")}


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file of an export.

    Attributes:
        name: Path relative to the export's folder, with forward slashes.
        bytes: Size; 0 for a link to a file of the run.
        description: One line for people.
    """

    name: str
    bytes: int
    description: str


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export made.

    Attributes:
        out: The folder or file.
        files: What it holds.
        notes: What the user should know, one line each.
        next_steps: How to open it, one line each.
    """

    out: Path
    files: tuple[ExportedFile, ...]
    notes: tuple[str, ...]
    next_steps: tuple[str, ...]


class ExportFolder:
    """A folder for one export; a context manager inside which files are written.

    Leaving it without an error puts the folder in its place; leaving it by any exception, Ctrl-C included,
    removes what was written and leaves an older export as it was.

    Args:
        out: The folder; its parents are made if they are missing.
        kind: Kind of export, for the record.
        overwrite: Whether an older export may be replaced.
        placement: How files of the run get into the folder.

    Raises:
        OutputError: If the place is taken or cannot be written.
    """

    def __init__(self, out: Path, kind: str, *, overwrite: bool, placement: Placement) -> None:
        self.out = out
        self._kind = kind
        self._overwrite = overwrite
        self._placement = placement
        self._final = out.resolve()
        self._partial = _hidden(self._final, "partial")
        self._descriptions: dict[str, str] = {}

    @property
    def files(self) -> tuple[ExportedFile, ...]:
        """What was written, in the order of writing."""
        return tuple(
            ExportedFile(name, 0 if path.is_symlink() else path.stat().st_size, description)
            for name, description in self._descriptions.items()
            if (path := self._place_of(name))
        )

    def path(self, name: str, description: str) -> Path:
        """Where to write a file, given its name in the folder."""
        path = self._partial / name
        with writing(self.out):
            path.parent.mkdir(parents=True, exist_ok=True)
        self._descriptions[name] = description
        return path

    def write(self, name: str, text: str, description: str) -> None:
        """Writes a text file."""
        path = self.path(name, description)
        with writing(self.out / name):
            path.write_text(text, encoding="utf-8", newline="\n")

    def place(self, source: Path, entry: FileEntry | InputEntry, name: str, description: str) -> Path:
        """Copies or links a file that the manifest knows, after checking that it is unchanged."""
        path = self.path(name, description)
        place(source, entry, path, self._placement)
        return path

    def __enter__(self) -> "ExportFolder":
        with writing(self.out):
            refuse_taken(self.out, self._kind, overwrite=self._overwrite)
            self._final.parent.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(self._partial, ignore_errors=True)
            self._partial.mkdir()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._write_record()
                with writing(self.out):
                    self._publish()
        finally:
            shutil.rmtree(self._partial, ignore_errors=True)

    def _place_of(self, name: str) -> Path:
        partial = self._partial / name
        return partial if os.path.lexists(partial) else self._final / name

    def _write_record(self) -> None:
        content = {"format": FORMAT, "kind": self._kind, "files": sorted(self._descriptions)}
        _, noun = _called(self._kind)
        self.write(RECORD, json.dumps(content, indent=2) + "\n", f"What this {noun} holds")

    def _publish(self) -> None:
        """Puts the new folder in the place of the old one, which comes back if that fails."""
        old = _hidden(self._final, "old")
        shutil.rmtree(old, ignore_errors=True)
        if self._final.exists():
            self._final.rename(old)
        try:
            self._partial.rename(self._final)
        except BaseException:
            if old.exists():
                old.rename(self._final)
            raise
        shutil.rmtree(old, ignore_errors=True)


def refuse_taken(out: Path, kind: str, *, overwrite: bool) -> None:
    """Refuses a place that holds anything but an empty folder, or an export that may be replaced.

    Args:
        out: The place.
        kind: Kind of export that is to be written there.
        overwrite: Whether an older export may be replaced.

    Raises:
        OutputError: If the place is taken.
    """
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    if not out.is_dir():
        raise OutputError(f"{out}: is a file; name a folder")
    listed, held = _listed(out)
    foreign = sorted(_names_in(out) - listed)
    if foreign:
        _, noun = _called(kind)
        raise OutputError(f"{out}: holds {foreign[0]}, which no {noun} wrote; choose another folder")
    if not overwrite:
        what = " ".join(_called(held))
        raise OutputError(
            f"{out}: holds {what} already; choose another folder or replace it with --overwrite"
        )


def write_file(out: Path, content: bytes, *, overwrite: bool) -> None:
    """Writes one file, whole or not at all.

    Raises:
        OutputError: If there is one already that may not be replaced, or it cannot be written.
    """
    refuse_taken_file(out, overwrite=overwrite)
    final = out.resolve()
    partial = _hidden(final, "partial")
    with writing(out):
        final.parent.mkdir(parents=True, exist_ok=True)
        try:
            partial.write_bytes(content)
            partial.replace(final)
        finally:
            with suppress(FileNotFoundError):
                partial.unlink()


def refuse_taken_file(out: Path, *, overwrite: bool) -> None:
    """Refuses a folder, and a file that may not be replaced.

    Raises:
        OutputError: If the place is taken.
    """
    if out.is_dir():
        raise OutputError(f"{out}: is a folder; name a file, for example {out / 'report.html'}")
    if out.exists() and not overwrite:
        raise OutputError(f"{out}: is there already; choose another name or replace it with --overwrite")


def _hidden(final: Path, what: str) -> Path:
    """A name beside the place, of this process alone."""
    return final.with_name(f".{final.name}.{os.getpid()}.{what}")


def _called(kind: str) -> tuple[str, str]:
    return _CALLED.get(kind, ("an", "export"))


def _listed(folder: Path) -> tuple[set[str], str]:
    """The files that an older export lists, and its kind; nothing where it lists none."""
    try:
        record = json.loads((folder / RECORD).read_bytes())
        known = record["format"] == FORMAT
        return (set(record["files"]) | {RECORD}, str(record["kind"])) if known else (set(), "")
    except (OSError, ValueError, LookupError, TypeError):
        return set(), ""


def _names_in(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_symlink() or not path.is_dir()
    }
