"""What a run was made from, as rows of a table for people: names of files, not where they lay.

A hub is read by strangers: folders of the machine, its name and the command line stay out of it.
"""

from dataclasses import dataclass
from pathlib import PurePath

from seq2exp_tracks.manifest import Manifest


@dataclass(frozen=True, slots=True)
class InputRow:
    """A file that the run was made from."""

    role: str
    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a run was made from.

    Attributes:
        facts: Name and value, one row each.
        inputs: The files that were read, the weights first.
        versions: Versions of what the numbers depend on.
        notes: Warnings and remarks of the run.
    """

    facts: tuple[tuple[str, str], ...]
    inputs: tuple[InputRow, ...]
    versions: dict[str, str]
    notes: tuple[str, ...]


def provenance(manifest: Manifest) -> Provenance:
    """Tells a run's provenance without the places of its files."""
    model = manifest.model
    facts = (
        *([("Run id", manifest.run_id)] if manifest.run_id else ()),
        *([("Cells", manifest.cells)] if manifest.cells else ()),
        ("Genome", manifest.genome),
        ("Model", f"Seq2Exp, {model.setting}"),
        ("Window", f"{model.window:,} bp around the TSS"),
        ("Genes scored", f"{manifest.n_genes:,}"),
        ("Overlapping windows merged by", manifest.merge),
        *_element_facts(manifest),
        ("Made", manifest.created),
    )
    weights = InputRow("weights", PurePath(model.checkpoint).name, 0, model.sha256)
    inputs = (InputRow(row.role, PurePath(row.path).name, row.bytes, row.sha256) for row in manifest.inputs)
    notes = tuple(_without_folder(note) for note in manifest.notes)
    return Provenance(facts, (weights, *inputs), manifest.versions, notes)


def _element_facts(manifest: Manifest) -> list[tuple[str, str]]:
    settings = manifest.settings.get("elements")
    if not isinstance(settings, dict):
        return []
    if settings.get("top_share") is not None:
        bases = f"the share {settings['top_share']} of a window with the highest scores"
    else:
        bases = f"bases with a score of at least {settings.get('threshold')}"
    return [
        (
            "Elements",
            f"{bases}; joined over gaps of up to {settings.get('gap')} bp; "
            f"at least {settings.get('min_length')} bp long",
        )
    ]


def _without_folder(note: str) -> str:
    """A note that begins with the path of a file, beginning with its name instead."""
    place, colon, rest = note.partition(": ")
    return f"{PurePath(place).name}{colon}{rest}" if colon and "/" in place else note
