"""The inputs of a run, opened again from its manifest: what the baselines and the occlusion read."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.features import GeneFeatures
from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.inputs import InputReader
from seq2exp_tracks.io.bed import IntervalSet
from seq2exp_tracks.io.bigwig import BigWig
from seq2exp_tracks.io.checksum import sha256_of
from seq2exp_tracks.io.contact_vectors import CONTACTS_ROLE, ContactVectors
from seq2exp_tracks.io.contacts import Contacts
from seq2exp_tracks.io.fasta import Fasta
from seq2exp_tracks.io.stretches import Stretches
from seq2exp_tracks.manifest import InputEntry, Manifest
from seq2exp_tracks.progress import Progress
from seq2exp_tracks.run_reader import Run
from seq2exp_tracks.scales import ScaleMap
from seq2exp_tracks.signals import (
    CONTACT_SIGNAL,
    BigWigSignal,
    ContactSignal,
    MappedSignal,
    NoSignal,
    SignalSet,
    SignalSource,
    channel_name,
)
from seq2exp_tracks.stored_contacts import StoredContactSignal
from seq2exp_tracks.windows import Window

SIGNALS = ("DNase", "H3K27ac")
"""Those that methods are made of."""

_SIGNAL = "signal:"
_VECTORS = f"{CONTACTS_ROLE}:"
_OF_METHODS, _OF_MODEL = ("contacts", "blacklist"), ("fasta", "features")


def check_inputs(run: Run, progress: Progress, *, weights: bool) -> None:
    """Refuses a run whose inputs are not as they were, before anything is computed from them.

    Args:
        run: The run.
        progress: Who is told of each file: large ones take long to read.
        weights: Whether what only the model reads is looked at too: other signals, sequence, features and
            weights.

    Raises:
        InputError: If a file is gone or has changed.
    """

    def is_read(role: str) -> bool:
        if role.startswith(_SIGNAL):
            return weights or channel_name(role.removeprefix(_SIGNAL)) in SIGNALS
        return role in _OF_METHODS or (weights and (role in _OF_MODEL or role.startswith(_VECTORS)))

    entries = [entry for entry in run.manifest.inputs if is_read(entry.role)]
    progress.stage("Checking the inputs of the run", len(entries) + weights)
    for entry in entries:
        _unchanged(entry)
        progress.advance()
    if weights:
        checkpoint_of(run)
        progress.advance()


def open_signal(run: Run, name: str) -> BigWig | None:
    """A signal of the run; None where the run had none of that name.

    Raises:
        InputError: If its file is gone or has changed.
    """
    for entry in run.manifest.inputs:
        if entry.role.startswith(_SIGNAL) and channel_name(entry.role.removeprefix(_SIGNAL)) == name:
            return _bigwig(run.manifest, entry)
    return None


def open_contacts(run: Run) -> Contacts | None:
    """The Hi-C map of the run, normalised as it did; None where it had none, or a vector for each TSS.

    Raises:
        InputError: If the file is gone or has changed.
    """
    entry = run.input("contacts")
    if entry is None:
        return None
    normalisation = str(run.manifest.settings["contacts"])
    return Contacts(_unchanged(entry), run.manifest.sizes, normalization=normalisation)


def open_reader(run: Run) -> InputReader:
    """The reader that the run had: it gives the model the same inputs again.

    Raises:
        InputError: If a file is gone or has changed, or the run does not tell what it was made from.
    """
    manifest = run.manifest
    entries = {entry.role: entry for entry in manifest.inputs}
    if "fasta" not in entries:
        raise InputError(f"{run.folder}: its manifest does not list its FASTA; score again")
    expected = manifest.model.config.get("signals")
    if not isinstance(expected, list):
        raise InputError(f"{run.folder}: its manifest does not tell the model's signals; score again")
    features = entries.get("features")
    sources: list[SignalSource] = [
        _signal(run, role.removeprefix(_SIGNAL), entry)
        for role, entry in entries.items()
        if role.startswith(_SIGNAL)
    ]
    contacts, vectors = open_contacts(run), _vectors(run)
    if vectors is not None:
        sources.append(StoredContactSignal(CONTACT_SIGNAL, vectors))
    elif contacts is not None:
        sources.append(ContactSignal(CONTACT_SIGNAL, contacts))
    elif CONTACT_SIGNAL in expected:
        sources.append(NoSignal(CONTACT_SIGNAL))
    without: Any = manifest.settings.get("without", [])
    sources += [NoSignal(str(name)) for name in without]
    return InputReader(
        fasta=Fasta(_unchanged(entries["fasta"])),
        signals=SignalSet(sources, tuple(str(name) for name in expected)),
        features=GeneFeatures.unknown()
        if features is None
        else GeneFeatures.from_table(_unchanged(features)),
        blacklist=open_blacklist(run),
        window=manifest.model.window,
    )


def _vectors(run: Run) -> ContactVectors | None:
    """The stored contact of the run, by the genome's names of chromosomes; None where it had none."""
    files = {
        entry.role.removeprefix(_VECTORS): _unchanged(entry)
        for entry in run.manifest.inputs
        if entry.role.startswith(_VECTORS)
    }
    return ContactVectors(next(iter(files.values())).parent, files) if files else None


def open_blacklist(run: Run) -> IntervalSet | None:
    """The blacklist of the run; None where it had none.

    Raises:
        InputError: If the file is gone or has changed.
    """
    entry = run.input("blacklist")
    return None if entry is None else IntervalSet.from_bed(_unchanged(entry), run.manifest.sizes)


def windows_of(run: Run) -> list[Window]:
    """The window of every gene of the run, in its order."""
    sizes, length = run.manifest.sizes, run.manifest.model.window
    genes = (scored.gene for scored in run.genes.values())
    return [Window.around(gene, length, sizes[gene.chrom]) for gene in genes]


def stretches_of(windows: Sequence[Window], sizes: ChromSizes) -> list[Stretches]:
    """The bases of some windows, each once, by chromosome in the genome's order."""
    covered = IntervalSet.covering(window.inside for window in windows).intervals
    return [Stretches(chrom, covered[chrom]) for chrom in sizes if chrom in covered]


def checkpoint_of(run: Run) -> Path:
    """The weights that the run was made with.

    Raises:
        InputError: If the file is gone or has changed.
    """
    model, path = run.manifest.model, Path(run.manifest.model.checkpoint)
    size = path.stat().st_size if path.is_file() else 0
    return _unchanged(InputEntry("checkpoint", model.checkpoint, size, model.sha256))


def _signal(run: Run, name: str, entry: InputEntry) -> BigWigSignal | MappedSignal:
    """A signal as the model read it: on another scale where the run matched it (`score --match-scale`)."""
    signal = BigWigSignal(name, _bigwig(run.manifest, entry))
    matched: Any = run.manifest.settings.get("match_scale")
    if matched is None:
        return signal
    try:
        signals = {channel_name(other): told["map"] for other, told in matched["signals"].items()}
        told = signals[channel_name(name)]
        return signal if told is None else MappedSignal(signal, ScaleMap.from_json(told))
    except (LookupError, AttributeError, TypeError, ValueError) as error:
        raise InputError(
            f"{run.folder}: its manifest does not tell how {name} was matched; score again"
        ) from error


def _bigwig(manifest: Manifest, entry: InputEntry) -> BigWig:
    clip = bool(manifest.settings.get("clip_negative"))
    return BigWig(_unchanged(entry), manifest.sizes, negatives="clip" if clip else "refuse")


def _unchanged(entry: InputEntry) -> Path:
    """The file of an entry, after a look at its size and checksum."""
    path = Path(entry.path)
    if not path.is_file():
        raise InputError(f"{path}: the run's {entry.role} is not there any more; put it back or score again")
    status = path.stat()
    if status.st_size != entry.bytes or _sha256(path, status.st_size, status.st_mtime_ns) != entry.sha256:
        raise InputError(f"{path}: the run's {entry.role} has changed since; score again")
    return path


@lru_cache(maxsize=256)
def _sha256(path: Path, size: int, changed: int) -> str:
    """The checksum of a file, read once for as long as its size and its time of change (ns) stay."""
    return sha256_of(path)
