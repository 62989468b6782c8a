"""Opens every input of a run and checks it against the genome and the model, before anything is computed."""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from seq2exp_tracks.checkpoints import read_config
from seq2exp_tracks.errors import CheckpointError, InputError
from seq2exp_tracks.features import GeneFeatures, Labels, read_labels
from seq2exp_tracks.genome import Gene
from seq2exp_tracks.inputs import InputReader
from seq2exp_tracks.io.bed import IntervalSet
from seq2exp_tracks.io.bigwig import BigWig
from seq2exp_tracks.io.contacts import Contacts
from seq2exp_tracks.io.fasta import Fasta
from seq2exp_tracks.io.genes import GeneTable, parse_region, read_genes, select_genes
from seq2exp_tracks.model.config import ModelConfig
from seq2exp_tracks.pipeline.request import ScoreRequest
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
from seq2exp_tracks.tracks.merge import merge_order
from seq2exp_tracks.windows import Window

Read = TypeVar("Read")


class _Stage:
    """A stage of reading: hands each input on and counts it, also one that the user does without."""

    def __init__(self, progress: Progress, label: str, inputs: int) -> None:
        self._progress = progress
        progress.stage(label, inputs)

    def __call__(self, read: Read) -> Read:
        self._progress.advance()
        return read


@dataclass(frozen=True, slots=True)
class Opened:
    """A run's inputs, open and checked.

    Attributes:
        config: The model's settings.
        reader: Assembles what the model reads for a gene.
        genes: The genes to score, in the order in which their windows are merged.
        contacts: Contacts of the cells; None without Hi-C, and where the model does not use it.
        labels: Measured expression, or None.
        notes: What the user should know, one line each.
    """

    config: ModelConfig
    reader: InputReader
    genes: list[Gene]
    contacts: Contacts | None
    labels: Labels | None
    notes: list[str]


def open_inputs(request: ScoreRequest, progress: Progress) -> Opened:
    """Opens and checks every input of a run.

    Args:
        request: What the user asks for.
        progress: Who is told of each file that is open.

    Raises:
        TracksError: At the first file that cannot be used, in one line that names it.
    """
    done = _Stage(progress, "Opening the inputs", 7 + len(request.signals))
    config = done(read_config(request.checkpoint))
    window = _window(request, config)
    fasta = done(Fasta(request.genome.fasta))
    bigwigs = {name: done(_bigwig(path, request, fasta)) for name, path in request.signals.items()}
    contacts = done(_contacts(request, config, fasta))
    signals = SignalSet(_sources(bigwigs, contacts, config), config.signals)
    blacklist = done(_blacklist(request.genome, fasta))
    types = request.gene_types or None
    table = done(read_genes(request.genome.genes, fasta.sizes, gene_types=types, bed_tss=request.bed_tss))
    notes = [fasta.note] if fasta.note else []
    notes += _signal_notes(bigwigs, contacts, config) + _left_out(request.genome.genes, table)
    if blacklist is not None and blacklist.dropped:
        notes.append(_off_genome(request.genome.blacklist, blacklist.dropped))
    if request.genome.features is None and config.gene_features:
        notes.append(
            "no --features: the nine gene features are 0, so that predicted expression means little; "
            "the mask does not depend on them"
        )
    reader = InputReader(fasta, signals, done(_features(request.genome)), blacklist, window)
    labels = done(_labels(request))
    return Opened(config, reader, _genes(request, table, fasta, window), contacts, labels, notes)


def check_genome(genome: GenomeEntry, progress: Progress) -> list[str]:
    """Reads each file of a genome once.

    Args:
        genome: The genome.
        progress: Who is told of each file that is read.

    Returns:
        What was found, one line a file.

    Raises:
        InputError: At the first file that cannot be used.
    """
    done = _Stage(progress, f"Reading the files of {genome.name}", 4)
    fasta = done(Fasta(genome.fasta))
    found = [f"{genome.fasta}: {len(fasta.sizes)} chromosome(s), {sum(fasta.sizes.values()):,} bp"]
    table = done(read_genes(genome.genes, fasta.sizes))
    found += [f"{genome.genes}: {len(table.genes):,} genes", *_left_out(genome.genes, table)]
    blacklist = done(_blacklist(genome, fasta))
    if blacklist is not None:
        regions = sum(len(ranges) for ranges in blacklist.intervals.values())
        found.append(f"{genome.blacklist}: {regions:,} regions")
        found += [_off_genome(genome.blacklist, blacklist.dropped)] if blacklist.dropped else []
    features = done(_features(genome))
    if genome.features is not None:
        known = sum(not features.of(gene)[1] for gene in table.genes)
        found.append(f"{genome.features}: all nine features of {known:,} of the genes")
    return found


def _window(request: ScoreRequest, config: ModelConfig) -> int:
    """Length of the windows in bp, checked against the model."""
    if not config.learns_mask:
        raise CheckpointError(
            f"{request.checkpoint}: its mask is given from outside, so that it has learned none to write as "
            "tracks; use a Seq2Exp checkpoint that learns its mask"
        )
    window = config.window if request.window is None else request.window
    try:
        config.check_window(window)
    except CheckpointError as error:
        raise CheckpointError(f"{request.checkpoint}: {error}") from error
    return window


def _genes(request: ScoreRequest, table: GeneTable, fasta: Fasta, window: int) -> list[Gene]:
    """The chosen genes; each has a window, or the run would fail in its midst."""
    region = None if request.region is None else parse_region(request.region, fasta.sizes)
    chosen = select_genes(table, fasta.sizes, chroms=request.chroms, names=request.names, region=region)
    windows = [Window.around(gene, window, fasta.sizes[gene.chrom]) for gene in chosen]
    return [placed.gene for placed in sorted(windows, key=lambda placed: merge_order(placed, fasta.sizes))]


def _bigwig(path: Path, request: ScoreRequest, fasta: Fasta) -> BigWig:
    return BigWig(path, fasta.sizes, negatives="clip" if request.clip_negative else "refuse")


def _contacts(request: ScoreRequest, config: ModelConfig, fasta: Fasta) -> Contacts | None:
    """The contacts, or None where the user does without."""
    if request.contacts is not None:
        return Contacts(request.contacts, fasta.sizes, normalization=request.contacts_norm)
    if CONTACT_SIGNAL in config.signals and not request.no_contacts:
        raise InputError(
            f"{request.checkpoint}: needs Hi-C; give --contacts FILE, or --no-contacts to do without"
        )
    return None


def _sources(
    bigwigs: dict[str, BigWig], contacts: Contacts | None, config: ModelConfig
) -> list[SignalSource]:
    """One source for every signal that was given, and an empty one for contacts that the model needs."""
    sources: list[SignalSource] = [BigWigSignal(name, bigwig) for name, bigwig in bigwigs.items()]
    if contacts is not None:
        sources.append(ContactSignal(CONTACT_SIGNAL, contacts))
    elif CONTACT_SIGNAL in config.signals:
        sources.append(NoSignal(CONTACT_SIGNAL))
    return sources


def _signal_notes(bigwigs: dict[str, BigWig], contacts: Contacts | None, config: ModelConfig) -> list[str]:
    """What there is to say of the signals."""
    files: list[BigWig | Contacts] = [*bigwigs.values(), *([] if contacts is None else [contacts])]
    notes = [
        f"{file.path}: lacks {len(file.missing)} chromosome(s) of the genome, which read as 0"
        for file in files
        if file.missing
    ]
    if contacts is None and CONTACT_SIGNAL in config.signals:
        notes.append("scored without Hi-C: contact is 0 everywhere, which the model was not trained on")
    if contacts is not None and contacts.warning:
        notes.append(contacts.warning)
    return notes


def _features(genome: GenomeEntry) -> GeneFeatures:
    return GeneFeatures.unknown() if genome.features is None else GeneFeatures.from_table(genome.features)


def _labels(request: ScoreRequest) -> Labels | None:
    if request.labels is None or request.label_column is None:
        return None
    return read_labels(request.labels, request.label_column)


def _blacklist(genome: GenomeEntry, fasta: Fasta) -> IntervalSet | None:
    return None if genome.blacklist is None else IntervalSet.from_bed(genome.blacklist, fasta.sizes)


def _off_genome(path: Path | None, rows: int) -> str:
    return f"{path}: {rows:,} rows on chromosomes that the FASTA lacks were left out"


def _left_out(path: Path, table: GeneTable) -> list[str]:
    """One line for each reason why rows of the annotation were left out or changed."""
    lines = [f"{path}: {count:,} {reason} were left out" for reason, count in table.dropped.items() if count]
    if table.renamed:
        lines.append(f"{path}: ids of several genes: {len(table.renamed):,}; the later genes got _2, _3, …")
    return lines
