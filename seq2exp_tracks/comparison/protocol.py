"""The protocol of a comparison: every option and the checksum of every input, written first.

Methods, seeds and simulated settings may join later: their results have folders of their own. Whatever else
differs from the protocol of a folder is refused there.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

from seq2exp_tracks.comparison.cases import cases_of
from seq2exp_tracks.comparison.methods import Method
from seq2exp_tracks.comparison.request import CompareRequest, OwnData
from seq2exp_tracks.comparison.steps import train_request
from seq2exp_tracks.errors import InputError, OutputError
from seq2exp_tracks.io.whole_file import whole_file
from seq2exp_tracks.io.writing import writing
from seq2exp_tracks.manifest import sha256_of
from seq2exp_tracks.progress import Progress

NAME = "protocol.json"

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
    chosen = {"split": "table" if "split" in inputs else split, "cell_type": data.cell_type}
    return {"training": training, "simulation": None, "data": plain | chosen, "inputs": inputs}


@contextmanager
def claimed(out: Path) -> Iterator[None]:
    """Keeps a second comparison out of a folder; the system lets go of it if this process dies.

    Raises:
        OutputError: If another one is computed into it.
    """
    with writing(out):
        folder = os.open(out, os.O_RDONLY)
    try:
        # Some network file systems know no locks: there a second one is not noticed.
        with suppress(OSError):
            try:
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise OutputError(
                    f"{out}: another comparison is being computed into it; wait or choose another folder"
                ) from error
        yield
    finally:
        os.close(folder)


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
        with whole_file(path) as partial:
            partial.write_text(json.dumps(now, indent=2) + "\n")
        return
    try:
        began = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: not a protocol ({error}); compare into another folder") from error
    if differing := list(_differing(_known_by_content(began), _known_by_content(now))):
        raise InputError(
            f"{out}: holds results of other values of {', '.join(differing[:5])}"
            f"{', …' if len(differing) > 5 else ''}; give the same options, or compare into another folder"
        )


def versions() -> dict[str, str]:
    """Versions of what computes."""
    return {name: version(name) for name in ("seq2exp-tracks", "torch", "numpy", "lightning-fabric")}


def _files(request: CompareRequest, data: OwnData) -> dict[str, Path]:
    """Every file that is read, by its role."""
    asked = train_request(cases_of(request)[0], Method.named("soft"), request.training)
    given = {
        "truth": data.truth,
        "crispr": data.crispr,
        "peaks": data.peaks,
        "reads": data.bam,
        **{f"against:{name}": path for name, path in data.against.items()},
    }
    return asked.inputs | {role: path for role, path in given.items() if path is not None}


def _checksum(role: str, path: Path) -> str:
    if not path.is_file():
        raise InputError(f"{path}: no such file ({role})")
    return sha256_of(path)


def _differing(one: Mapping[str, Any], other: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """Names of the values in which two protocols differ."""
    for name in sorted(one.keys() | other.keys()):
        mine, theirs = one.get(name), other.get(name)
        if isinstance(mine, dict) and isinstance(theirs, dict):
            yield from _differing(mine, theirs, f"{above}{name}.")
        elif mine != theirs:
            yield f"{above}{name}"


def _known_by_content(protocol: Mapping[str, Any]) -> dict[str, Any]:
    """A protocol in which files are known by their content only."""
    inputs = protocol.get("inputs", {})
    return dict(protocol) | {"inputs": {role: entry["sha256"] for role, entry in inputs.items()}}
