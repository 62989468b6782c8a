"""Cells: the files of a cell type, kept in one TOML file that `score --cells` takes.

    [cells]
    name = "my_cells"
    genome = "hg38"
    contacts = "my_cells.mcool"
    contacts_norm = "VC"
    features = "features.tsv"
    without = []
    remarks = ["features: derived"]

    [cells.signals]
    H3K27ac = "H3K27ac.bw"
    DNase = "DNase.bw"

Paths are relative to the folder of the file. Only name and signals are required.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, Self, get_args

import tomli_w

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.io.whole_file import whole_file

Norm = Literal["VC", "ICE"]

_TEXTS = ("name", "genome", "contacts", "contacts_norm", "features")
_LISTS = ("without", "remarks")
_KNOWN = {*_TEXTS, *_LISTS, "signals"}

# What remarks on the table of features begin with.
_OF_FEATURES = ("features", "promoter activity")


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What is given beside the file of the cells; None or empty for what is left to it.

    Attributes:
        signals: bigWig of each signal, by its name.
        contacts: Hi-C file.
        no_contacts: Whether to do without Hi-C.
        contacts_norm: Normalisation of the contacts.
        features: Table of features.
        without: Signals to do without.
    """

    signals: Mapping[str, Path] = field(default_factory=dict)
    contacts: Path | None = None
    no_contacts: bool = False
    contacts_norm: Norm | None = None
    features: Path | None = None
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """The inputs of a cell type.

    Attributes:
        name: Name of the cells.
        signals: bigWig of each signal, by the model's name for it.
        genome: Name of the registered genome that they belong to, or None.
        contacts: Hi-C file, or None.
        contacts_norm: Normalisation of the contacts.
        features: Table of the nine features of each gene in these cells, or None for the genome's own.
        without: Signals that were not measured, and are 0 everywhere.
        remarks: What every output of a run on them has to tell, such as `features: derived`.
    """

    name: str
    signals: Mapping[str, Path]
    genome: str | None = None
    contacts: Path | None = None
    contacts_norm: Norm = "VC"
    features: Path | None = None
    without: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @classmethod
    def read(cls, path: Path) -> Self:
        """Reads cells from a TOML file; their paths become relative to the working folder or absolute.

        Raises:
            InputError: If the file cannot be read or is not one of cells.
        """
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))["cells"]
            _check(table)
        except FileNotFoundError as error:
            raise InputError(f"{path}: no such file; seq2exp-tracks prepare writes it") from error
        except UnicodeDecodeError as error:
            raise InputError(
                f"{path}: not a file of cells, which is text; give the cells.toml that seq2exp-tracks "
                "prepare writes, or signals by --signal"
            ) from error
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise InputError(f"{path}: not a file of cells ({error}); see docs/resources.md") from error
        folder = path.parent
        return cls(
            name=table["name"],
            signals={name: folder / file for name, file in table["signals"].items()},
            genome=table.get("genome"),
            contacts=folder / table["contacts"] if "contacts" in table else None,
            contacts_norm=table.get("contacts_norm", "VC"),
            features=folder / table["features"] if "features" in table else None,
            without=tuple(table.get("without", ())),
            remarks=tuple(table.get("remarks", ())),
        )

    def overridden(self, given: Given, channel: Callable[[str], str] = str) -> Self:
        """The same cells with what is given in the place of their own, one by one.

        Remarks on what is another now are left out: they begin with its name.

        Args:
            given: What comes first.
            channel: The model's name of a signal that people call otherwise.
        """

        def named(name: str) -> str:
            return channel(name).casefold()

        files, absent = {named(name) for name in given.signals}, {named(name) for name in given.without}
        about = files | absent | ({*_OF_FEATURES} if given.features else set())
        return replace(
            self,
            signals={
                **{name: file for name, file in self.signals.items() if named(name) not in files | absent},
                **given.signals,
            },
            contacts=None if given.no_contacts else given.contacts or self.contacts,
            contacts_norm=given.contacts_norm or self.contacts_norm,
            features=given.features or self.features,
            without=(
                *dict.fromkeys(given.without),
                *(name for name in self.without if named(name) not in files | absent),
            ),
            remarks=tuple(remark for remark in self.remarks if named(remark.partition(":")[0]) not in about),
        )

    def write(self, path: Path) -> None:
        """Writes the cells; files below the folder of `path` by relative paths, others by absolute ones.

        Raises:
            OutputError: If it cannot be written.
        """
        folder = path.parent.resolve()

        def told(file: Path) -> str:
            whole = file.resolve()
            return str(whole.relative_to(folder) if whole.is_relative_to(folder) else whole)

        table: dict[str, Any] = {"name": self.name, "contacts_norm": self.contacts_norm}
        table |= {"genome": self.genome} if self.genome else {}
        table |= {"contacts": told(self.contacts)} if self.contacts else {}
        table |= {"features": told(self.features)} if self.features else {}
        table |= {name: list(texts) for name in _LISTS if (texts := getattr(self, name))}
        table["signals"] = {name: told(file) for name, file in self.signals.items()}
        with whole_file(path) as partial:
            partial.write_text(tomli_w.dumps({"cells": table}), encoding="utf-8")


def _check(table: Any) -> None:
    """Refuses what is no table of cells."""
    if not isinstance(table, dict):
        raise TypeError("cells is no table")
    if unknown := sorted(table.keys() - _KNOWN):
        raise ValueError(f"unknown entries: {', '.join(unknown)}")
    for name in _TEXTS:
        if not isinstance(table.get(name, ""), str):
            raise TypeError(f"{name} is no text")
    signals = table["signals"]
    if not isinstance(signals, dict) or not all(isinstance(file, str) for file in signals.values()):
        raise TypeError("signals are no table of files")
    for name in _LISTS:
        texts = table.get(name, [])
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise TypeError(f"{name}: no list of texts")
    if not table["name"]:
        raise ValueError("name is empty")
    if table.get("contacts_norm", "VC") not in get_args(Norm):
        raise ValueError(f"contacts_norm {table['contacts_norm']!r} is not VC or ICE")
