"""Opens every input of a training run and checks it, before anything is computed."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.features import GeneFeatures
from seq2exp_tracks.genome import ChromSizes, Gene
from seq2exp_tracks.inputs import InputReader
from seq2exp_tracks.io.bed import IntervalSet
from seq2exp_tracks.io.bigwig import BigWig
from seq2exp_tracks.io.contacts import Contacts
from seq2exp_tracks.io.fasta import Fasta
from seq2exp_tracks.io.genes import read_genes, select_genes
from seq2exp_tracks.progress import Progress
from seq2exp_tracks.signals import (
    CONTACT_SIGNAL,
    BigWigSignal,
    ContactSignal,
    NoSignal,
    SignalSet,
    SignalSource,
)
from seq2exp_tracks.training.gene_examples import ExampleReader
from seq2exp_tracks.training.labels import read_labels
from seq2exp_tracks.training.models import Config
from seq2exp_tracks.training.request import CHROMOSOMES, POSITION, TrainRequest
from seq2exp_tracks.training.splits import (
    PUBLISHED_TEST,
    PUBLISHED_VALID,
    Split,
    check_split,
    split_by_chromosome,
    split_by_file,
    split_by_position,
)
from seq2exp_tracks.windows import Window


@dataclass(frozen=True, slots=True)
class OpenedTraining:
    """A run's inputs, open and checked.

    Attributes:
        split: Genes by part; each has a label and a window.
        reader: Reads their examples.
        notes: What the user should know, one line each.
    """

    split: Split
    reader: ExampleReader
    notes: list[str]


def open_training(request: TrainRequest, config: Config, progress: Progress) -> OpenedTraining:
    """Opens and checks every input of a training run.

    Args:
        request: What the user asks for.
        config: What the model expects.
        progress: Who is told of each step.

    Raises:
        TracksError: At the first file that cannot be used, in one line that names it.
    """
    progress.stage("Opening the inputs", 4)
    genome = request.genome
    fasta = Fasta(genome.fasta)
    notes = [fasta.note] if fasta.note else []
    progress.advance()
    signals, more = _signals(request, config, fasta.sizes)
    notes += more
    progress.advance()
    blacklist = None if genome.blacklist is None else IntervalSet.from_bed(genome.blacklist, fasta.sizes)
    if genome.features is None and config.gene_features:
        notes.append("no --features: the nine gene features are 0, also when this model scores")
    features = GeneFeatures.unknown() if genome.features is None else GeneFeatures.from_table(genome.features)
    inputs = InputReader(fasta, signals, features, blacklist, config.window)
    progress.advance()
    types = request.gene_types or None
    table = read_genes(genome.genes, fasta.sizes, gene_types=types, bed_tss=request.bed_tss)
    genes = select_genes(table, fasta.sizes, chroms=request.chroms)
    for gene in genes:  # one without a window would end the run in its midst
        Window.around(gene, config.window, fasta.sizes[gene.chrom])
    labels = read_labels(
        request.labels, genes, fasta.sizes, column=request.label_column, counts=request.label_counts
    )
    notes += [labels.note] if labels.note else []
    split = _split(request, [gene for gene in genes if gene.id in labels.values], config.window, fasta.sizes)
    notes += [*split.notes, *check_split(split, config.window)]
    mask = None if request.fixed_mask is None else IntervalSet.from_bed(request.fixed_mask, fasta.sizes)
    progress.advance()
    return OpenedTraining(split, ExampleReader(inputs, labels.values, mask), notes)


def _split(request: TrainRequest, genes: Sequence[Gene], window: int, sizes: ChromSizes) -> Split:
    """The parts that the user asks for."""
    if request.split == POSITION:
        return split_by_position(genes, window if request.gap is None else request.gap)
    if request.split != CHROMOSOMES:
        return split_by_file(genes, Path(request.split))
    named = (request.valid_chroms or PUBLISHED_VALID, request.test_chroms or PUBLISHED_TEST)
    valid, test = ([sizes.resolve(chrom) or chrom for chrom in chroms] for chroms in named)
    return split_by_chromosome(genes, valid, test)


def _signals(request: TrainRequest, config: Config, sizes: ChromSizes) -> tuple[SignalSet, list[str]]:
    """The signals in the order of the model's channels, and what there is to say of them."""
    negatives = "clip" if request.clip_negative else "refuse"
    files: list[BigWig | Contacts] = []
    sources: list[SignalSource] = []
    for name, path in request.signals.items():
        bigwig = BigWig(path, sizes, negatives=negatives)  # type: ignore[arg-type]  # one of two literals
        files.append(bigwig)
        sources.append(BigWigSignal(name, bigwig))
    notes = []
    if request.contacts is not None:
        contacts = Contacts(request.contacts, sizes, normalization=request.contacts_norm)
        files.append(contacts)
        sources.append(ContactSignal(CONTACT_SIGNAL, contacts))
        notes += [contacts.warning] if contacts.warning else []
    elif request.no_contacts:
        sources.append(NoSignal(CONTACT_SIGNAL))
        notes.append("trained without Hi-C: contact is 0 everywhere; score with --no-contacts too")
    else:
        raise InputError("the model reads Hi-C: give --contacts FILE, or --no-contacts to do without")
    notes += [
        f"{file.path}: lacks {len(file.missing)} chromosome(s) of the genome, which read as 0"
        for file in files
        if file.missing
    ]
    return SignalSet(sources, config.signals), notes
