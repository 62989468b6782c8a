"""A ScoreRequest as JSON and back, so that another process or machine can go on with the same run."""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.manifest import Json
from seq2exp_tracks.pipeline.request import ScoreRequest
from seq2exp_tracks.resources.registry import GenomeEntry

_PATHS = ("checkpoint", "contacts", "labels", "out")


def to_json(request: ScoreRequest) -> dict[str, Json]:
    """Every field of a request by its name; paths are absolute, and links stay what they are."""
    content: dict[str, Any] = {field.name: getattr(request, field.name) for field in fields(request)}
    genome = request.genome
    content["genome"] = {"name": genome.name} | _absolute(genome.files)
    content["signals"] = _absolute(request.signals)
    content |= _absolute({name: content[name] for name in _PATHS if content[name] is not None})
    return {name: list(value) if isinstance(value, tuple) else value for name, value in content.items()}


def _absolute(files: Mapping[str, Path]) -> dict[str, str]:
    # The kind of a file and the index beside it go by its name, which is not that of what a link leads to.
    return {name: str(path.absolute()) for name, path in files.items()}


def from_json(content: Mapping[str, Any]) -> ScoreRequest:
    """The request that was written; fields of a later version are passed over.

    Raises:
        InputError: If it is damaged, or asks for what is not possible.
    """
    try:
        known = {field.name: content[field.name] for field in fields(ScoreRequest) if field.name in content}
        paths = {role: Path(path) for role, path in known["genome"].items() if role != "name"}
        known["genome"] = GenomeEntry(known["genome"]["name"], **paths)
        known["signals"] = {name: Path(path) for name, path in known["signals"].items()}
        known |= {name: Path(known[name]) for name in _PATHS if known.get(name) is not None}
        lists = {name: tuple(value) for name, value in known.items() if isinstance(value, list)}
        return ScoreRequest(**known | lists)
    except (LookupError, TypeError, AttributeError) as error:
        raise InputError(f"the plan of the run is damaged ({error}); begin anew with --overwrite") from error
