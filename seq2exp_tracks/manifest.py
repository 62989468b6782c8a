"""The manifest of a run: what was written and from what. The whole contract with whoever shows the results.

It is a JSON file, `manifest.json`, of the format that docs/formats.md describes. Only it holds the time, the
command and the host of a run, so that every other file is the same for the same inputs.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path, PurePosixPath
from typing import Any, TypeAlias, TypeVar

from seq2exp_tracks.errors import InputError, OutputError
from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.origin import Origin

FILE_NAME = "manifest.json"
FORMAT = "seq2exp-tracks run"
VERSION = "1.3"

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None
_Entry = TypeVar("_Entry", "FileEntry", "InputEntry", "ModelEntry", "Chromosome")


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file of the run.

    Attributes:
        path: Path relative to the run's folder, with forward slashes.
        kind: Format: `bigwig`, `bed`, `bedpe` or `parquet`.
        content: What it holds: `track`, `expression`, `genes`, `elements` or `links`.
        description: One line for people.
        bytes: Size.
        sha256: Checksum of its bytes, as hexadecimal digits.
        track: Name of the track, for a bigWig file.
        unit: Unit of the values, for a bigWig file.
        decimals: Decimals that the values are rounded to, for a bigWig file.
        gene_id: The gene whose own window it holds, before merging; None for files of all genes.
    """

    path: str
    kind: str
    content: str
    description: str
    bytes: int
    sha256: str
    track: str | None = None
    unit: str | None = None
    decimals: int | None = None
    gene_id: str | None = None

    def __post_init__(self) -> None:
        path = PurePosixPath(self.path)
        if path.is_absolute() or ".." in path.parts or path.parts in ((), (".",)):
            raise ValueError(f"file path {self.path!r} does not lie inside the run's folder")


@dataclass(frozen=True, slots=True)
class InputEntry:
    """A file that the run was made from.

    Attributes:
        role: `fasta`, `genes`, `features`, `blacklist`, `labels`, `contacts` or `signal:NAME`.
        path: Where it was.
        bytes: Size.
        sha256: Checksum of its bytes, as hexadecimal digits.
    """

    role: str
    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """The trained model.

    Attributes:
        setting: `soft` or `hard`.
        window: Length of the window in bp, padding included.
        config: The model's configuration.
        checkpoint: Where the weights were.
        sha256: Checksum of the checkpoint file.
    """

    setting: str
    window: int
    config: dict[str, Json]
    checkpoint: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Chromosome:
    """A chromosome of the genome and its length in bp."""

    name: str
    length: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a run wrote and from what.

    Attributes:
        genome: Name of the genome.
        chromosomes: Its chromosomes in their order, the same for every file.
        model: The trained model.
        merge: Rule for bases of several windows: `max`, `mean` or `nearest`.
        n_genes: Genes that were scored.
        files: Everything that was written, but this manifest.
        inputs: Everything that was read.
        settings: All settings of the run by name.
        versions: Versions of this package and of those that the numbers depend on.
        notes: Warnings and remarks, one line each.
        created: When the run ended, ISO 8601 with time zone.
        command: The command line.
        host: The machine.
        run_id: Checksum of what decides the files; empty in a manifest of a version before 1.2.
        cells: Name of the cells; empty where nothing named them, and in a manifest of a version before 1.3.
    """

    genome: str
    chromosomes: tuple[Chromosome, ...]
    model: ModelEntry
    merge: str
    n_genes: int
    files: tuple[FileEntry, ...]
    inputs: tuple[InputEntry, ...]
    settings: dict[str, Json]
    versions: dict[str, str]
    notes: tuple[str, ...] = ()
    created: str = ""
    command: str = ""
    host: str = ""
    run_id: str = ""
    cells: str = ""
    version: str = field(default=VERSION)

    @property
    def sizes(self) -> ChromSizes:
        """The chromosomes as the rest of the package knows them."""
        return ChromSizes({chrom.name: chrom.length for chrom in self.chromosomes})

    @property
    def origin(self) -> Origin | None:
        """What other files say of the run; None for one of a version that had no id."""
        if not self.run_id:
            return None
        version = self.versions.get("seq2exp-tracks", "")
        model, fasta = self.model, next((entry.sha256 for entry in self.inputs if entry.role == "fasta"), "")
        return Origin(self.run_id, fasta, model.setting, self.merge, model.sha256, str(version))

    def heading(self, name: str) -> str:
        """What a page of the run is headed by: its cells, and the name that it goes by."""
        return name if self.cells in ("", name) else f"{self.cells} ({name})"

    def write(self, path: Path) -> None:
        """Writes the manifest.

        Raises:
            OutputError: If the file cannot be written.
        """
        text = json.dumps({"format": FORMAT} | asdict(self), indent=2, ensure_ascii=False, allow_nan=False)
        try:
            path.write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            raise OutputError(
                f"{path}: cannot be written ({error.strerror or error}); choose another output folder"
            ) from error

    @classmethod
    def read(cls, path: Path) -> "Manifest":
        """Reads the manifest of a run; fields of a later minor version are passed over.

        Args:
            path: The manifest or the run's folder.

        Raises:
            InputError: If there is none, it is damaged, or it is of a later major version.
        """
        file = path / FILE_NAME if path.is_dir() else path
        try:
            content = json.loads(file.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise InputError(
                f"{path}: not a run folder (no {FILE_NAME}); give the folder that `score` wrote to"
            ) from error
        except (OSError, ValueError, RecursionError) as error:
            raise InputError(f"{file}: cannot be read ({_one_line(error)}); run `score` again") from error
        _check_version(file, content)
        try:
            return _manifest(content)
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"{file}: damaged manifest ({_one_line(error)}); run `score` again") from error


def _check_version(file: Path, content: object) -> None:
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise InputError(f"{file}: not the manifest of a run; give the folder that `score` wrote to")
    version = str(content.get("version"))
    major = version.split(".")[0]
    if not (major.isdecimal() and len(major) < 10):
        raise InputError(f"{file}: its version {version!r} is not a version; run `score` again")
    if int(major) > int(VERSION.split(".")[0]):
        raise InputError(
            f"{file}: version {version} is later than {VERSION}, which this seq2exp-tracks reads; upgrade it"
        )


def _manifest(content: dict[str, Any]) -> Manifest:
    return Manifest(
        genome=_typed(content, "genome", str),
        chromosomes=_entries(Chromosome, content, "chromosomes"),
        model=_entry(ModelEntry, _typed(content, "model", dict)),
        merge=_typed(content, "merge", str),
        n_genes=_typed(content, "n_genes", int),
        files=_entries(FileEntry, content, "files"),
        inputs=_entries(InputEntry, content, "inputs"),
        settings=_typed(content, "settings", dict),
        versions=_typed(content, "versions", dict),
        notes=tuple(map(str, _typed(content, "notes", list))),
        created=_typed(content, "created", str),
        command=_typed(content, "command", str),
        host=_typed(content, "host", str),
        run_id=_typed({"run_id": ""} | content, "run_id", str),
        cells=_typed({"cells": ""} | content, "cells", str),
        version=_typed(content, "version", str),
    )


def _typed(content: Mapping[str, Any], name: str, kind: type) -> Any:
    """A field of the manifest, of the type that it has to have."""
    value = content[name]
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise TypeError(f"{name} is {value!r}")
    return value


def _entries(kind: type[_Entry], content: Mapping[str, Any], name: str) -> tuple[_Entry, ...]:
    return tuple(_entry(kind, entry) for entry in _typed(content, name, list))


def _entry(kind: type[_Entry], content: dict[str, Any]) -> _Entry:
    """An entry from its fields; those that may be absent keep their default."""
    known: dict[str, Any] = {}
    for column in fields(kind):
        if column.name not in content and column.default is None:
            continue
        value = content[column.name]
        if not isinstance(value, _PLAIN[column.type]) or isinstance(value, bool):
            raise TypeError(f"{column.name} is {value!r}")
        known[column.name] = value
    return kind(**known)


_PLAIN: dict[Any, Any] = {
    str: str,
    int: int,
    dict[str, Json]: dict,
    str | None: str | None,
    int | None: int | None,
}


def _one_line(error: Exception) -> str:
    text = f"no {error}" if isinstance(error, KeyError) else str(error)
    return " ".join(text.split())[:200]
