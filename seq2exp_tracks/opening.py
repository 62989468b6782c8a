"""Opens the files that a model reads and checks them against the genome: for scoring and for training."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, TypeVar

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.features import GeneFeatures
from seq2exp_tracks.genome import ChromSizes, Gene
from seq2exp_tracks.inputs import InputReader
from seq2exp_tracks.io.bed import IntervalSet
from seq2exp_tracks.io.bigwig import BigWig
from seq2exp_tracks.io.contact_files import TRAINED_NORMALIZATION
from seq2exp_tracks.io.contact_vectors import ContactVectors, is_vectors
from seq2exp_tracks.io.contacts import Contacts
from seq2exp_tracks.io.fasta import Fasta
from seq2exp_tracks.io.genes import GeneTable, read_genes
from seq2exp_tracks.progress import Progress
from seq2exp_tracks.resources.registry import GenomeEntry
from seq2exp_tracks.signals import (
    CONTACT_SIGNAL,
    BigWigSignal,
    ContactSignal,
    NoSignal,
    SignalSet,
    SignalSource,
)
from seq2exp_tracks.stored_contacts import StoredContactSignal
from seq2exp_tracks.windows import Window

Read = TypeVar("Read")


class Stage:
    """A stage of reading: hands each input on and counts it, also one that the user does without.

    Args:
        progress: Who is told.
        label: What the stage is called.
        inputs: How many inputs there are.
    """

    def __init__(self, progress: Progress, label: str, inputs: int) -> None:
        self._progress = progress
        progress.stage(label, inputs)

    def __call__(self, read: Read) -> Read:
        """Counts an input that was read."""
        self._progress.advance()
        return read


class ChosenInputs(Protocol):
    """What a user decides about the inputs of a model: a part of every request."""

    @property
    def genome(self) -> GenomeEntry:
        """Sequence, genes, blacklist and gene features."""

    @property
    def signals(self) -> Mapping[str, Path]:
        """The bigWig of each signal, by its name."""

    @property
    def contacts(self) -> Path | None:
        """Hi-C file, or stored vectors of contact: a folder of them or one."""

    @property
    def no_contacts(self) -> bool:
        """Whether a model of Hi-C does without."""

    @property
    def without(self) -> tuple[str, ...]:
        """Signals that were not measured: 0 everywhere."""

    @property
    def contacts_norm(self) -> Literal["VC", "ICE"]:
        """Normalisation of the contacts."""

    @property
    def clip_negative(self) -> bool:
        """Whether negative signal values are read as 0."""

    @property
    def gene_types(self) -> tuple[str, ...]:
        """Biotypes to take; empty for the default of the annotation's format."""

    @property
    def bed_tss(self) -> Literal["strand", "middle"]:
        """Where the TSS of a BED row is."""


@dataclass(frozen=True, slots=True)
class OpenedFiles:
    """The files of a request, open and checked.

    Attributes:
        reader: Assembles what the model reads for a gene.
        table: The genes of the annotation.
        contacts: Contacts of the cells; None without Hi-C.
        lacks_contacts: Whether the model reads Hi-C and is given none.
        notes: What the user should know, one line each.
    """

    reader: InputReader
    table: GeneTable
    contacts: Contacts | ContactVectors | None
    lacks_contacts: bool
    notes: list[str]


def files_of(chosen: ChosenInputs) -> int:
    """How many steps `open_files` counts."""
    return 5 + len(chosen.signals)


def open_files(
    chosen: ChosenInputs,
    model: str,
    channels: tuple[str, ...],
    window: int,
    done: Stage,
) -> OpenedFiles:
    """Opens and checks every file that a model reads.

    Args:
        chosen: What the user decides.
        model: What to call the model where something is missing for it.
        channels: Names of its signals, in their order.
        window: Bases of its window.
        done: Counts what is open.

    Raises:
        TracksError: At the first file that cannot be used, in one line that names it.
    """
    genome = chosen.genome
    fasta = done(Fasta(genome.fasta))
    negatives: Literal["clip", "refuse"] = "clip" if chosen.clip_negative else "refuse"
    bigwigs = {
        name: done(BigWig(path, fasta.sizes, negatives=negatives)) for name, path in chosen.signals.items()
    }
    contacts = done(_contacts(chosen, model, channels, fasta.sizes))
    sources: list[SignalSource] = [BigWigSignal(name, bigwig) for name, bigwig in bigwigs.items()]
    lacks_contacts = contacts is None and CONTACT_SIGNAL in channels
    if isinstance(contacts, ContactVectors):
        sources.append(StoredContactSignal(CONTACT_SIGNAL, contacts))
    elif contacts is not None:
        sources.append(ContactSignal(CONTACT_SIGNAL, contacts))
    elif lacks_contacts:
        sources.append(NoSignal(CONTACT_SIGNAL))
    sources += [NoSignal(name) for name in chosen.without]
    signals = SignalSet(sources, channels)
    blacklist = done(open_blacklist(genome, fasta.sizes))
    types = chosen.gene_types or None
    table = done(read_genes(genome.genes, fasta.sizes, gene_types=types, bed_tss=chosen.bed_tss))
    notes = [fasta.note] if fasta.note else []
    notes += _signal_notes([*bigwigs.values(), *([contacts] if isinstance(contacts, Contacts) else [])])
    notes += left_out(genome.genes, table) + off_genome(genome.blacklist, blacklist)
    reader = InputReader(fasta, signals, done(open_features(genome)), blacklist, window)
    return OpenedFiles(reader, table, contacts, lacks_contacts, notes)


def open_blacklist(genome: GenomeEntry, sizes: ChromSizes) -> IntervalSet | None:
    """The blacklist of a genome, or None where it has none.

    Raises:
        InputError: If the file cannot be used.
    """
    return None if genome.blacklist is None else IntervalSet.from_bed(genome.blacklist, sizes)


def open_features(genome: GenomeEntry) -> GeneFeatures:
    """The features of a genome's genes; unknown where there is no table of them.

    Raises:
        InputError: If the file cannot be used.
    """
    return GeneFeatures.unknown() if genome.features is None else GeneFeatures.from_table(genome.features)


def windows_of(genes: Sequence[Gene], length: int, sizes: ChromSizes) -> list[Window]:
    """The windows of genes: who lacks one would end a run in its midst.

    Raises:
        InputError: If no base of a gene's window lies on its chromosome.
    """
    return [Window.around(gene, length, sizes[gene.chrom]) for gene in genes]


def off_genome(path: Path | None, regions: IntervalSet | None) -> list[str]:
    """What to say of regions on chromosomes that the genome lacks."""
    if regions is None or not regions.dropped:
        return []
    return [f"{path}: {regions.dropped:,} rows on chromosomes that the FASTA lacks were left out"]


def left_out(path: Path, table: GeneTable) -> list[str]:
    """One line for each reason why rows of the annotation were left out or changed."""
    lines = [f"{path}: {count:,} {reason} were left out" for reason, count in table.dropped.items() if count]
    if table.renamed:
        lines.append(f"{path}: ids of several genes: {len(table.renamed):,}; the later genes got _2, _3, …")
    return lines


def _contacts(
    chosen: ChosenInputs, model: str, channels: tuple[str, ...], sizes: ChromSizes
) -> Contacts | ContactVectors | None:
    """The contacts, or None where the user does without."""
    if chosen.contacts is not None and is_vectors(chosen.contacts):
        if chosen.contacts_norm != TRAINED_NORMALIZATION:
            raise InputError(
                f"{chosen.contacts}: stored vectors are normalised by {TRAINED_NORMALIZATION} already; leave "
                "--contacts-norm out"
            )
        return ContactVectors.open(chosen.contacts, sizes)
    if chosen.contacts is not None:
        return Contacts(chosen.contacts, sizes, normalization=chosen.contacts_norm)
    if CONTACT_SIGNAL in channels and not chosen.no_contacts:
        raise InputError(f"{model}: needs Hi-C; give --contacts FILE, or --no-contacts to do without")
    return None


def _signal_notes(files: Sequence[BigWig | Contacts]) -> list[str]:
    """What there is to say of the signals."""
    notes = [
        f"{file.path}: lacks {len(file.missing)} chromosome(s) of the genome, which read as 0"
        for file in files
        if file.missing
    ]
    return notes + [file.warning for file in files if isinstance(file, Contacts) and file.warning]
