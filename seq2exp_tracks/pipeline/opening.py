"""Opens every input of a run and checks it against the genome and the model, before anything is computed."""

from dataclasses import dataclass
from pathlib import Path

from seq2exp_tracks.checkpoints import read_config
from seq2exp_tracks.errors import CheckpointError, InputError
from seq2exp_tracks.features import GeneFeatures, Labels, read_labels
from seq2exp_tracks.genome import Gene
from seq2exp_tracks.inputs import InputReader
from seq2exp_tracks.io.bed import IntervalSet, read_intervals
from seq2exp_tracks.io.bigwig import BigWig
from seq2exp_tracks.io.contacts import Contacts
from seq2exp_tracks.io.fasta import Fasta
from seq2exp_tracks.io.genes import GeneTable, parse_region, read_genes, select_genes
from seq2exp_tracks.model.config import ModelConfig
from seq2exp_tracks.pipeline.request import ScoreRequest
from seq2exp_tracks.resources.registry import GenomeEntry
from seq2exp_tracks.signals import BigWigSignal, ContactSignal, NoSignal, SignalSet, SignalSource

CONTACT_SIGNAL = "HiC"


@dataclass(frozen=True, slots=True)
class Opened:
    """A run's inputs, open and checked.

    Attributes:
        config: The model's settings.
        reader: Assembles what the model reads for a gene.
        genes: The genes to score, in genome order.
        labels: Measured expression, or None.
        notes: What the user should know, one line each.
    """

    config: ModelConfig
    reader: InputReader
    genes: list[Gene]
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
    notes: list[str] = []
    table = read_genes(
        request.genome.genes, fasta.sizes, gene_types=request.gene_types or None, bed_tss=request.bed_tss
    )
    notes += _dropped(request.genome.genes, table)
    region = None if request.region is None else parse_region(request.region, fasta.sizes)
    genes = select_genes(table, fasta.sizes, chroms=request.chroms, names=request.names, region=region)
    reader = InputReader(
        fasta,
        _signals(request, config, fasta, notes),
        _features(request.genome, config, notes),
        _blacklist(request.genome, fasta, notes),
        window,
    )
    labels = None
    if request.labels is not None and request.label_column is not None:
        labels = read_labels(request.labels, request.label_column)
    return Opened(config, reader, genes, labels, notes)


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
    found += [f"{genome.genes}: {len(table.genes):,} genes", *_dropped(genome.genes, table)]
    _blacklist(genome, fasta, found)
    if genome.features is not None:
        features = GeneFeatures.from_table(genome.features)
        known = sum(not features.of(gene)[1] for gene in table.genes)
        found.append(f"{genome.features}: every feature known for {known:,} of the genes")
    return found


def _window(request: ScoreRequest, config: ModelConfig) -> int:
    """Length of the windows in bp, checked against the model."""
    if not config.learns_mask:
        raise CheckpointError(
            f"{request.checkpoint}: its mask is given from outside, so that it has learned none to write as tracks; "
            "use a Seq2Exp checkpoint that learns its mask"
        )
    window = config.window if request.window is None else request.window
    config.check_window(window)
    return window


def _signals(request: ScoreRequest, config: ModelConfig, fasta: Fasta, notes: list[str]) -> SignalSet:
    """The signals in the model's channel order."""
    sources: list[SignalSource] = []
    negatives = "clip" if request.clip_negative else "refuse"
    for name, path in request.signals.items():
        bigwig = BigWig(path, fasta.sizes, negatives=negatives)
        if bigwig.missing:
            notes.append(f"{path}: {len(bigwig.missing)} chromosome(s) of the genome are not in it and read as 0")
        sources.append(BigWigSignal(name, bigwig))
    if request.contacts is not None:
        contacts = Contacts(request.contacts, fasta.sizes, normalization=request.contacts_norm)
        notes += [contacts.warning] if contacts.warning else []
        sources.append(ContactSignal(CONTACT_SIGNAL, contacts))
    elif request.no_contacts:
        notes.append("scored without Hi-C: contact is 0 everywhere, which the model was not trained on")
        sources.append(NoSignal(CONTACT_SIGNAL))
    elif CONTACT_SIGNAL in config.signals:
        raise InputError(f"{request.checkpoint}: needs Hi-C; give --contacts FILE, or --no-contacts to do without")
    return SignalSet(sources, config.signals)


def _features(genome: GenomeEntry, config: ModelConfig, notes: list[str]) -> GeneFeatures:
    """The gene features, or the unknown ones with a note."""
    if genome.features is not None:
        return GeneFeatures.from_table(genome.features)
    if config.gene_features:
        notes.append(
            "no --features: the nine gene features are set to 0, so that predicted expression means little; "
            "the mask does not depend on them"
        )
    return GeneFeatures.unknown()


def _blacklist(genome: GenomeEntry, fasta: Fasta, notes: list[str]) -> IntervalSet | None:
    """The blacklist, with a note on rows that were left out."""
    if genome.blacklist is None:
        return None
    regions, dropped = read_intervals(genome.blacklist, fasta.sizes)
    if dropped:
        notes.append(f"{genome.blacklist}: {dropped:,} rows on chromosomes that the FASTA lacks were left out")
    return regions


def _dropped(path: Path, table: GeneTable) -> list[str]:
    """One line for each reason why rows of the annotation were left out."""
    return [f"{path}: {count:,} {reason} were left out" for reason, count in table.dropped.items()]
