"""Opens every input of a run and checks it against the genome and the model, before anything is computed."""

from dataclasses import dataclass
from pathlib import Path

from seq2exp_tracks.checkpoints import read_config
from seq2exp_tracks.errors import CheckpointError, InputError
from seq2exp_tracks.features import GeneFeatures, Labels, read_labels
from seq2exp_tracks.genome import Gene
from seq2exp_tracks.inputs import InputReader
from seq2exp_tracks.io.bed import IntervalSet
from seq2exp_tracks.io.bigwig import BigWig, Negatives
from seq2exp_tracks.io.contacts import Contacts
from seq2exp_tracks.io.fasta import Fasta
from seq2exp_tracks.io.genes import GeneTable, parse_region, read_genes, select_genes
from seq2exp_tracks.model.config import ModelConfig
from seq2exp_tracks.pipeline.request import ScoreRequest
from seq2exp_tracks.resources.registry import GenomeEntry
from seq2exp_tracks.signals import BigWigSignal, ContactSignal, NoSignal, SignalSet, SignalSource
from seq2exp_tracks.tracks.merge import merge_order
from seq2exp_tracks.windows import Window

CONTACT_SIGNAL = "HiC"


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


def open_inputs(request: ScoreRequest) -> Opened:
    """Opens and checks every input of a run.

    Raises:
        TracksError: At the first file that cannot be used, in one line that names it.
    """
    config = read_config(request.checkpoint)
    window = _window(request, config)
    fasta = Fasta(request.genome.fasta)
    bigwigs = _bigwigs(request, fasta)
    contacts = _contacts(request, config, fasta)
    blacklist = _blacklist(request.genome, fasta)
    table = read_genes(
        request.genome.genes, fasta.sizes, gene_types=request.gene_types or None, bed_tss=request.bed_tss
    )
    notes = [fasta.note] if fasta.note else []
    notes += _signal_notes(bigwigs, contacts, config) + _left_out(request.genome.genes, table)
    if blacklist is not None and blacklist.dropped:
        notes.append(_off_genome(request.genome.blacklist, blacklist.dropped))
    if request.genome.features is None and config.gene_features:
        notes.append(
            "no --features: the nine gene features are 0, so that predicted expression means little; "
            "the mask does not depend on them"
        )
    signals = SignalSet(_sources(bigwigs, contacts, config), config.signals)
    reader = InputReader(fasta, signals, _features(request.genome), blacklist, window)
    labels = None
    if request.labels is not None and request.label_column is not None:
        labels = read_labels(request.labels, request.label_column)
    return Opened(config, reader, _genes(request, table, fasta, window), contacts, labels, notes)


def check_genome(genome: GenomeEntry) -> list[str]:
    """Reads each file of a genome once.

    Returns:
        What was found, one line a file.

    Raises:
        InputError: At the first file that cannot be used.
    """
    fasta = Fasta(genome.fasta)
    found = [f"{genome.fasta}: {len(fasta.sizes)} chromosome(s), {sum(fasta.sizes.values()):,} bp"]
    table = read_genes(genome.genes, fasta.sizes)
    found += [f"{genome.genes}: {len(table.genes):,} genes", *_left_out(genome.genes, table)]
    blacklist = _blacklist(genome, fasta)
    if blacklist is not None:
        regions = sum(len(ranges) for ranges in blacklist.intervals.values())
        found.append(f"{genome.blacklist}: {regions:,} regions")
        found += [_off_genome(genome.blacklist, blacklist.dropped)] if blacklist.dropped else []
    if genome.features is not None:
        features = _features(genome)
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


def _bigwigs(request: ScoreRequest, fasta: Fasta) -> dict[str, BigWig]:
    """The signals that are the same for every gene, by name."""
    negatives: Negatives = "clip" if request.clip_negative else "refuse"
    return {name: BigWig(path, fasta.sizes, negatives) for name, path in request.signals.items()}


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


def _blacklist(genome: GenomeEntry, fasta: Fasta) -> IntervalSet | None:
    return None if genome.blacklist is None else IntervalSet.from_bed(genome.blacklist, fasta.sizes)


def _off_genome(path: Path | None, rows: int) -> str:
    return f"{path}: {rows:,} rows on chromosomes that the FASTA lacks were left out"


def _left_out(path: Path, table: GeneTable) -> list[str]:
    """One line for each reason why rows of the annotation were left out or changed."""
    lines = [f"{path}: {count:,} {reason} were left out" for reason, count in table.dropped.items() if count]
    if table.renamed:
        lines.append(f"{path}: {len(table.renamed):,} ids are used twice; the later ones got _2, _3, …")
    return lines
