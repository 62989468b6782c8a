"""The inputs of a run that can still be shown, and what is to be said of those that cannot.

A run's folder does not hold what it was made from. The manifest says where that was; it may have been moved,
changed, or lie on another machine.
"""

from dataclasses import dataclass
from pathlib import Path

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.manifest import InputEntry, Manifest

SIGNAL_ROLE = "signal:"
VECTORS_ROLE = "contacts:"
# Signals that are drawn first; the others follow in the order of the manifest.
_FIRST = ("DNase",)


@dataclass(frozen=True, slots=True)
class FoundInputs:
    """What a run was made from, as far as it is still there.

    Attributes:
        signals: bigWig of each signal by name, in the order of drawing.
        contacts: Hi-C of which contact with the TSS is shown; None where the model read none.
        contact_map: Hi-C that is shown as a map.
        genes: Annotation of genes.
        missing: One line for each input that is not shown: which, why, and the way out.
    """

    signals: dict[str, Path]
    contacts: Path | None
    contact_map: Path | None
    genes: Path | None
    missing: tuple[str, ...]


def find_inputs(manifest: Manifest, *, genes: Path | None = None, hic: Path | None = None) -> FoundInputs:
    """Looks for the inputs of a run where its manifest says.

    Whether a file is the same as at the time of the run is told by its size: checksums of whole signals and
    Hi-C maps would keep people waiting.

    Args:
        manifest: The manifest.
        genes: Annotation to show instead of the run's.
        hic: Hi-C map to show instead of the run's; contact with the TSS is shown from it only where the run's
            own file is not there, because a model read that one.

    Raises:
        InputError: If a file that was asked for by its name is not there.
    """
    for given, option in ((genes, "--genes"), (hic, "--hic")):
        if given is not None and not given.is_file():
            raise InputError(f"{given}: no such file, given by {option}; name one that is there")
    missing: list[str] = []
    signals: dict[str, Path] = {}
    for entry in sorted(
        (entry for entry in manifest.inputs if entry.role.startswith(SIGNAL_ROLE)), key=_rank
    ):
        name = entry.role.removeprefix(SIGNAL_ROLE)
        if problem := _problem(entry):
            missing.append(f"{name}: {problem}; put the bigWig of the run back there")
        else:
            signals[name] = Path(entry.path)
    contacts = _input(manifest, "contacts", "Hi-C", "--hic FILE", hic, missing)
    if hic is None and any(entry.role.startswith(VECTORS_ROLE) for entry in manifest.inputs):
        missing.append("Hi-C: the run read a stored vector for each TSS; show a map with --hic FILE")
    annotation = _input(manifest, "genes", "Gene annotation", "--genes GTF", genes, missing)
    return FoundInputs(signals, contacts, hic or contacts, genes or annotation, tuple(missing))


def _input(
    manifest: Manifest, role: str, title: str, option: str, given: Path | None, missing: list[str]
) -> Path | None:
    """Where an input still is, or what was given in its place; a line where there is neither."""
    entry = next((entry for entry in manifest.inputs if entry.role == role), None)
    if entry is None:
        return None
    problem = _problem(entry)
    if not problem:
        return Path(entry.path)
    if given is None:
        missing.append(f"{title}: {problem}; show it with {option}")
    return given


def _problem(entry: InputEntry) -> str:
    """Why an input cannot be shown; empty where it can."""
    path = Path(entry.path)
    try:
        size = path.stat().st_size
    except OSError:
        return f"{path} is not there"
    return f"{path} has changed since the run" if size != entry.bytes else ""


def _rank(entry: InputEntry) -> bool:
    return entry.role.removeprefix(SIGNAL_ROLE) not in _FIRST
