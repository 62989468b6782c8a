"""The protocol of a comparison: every option and the checksum of every input, written first.

Methods, seeds and simulated settings may join later: their results have folders of their own. So may a truth
and what masks are compared with: they are then measured again. Whatever else differs from the protocol of a
folder is refused there.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seq2exp_tracks.comparison.cases import cases_of
from seq2exp_tracks.comparison.methods import Method
from seq2exp_tracks.comparison.request import CompareRequest, OwnData
from seq2exp_tracks.comparison.steps import train_request
from seq2exp_tracks.errors import InputError, OutputError
from seq2exp_tracks.io.checksum import sha256_of
from seq2exp_tracks.io.writing import writing
from seq2exp_tracks.progress import Progress
from seq2exp_tracks.training.recipe import Json, by_content, differences, write_json

NAME = "protocol.json"
AGAINST = "against:"

# What trained models are measured against, not what they are; peaks decide a training.
_MEASURED_BY = ("truth", "crispr", AGAINST)
_ROWS_THAT_COUNT = "cell_type"

# Where it is computed; what that changes of the numbers, the precision, is an option of its own.
_NOT_DECIDING = ("device", "devices")


def protocol_of(request: CompareRequest, progress: Progress) -> dict[str, Any]:
    """What decides the results of a comparison, but for methods, seeds and simulated settings.

    Args:
        request: The comparison.
        progress: Who is told of each checksum.

    Raises:
        InputError: If an input cannot be read.
    """
    training = {name: value for name, value in sorted(request.training.items()) if name not in _NOT_DECIDING}
    data = request.data
    if not isinstance(data, OwnData):
        simulated = {"size": data.size, "genes": data.genes}
        return {"training": training, "simulation": simulated, "data": {}, "inputs": {}}
    files = _files(request, data)
    progress.stage("Checksums of the inputs", len(files))
    inputs = {}
    for role, path in files.items():
        inputs[role] = {"path": str(path), "sha256": _checksum(role, path)}
        progress.advance()
    plain = {
        name: value
        for name, value in data.inputs.items()
        if isinstance(value, bool | int | str | tuple) and name not in ("labels", "split")
    }
    split = str(data.inputs.get("split", "chromosomes"))
    chosen = {"split": "table" if "split" in inputs else split, _ROWS_THAT_COUNT: data.cell_type}
    return {"training": training, "simulation": None, "data": plain | chosen, "inputs": inputs}


def take_place(out: Path, protocol: Mapping[str, Any]) -> None:
    """Makes the folder ready for results of a protocol: new, or left by a comparison of the same.

    Raises:
        OutputError: If it holds something else, or cannot be written.
        InputError: If it holds a comparison of another protocol.
    """
    path, now = out / NAME, json.loads(json.dumps(protocol))
    if not path.exists():
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise OutputError(f"{out}: holds something else than a comparison; choose another folder")
        with writing(out):
            out.mkdir(parents=True, exist_ok=True)
        write_json(now, path)
        return
    try:
        began = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: not a protocol ({error}); compare into another folder") from error
    if differing := list(differences(_deciding(began), _deciding(now))):
        raise InputError(
            f"{out}: holds results of other values of {', '.join(differing[:5])}"
            f"{', …' if len(differing) > 5 else ''}; give the same options, or compare into another folder"
        )
    if began != now:
        write_json(now, path)


def _files(request: CompareRequest, data: OwnData) -> dict[str, Path]:
    """Every file that is read, by its role."""
    asked = train_request(cases_of(request)[0], Method.named("soft"), request.training)
    given = {
        "truth": data.truth,
        "crispr": data.crispr,
        "peaks": data.peaks,
        "reads": data.bam,
        **{f"{AGAINST}{name}": path for name, path in data.against.items()},
    }
    return asked.inputs | {role: path for role, path in given.items() if path is not None}


def _checksum(role: str, path: Path) -> str:
    if not path.is_file():
        raise InputError(f"{path}: no such file ({role})")
    return sha256_of(path)


def _deciding(protocol: Mapping[str, Any]) -> Json:
    """What a protocol says of trainings, with files known by their content only."""
    known = by_content(protocol)
    inputs = {role: file for role, file in known["inputs"].items() if not role.startswith(_MEASURED_BY)}
    data = {name: value for name, value in known["data"].items() if name != _ROWS_THAT_COUNT}
    return known | {"inputs": inputs, "data": data}
