"""Every parameter of the simulator in one place, as it is written beside the data."""

import json
from collections.abc import Sequence
from dataclasses import asdict, is_dataclass
from importlib.metadata import version
from types import ModuleType

from seq2exp_tracks.simulation import (
    alignments,
    contacts,
    domains,
    elements,
    expression,
    features,
    layout,
    motifs,
    plan,
    reads,
    sequence,
    signals,
)
from seq2exp_tracks.simulation.layout import Layout
from seq2exp_tracks.simulation.setting import Setting

FORMAT = "seq2exp-tracks simulation"
VERSION = 1
# Modules whose constants are parameters, in the order in which a genome is drawn.
PARTS = (
    layout,
    plan,
    elements,
    motifs,
    domains,
    sequence,
    signals,
    contacts,
    reads,
    alignments,
    expression,
    features,
)
# Constants of those modules that are no parameters: codes of a format, names, and what is listed whole.
NOT_PARAMETERS = {
    *("BASES", "COMPLEMENT", "IUPAC", "COLUMNS", "ACTIVITY", "MOTIFS", "DEFAULT", "DEMO", "SMALL", "SIZES"),
    *("PAIRED", "PROPER", "REVERSE", "MATE_REVERSE", "FIRST", "SECOND"),
    *("ENHANCER_MOTIFS", "PROMOTER_MOTIFS", "INSULATOR_MOTIF"),
}


def parameters(
    seed: int, sizes: Layout, setting: Setting, cell_types: Sequence[str], files: Sequence[str]
) -> str:
    """The parameters of one genome as JSON.

    Args:
        seed: Seed of all random numbers.
        sizes: Of the genome.
        setting: How elements act.
        cell_types: Names in their order, which decides the random numbers of each.
        files: Names of all other files, relative to the folder.
    """
    content = {
        "format": FORMAT,
        "format_version": VERSION,
        "package_version": version("seq2exp-tracks"),
        "seed": seed,
        "cell_types": list(cell_types),
        "layout": {
            "chromosomes": dict(sizes.chromosomes),
            "genes": sizes.genes,
            "reach": sizes.reach,
            "window": sizes.window,
        },
        "setting": asdict(setting),
        "motifs": [asdict(motif) for motif in motifs.MOTIFS.values()],
        "parameters": {_name(part): constants(part) for part in PARTS},
        "files": list(files),
    }
    return json.dumps(content, indent=2) + "\n"


def constants(part: ModuleType) -> dict[str, object]:
    """The constants that a module defines itself, by name."""
    return {
        name: _plain(getattr(part, name))
        for name in _own_names(part)
        if name.isupper() and not name.startswith("_") and name not in NOT_PARAMETERS
    }


def _own_names(part: ModuleType) -> list[str]:
    """Names of a module that no other part defines: an imported constant is its own module's."""
    before = PARTS[: PARTS.index(part)]
    return [name for name in vars(part) if not any(name in vars(other) for other in before)]


def _name(part: ModuleType) -> str:
    return part.__name__.rpartition(".")[2]


def _plain(value: object) -> object:
    """A constant as JSON knows it."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, tuple) else value
