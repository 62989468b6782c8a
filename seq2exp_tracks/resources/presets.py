"""Genomes, cell types and checkpoints by name: those of the package, then the user's, then the folder's."""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any, Self, TypeVar, get_args

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.resources.cells import Norm
from seq2exp_tracks.resources.registry import config_folder
from seq2exp_tracks.resources.sources import OnHub, Source, is_source, read_source

USER_FILE = "resources.toml"
"""Name of the user's own file in the configuration folder."""

LOCAL_FILE = "seq2exp-tracks.toml"
"""Name of the file in the working folder, which comes last."""

_GENOME_ROLES = ("fasta", "genes", "blacklist", "features")
_CELL_ROLES = ("contacts", "contact_vectors", "features", "half_life", "gene_list")

# It is a word of a command, and a part of a file's name.
_NAME = re.compile(r"\w[\w.+-]*")

Preset = TypeVar("Preset")


@dataclass(frozen=True, slots=True, kw_only=True)
class GenomePreset:
    """A genome.

    Attributes:
        name: Its name.
        files: Where its files come from, by role: `fasta`, `genes`, `blacklist`, `features`.
        cells: The cell type that is taken where none is named, or None.
    """

    name: str
    files: Mapping[str, Source]
    cells: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CellPreset:
    """A cell type.

    Attributes:
        name: Its name.
        genome: The genome that its files belong to.
        signals: Where the bigWig of each signal comes from, by the model's name for it.
        files: Where the others come from, by role: `contacts` (Hi-C), `features` (a table of the nine
            features), `half_life` and `gene_list` (the authors' two tables of genes).
        vectors: Where the authors' stored contact of their genes comes from, which is taken in place of
            `contacts` with those genes; None where there is none.
        contacts_norm: Normalisation of the contacts.
        checkpoint_cells: The cell type whose checkpoint it is scored with; None for its own.
        cage: Which measured expression goes with it, in words.
        remarks: What every output of a run on it has to tell.
    """

    name: str
    genome: str
    signals: Mapping[str, Source]
    files: Mapping[str, Source]
    vectors: OnHub | None = None
    contacts_norm: Norm = "VC"
    checkpoint_cells: str | None = None
    cage: str | None = None
    remarks: tuple[str, ...] = ()

    @property
    def all_files(self) -> dict[str, Source]:
        """Signals and all other files, by role."""
        return {f"signal:{name}": source for name, source in self.signals.items()} | dict(self.files)


@dataclass(frozen=True, slots=True)
class Presets:
    """All that is known by name.

    Attributes:
        genomes: Genomes.
        cells: Cell types.
        checkpoints: Trained weights; of a source on the Hub the file is found by the cell type, too.
    """

    genomes: Mapping[str, GenomePreset] = field(default_factory=dict)
    cells: Mapping[str, CellPreset] = field(default_factory=dict)
    checkpoints: Mapping[str, Source] = field(default_factory=dict)

    @classmethod
    def load(cls, config: Path | None = None, working: Path | None = None) -> Self:
        """Reads the package's presets, the user's file and that of the working folder.

        Args:
            config: The configuration folder; the user's where it is None.
            working: The working folder; the process's where it is None.

        Raises:
            InputError: If a file cannot be read or holds something else.
        """
        own = Path(str(files("seq2exp_tracks.resources") / "presets.toml"))
        users = (config or config_folder()) / USER_FILE
        found: dict[str, Any] = {}
        for path in (own, users, (working or Path()) / LOCAL_FILE):
            if not (path == own or path.exists()):
                continue
            try:
                table = _sources(tomllib.loads(path.read_text(encoding="utf-8")), path.parent.absolute())
                _drop_older_vectors(found, table)
                _merge(found, table)
                presets = cls(
                    _all(found.get("genomes", {}), _genome),
                    _all(found.get("cells", {}), _cells),
                    dict(found.get("checkpoints", {})),
                )
                presets._check(found)
            except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
                raise InputError(
                    f"{path}: not a file of resources ({error}); see docs/resources.md"
                ) from error
        return presets

    def _check(self, tables: Mapping[str, Any]) -> None:
        """Refuses what this module does not know, which a slip of the pen would else hide."""
        if unknown := sorted(tables.keys() - {"genomes", "cells", "checkpoints"}):
            raise ValueError(f"unknown tables: {', '.join(unknown)}")
        for name in (*self.genomes, *self.cells, *self.checkpoints):
            if not _NAME.fullmatch(name):
                raise ValueError(f"{name!r} is no name: letters, digits and _ . + - after a letter or digit")
        for name, source in self.checkpoints.items():
            if not isinstance(source, get_args(Source)):
                raise TypeError(f"checkpoint {name} has no address, hub or path")


def _sources(table: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The same tables with a source in place of each table that describes one."""
    return {
        name: (read_source(value, folder) if is_source(value) else _sources(value, folder))
        if isinstance(value, dict)
        else value
        for name, value in table.items()
    }


def _drop_older_vectors(found: dict[str, Any], later: Mapping[str, Any]) -> None:
    """Forgets the stored contact of cells whose Hi-C is replaced, which it would else come before."""
    for name, cells in later.get("cells", {}).items():
        if "contacts" in cells:
            found.get("cells", {}).get(name, {}).pop("contact_vectors", None)


def _merge(found: dict[str, Any], later: Mapping[str, Any]) -> None:
    """Puts later tables over earlier ones by name; a source is replaced as a whole."""
    for name, value in later.items():
        if isinstance(value, dict) and isinstance(found.get(name), dict):
            _merge(found[name], value)
        else:
            found[name] = value


def _all(tables: Mapping[str, Any], read: Callable[[str, dict[str, Any]], Preset]) -> dict[str, Preset]:
    return {name: read(name, dict(table)) for name, table in tables.items()}


def _genome(name: str, table: dict[str, Any]) -> GenomePreset:
    return GenomePreset(name=name, files=_taken(table, _GENOME_ROLES), **table)


def _cells(name: str, table: dict[str, Any]) -> CellPreset:
    signals = {signal: _source(source, signal) for signal, source in table.pop("signals", {}).items()}
    remarks = tuple(table.pop("remarks", ()))
    norm = table.get("contacts_norm", "VC")
    if norm not in get_args(Norm):
        raise ValueError(f"contacts_norm {norm!r} is not VC or ICE")
    taken = _taken(table, _CELL_ROLES)
    vectors = taken.pop("contact_vectors", None)
    if not isinstance(vectors, OnHub | None):
        raise ValueError("contact_vectors are found on the Hub; of your own name the folder as contacts")
    return CellPreset(name=name, signals=signals, files=taken, vectors=vectors, remarks=remarks, **table)


def _taken(table: dict[str, Any], roles: tuple[str, ...]) -> dict[str, Source]:
    """Takes the sources of some roles out of a table."""
    return {role: _source(table.pop(role), role) for role in roles if role in table}


def _source(value: Any, role: str) -> Source:
    if not isinstance(value, get_args(Source)):
        raise TypeError(f"{role} has no address, hub or path")
    source: Source = value
    return source


def checkpoint_of(source: Source, cells: str) -> Source:
    """The source of the checkpoint of a cell type."""
    return source.of(cells) if isinstance(source, OnHub) else source
