"""In what two runs differ that decides their results: weights, inputs, settings, version."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from seq2exp_tracks.manifest import InputEntry, Json, Manifest

_DIGITS = 12  # of a checksum, as people compare them

_STORED = "contacts:"  # before the chromosome, in the role of a file of stored vectors

_ROLES = {
    "fasta": "the sequence",
    "genes": "the annotation",
    "features": "the gene features",
    "blacklist": "the blacklist",
    "contacts": "the contacts",
    "labels": "the measured expression",
}


@dataclass(frozen=True, slots=True)
class RunDifference:
    """Something that two runs do not have in common.

    Attributes:
        what: What it is.
        a: What the first run has.
        b: What the second run has.
    """

    what: str
    a: str
    b: str

    def __str__(self) -> str:
        return f"the runs differ in {self.what}: {self.a} in A, {self.b} in B"


def run_differences(a: Manifest, b: Manifest) -> tuple[RunDifference, ...]:
    """What the manifests of two runs on one genome do not tell alike.

    What a manifest of an earlier version leaves out is no difference. Nor is which genes were scored, as the
    tables have them.
    """
    return (*_models(a, b), *_inputs(a, b), *_settings(a, b), *_versions(a, b))


def _models(a: Manifest, b: Manifest) -> Iterator[RunDifference]:
    rows = (
        ("the name of the genome", a.genome, b.genome),
        ("the kind of model", a.model.setting, b.model.setting),
        ("the window", f"{a.model.window:,} bp", f"{b.model.window:,} bp"),
    )
    yield from (RunDifference(*row) for row in rows if row[1] != row[2])
    if a.cells and b.cells and a.cells != b.cells:
        yield RunDifference("the name of the cells", a.cells, b.cells)
    if a.model.sha256 != b.model.sha256:
        ours, theirs = (_file(run.model.checkpoint, run.model.sha256) for run in (a, b))
        yield RunDifference("the weights", ours, theirs)


def _inputs(a: Manifest, b: Manifest) -> Iterator[RunDifference]:
    ours, theirs = ({entry.role: entry for entry in run.inputs} for run in (a, b))
    for role in _in_order(ours, theirs):
        if _checksum(ours, role) != _checksum(theirs, role):
            what = _ROLES.get(role, role.replace("signal:", "the signal "))
            yield RunDifference(what, _told(ours, role), _told(theirs, role))
    # A run reads the stored vectors of its genes' chromosomes only.
    stored = [role for role in ours.keys() & theirs.keys() if role.startswith(_STORED)]
    other = sorted(role for role in stored if ours[role].sha256 != theirs[role].sha256)
    if other:
        chroms = ", ".join(role.removeprefix(_STORED) for role in other)
        yield RunDifference(f"the stored contact of {chroms}", _told(ours, other[0]), _told(theirs, other[0]))


def _in_order(*inputs: Mapping[str, InputEntry]) -> list[str]:
    """The roles of either run, each once; stored vectors count as contacts."""
    roles = (role for entries in inputs for role in entries)
    return list(dict.fromkeys("contacts" if role.startswith(_STORED) else role for role in roles))


def _checksum(entries: Mapping[str, InputEntry], role: str) -> str:
    """What tells a file from another; nothing where there is none."""
    if role == "contacts" and any(name.startswith(_STORED) for name in entries):
        return "stored"
    return entries[role].sha256 if role in entries else ""


def _told(entries: Mapping[str, InputEntry], role: str) -> str:
    if role in entries:
        return _file(entries[role].path, entries[role].sha256)
    return "stored vectors" if _checksum(entries, role) else "none"


def _file(path: str, sha256: str) -> str:
    """A file by its name: where it lies says nothing of what it holds."""
    return f"{PurePath(path).name} (sha256 {sha256[:_DIGITS]})"


def _settings(a: Manifest, b: Manifest) -> Iterator[RunDifference]:
    if a.merge != b.merge:
        yield RunDifference("the rule for bases of several windows", a.merge, b.merge)
    ours, theirs = ({"resolution": 1} | run.settings for run in (a, b))
    for name, (what, words) in _SETTINGS.items():
        if name in ours and name in theirs:
            first, second = words(ours[name]), words(theirs[name])
            # Without contacts there is nothing to normalise; the inputs tell it.
            if first != second and not (name == "contacts" and "none" in (first, second)):
                yield RunDifference(what, first, second)


def _versions(a: Manifest, b: Manifest) -> Iterator[RunDifference]:
    for name, what in (
        ("seq2exp-tracks", "the version of seq2exp-tracks"),
        ("code", "the code of seq2exp-tracks"),
    ):
        ours, theirs = a.versions.get(name), b.versions.get(name)
        if ours and theirs and ours != theirs:
            yield RunDifference(what, ours, theirs)


def _plain(value: Json) -> str:
    return "the default" if value is None else str(value)


def _yes(value: Json) -> str:
    return "yes" if value else "no"


def _list(value: Json) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) and value else "none"


def _types(value: Json) -> str:
    return _list(value) if value else "the default"


def _method(value: Json) -> str:
    return str(value.get("method")) if isinstance(value, dict) else "none"


def _windows(value: Json) -> str:
    return "shared passes of the generator" if value else "exact windows"


def _calls(value: Json) -> str:
    chosen = value.items() if isinstance(value, dict) else ()
    return ", ".join(f"{name} {setting}" for name, setting in chosen if setting is not None)


_SETTINGS: dict[str, tuple[str, Callable[[Json], str]]] = {
    "contacts": ("the normalisation of the contacts", _plain),
    "without": ("the signals that were not measured", _list),
    "clip_negative": ("whether negative signal was read as 0", _yes),
    "match_scale": ("how signals were brought to the scale of the training", _method),
    "gene_types": ("the biotypes that were taken", _types),
    "bed_tss": ("where the TSS of a BED row is", _plain),
    "shared_generator": ("how windows were computed", _windows),
    "precision_compute": ("the precision of the arithmetic", _plain),
    "elements": ("how elements were called", _calls),
    "resolution": ("bases a value", _plain),
    "bin_by": ("what a bin holds", _plain),
    "precision": ("the decimals of the tracks", _plain),
}
"""Settings of a manifest that decide results: what each is, and its value in words."""
