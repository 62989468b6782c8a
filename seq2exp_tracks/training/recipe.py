"""What a training run was made from and how, as JSON: written first, and compared when it goes on."""

import hashlib
import json
import platform
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.io.checksum import sha256_of
from seq2exp_tracks.io.whole_file import whole_file
from seq2exp_tracks.training.models import Config
from seq2exp_tracks.training.request import TrainRequest
from seq2exp_tracks.training.settings import TrainingSettings
from seq2exp_tracks.training.splits import Split

Json = dict[str, Any]

_VERSIONS = "versions"
"""A run may go on under others than it began with, and says so."""


def recipe_of(request: TrainRequest, config: Config, settings: TrainingSettings, split: Split) -> Json:
    """Everything that decides the numbers of a run.

    Raises:
        InputError: If a file cannot be read.
    """
    return {
        "setting": str(request.setting),
        "model": config.to_json(),
        "training": asdict(settings),
        "split": request.split,
        "parts": {
            part: {"genes": len(genes), "sha256": _checksum([gene.id for gene in genes])}
            for part, genes in split
        },
        "data": {
            "contacts_norm": request.contacts_norm if request.contacts else "none",
            "clip_negative": request.clip_negative,
            "gene_types": request.gene_types,
            "bed_tss": request.bed_tss,
            "label_column": request.label_column,
            "label_counts": request.label_counts,
            **_published(request),
            "fixed_share": request.fixed_share,
            **_told_of_cells(request),
        },
        "inputs": {
            # Absolute, to be found from any folder.
            role: {"path": str(path.absolute()), "sha256": sha256_of(path)}
            for role, path in request.inputs.items()
        },
        _VERSIONS: versions(),
    }


def versions() -> dict[str, str]:
    """Versions of what computes."""
    found = {name: version(name) for name in ("seq2exp-tracks", "torch", "numpy", "lightning-fabric")}
    return found | {"python": platform.python_version()}


def _told_of_cells(request: TrainRequest) -> Json:
    """What a file of cells tells, and what was derived; recipes from before there was any are the same."""
    told = {"cells": request.cells, "without": list(request.without), "remarks": list(request.remarks)}
    return {name: value for name, value in told.items() if value}


def _published(request: TrainRequest) -> Json:
    """What is read of the authors' folder; nothing where there is none."""
    if request.published is None:
        return {}
    # Their contact is shifted near the ends of chromosomes, as they trained on it.
    return {
        "published": {"cell_type": request.cell_type, "label": request.expression, "alignment": "published"}
    }


def check_same(path: Path, recipe: Json) -> list[str]:
    """Refuses to go on with a run that began by another recipe.

    Args:
        path: The recipe that it began by.
        recipe: The present one.

    Returns:
        What the user should know, one line each: versions that are others than the run began with.

    Raises:
        InputError: If they differ in more than versions; names in what.
    """
    try:
        began: Json = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: not the recipe of a run ({error}); train anew with --overwrite") from error
    now: Json = json.loads(json.dumps(recipe))
    before, present = began.pop(_VERSIONS, {}), now.pop(_VERSIONS, {})
    if differing := list(differences(by_content(began), by_content(now))):
        raise InputError(
            f"{path.parent}: cannot go on with this run, which began with other values of "
            f"{', '.join(differing[:5])}{', …' if len(differing) > 5 else ''}; "
            "give the same options, or train anew with --overwrite"
        )
    changed = [
        f"{name} {before.get(name, 'none')} (now {present.get(name, 'none')})"
        for name in differences(before, present)
    ]
    return [f"{path.parent}: began with {', '.join(changed)}; the numbers may differ"] if changed else []


def write_json(content: Json, path: Path) -> None:
    """Writes JSON that people can read, and every program: without NaN.

    Raises:
        OutputError: If the file cannot be written.
    """
    with whole_file(path) as partial:
        partial.write_text(json.dumps(content, indent=2, allow_nan=False) + "\n")


def differences(one: Mapping[str, Any], other: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """Names of the values in which two records differ, with the names above them."""
    for name in sorted(one.keys() | other.keys()):
        mine, theirs = one.get(name), other.get(name)
        if isinstance(mine, dict) and isinstance(theirs, dict):
            yield from differences(mine, theirs, f"{above}{name}.")
        elif mine != theirs:
            yield f"{above}{name}"


def by_content(record: Mapping[str, Any]) -> Json:
    """A record in which files are known by their content only."""
    inputs = record.get("inputs", {})
    return dict(record) | {"inputs": {role: entry["sha256"] for role, entry in inputs.items()}}


def _checksum(names: list[str]) -> str:
    return hashlib.sha256("\n".join(names).encode()).hexdigest()
