"""Opens every input of a run and checks it against the genome and the model, before anything is computed."""

from dataclasses import dataclass, replace

from seq2exp_tracks.checkpoints import read_config
from seq2exp_tracks.errors import CheckpointError
from seq2exp_tracks.features import Labels, read_labels
from seq2exp_tracks.genome import ChromSizes, Gene
from seq2exp_tracks.inputs import InputReader
from seq2exp_tracks.io.contact_vectors import ContactVectors
from seq2exp_tracks.io.contacts import Contacts
from seq2exp_tracks.io.fasta import Fasta
from seq2exp_tracks.io.genes import GeneTable, parse_region, read_genes, select_genes
from seq2exp_tracks.model.config import ModelConfig
from seq2exp_tracks.opening import (
    Stage,
    files_of,
    left_out,
    off_genome,
    open_blacklist,
    open_features,
    open_files,
    windows_of,
)
from seq2exp_tracks.pipeline.matching import Matched, match_scales
from seq2exp_tracks.pipeline.off_scale import off_scale
from seq2exp_tracks.pipeline.request import ScoreRequest
from seq2exp_tracks.progress import Progress
from seq2exp_tracks.resources.registry import GenomeEntry
from seq2exp_tracks.stored_contacts import check_vectors
from seq2exp_tracks.tracks.merge import merge_order
from seq2exp_tracks.windows import Window


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
        matched: Signals that are brought to the scale of the training; none unless asked for.
    """

    config: ModelConfig
    reader: InputReader
    genes: list[Gene]
    contacts: Contacts | ContactVectors | None
    labels: Labels | None
    notes: list[str]
    matched: tuple[Matched, ...] = ()


def open_inputs(request: ScoreRequest, progress: Progress) -> Opened:
    """Opens and checks every input of a run.

    Args:
        request: What the user asks for.
        progress: Who is told of each file that is open.

    Raises:
        TracksError: At the first file that cannot be used, in one line that names it.
    """
    done = Stage(progress, "Opening the inputs", 2 + files_of(request))
    config = done(read_config(request.checkpoint))
    window = _window(request, config)
    files = open_files(request, str(request.checkpoint), config.signals, window, done)
    notes = list(files.notes)
    notes += [
        f"{name}: absent (0 everywhere), which the model may never have seen" for name in request.without
    ]
    if files.lacks_contacts:
        notes.append("scored without Hi-C: contact is 0 everywhere, which the model was not trained on")
    if request.genome.features is None and config.gene_features:
        notes.append(
            "no --features: the nine gene features are 0, so that predicted expression means little; "
            "the mask does not depend on them"
        )
    labels = done(_labels(request))
    windows = _windows(request, files.table, files.reader.sizes, window)
    if isinstance(files.contacts, ContactVectors):
        notes += check_vectors(files.contacts, windows)
    genes, reader = [placed.gene for placed in windows], files.reader
    matched: tuple[Matched, ...] = ()
    if request.match_scale != "none":
        signals, matched = match_scales(request.match_scale, request.checkpoint, reader, files.table.genes)
        reader = replace(reader, signals=signals)
        notes += [found.note() for found in matched]
    else:
        notes += off_scale(request.checkpoint, reader, files.table.genes)
    return Opened(config, reader, genes, files.contacts, labels, notes, matched)


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
    done = Stage(progress, f"Reading the files of {genome.name}", 4)
    fasta = done(Fasta(genome.fasta))
    found = [f"{genome.fasta}: {len(fasta.sizes)} chromosome(s), {sum(fasta.sizes.values()):,} bp"]
    table = done(read_genes(genome.genes, fasta.sizes))
    found += [f"{genome.genes}: {len(table.genes):,} genes", *left_out(genome.genes, table)]
    blacklist = done(open_blacklist(genome, fasta.sizes))
    if blacklist is not None:
        regions = sum(len(ranges) for ranges in blacklist.intervals.values())
        found += [f"{genome.blacklist}: {regions:,} regions", *off_genome(genome.blacklist, blacklist)]
    features = done(open_features(genome))
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


def _windows(request: ScoreRequest, table: GeneTable, sizes: ChromSizes, window: int) -> list[Window]:
    """The windows of the chosen genes in the order in which they are merged."""
    region = None if request.region is None else parse_region(request.region, sizes)
    chosen = select_genes(
        table,
        sizes,
        chroms=request.chroms,
        names=request.names,
        region=region,
        listed_in=_names_of(request.genome, table),
    )
    windows = windows_of(chosen, window, sizes)
    return sorted(windows, key=lambda placed: merge_order(placed, sizes))


def _names_of(genome: GenomeEntry, table: GeneTable) -> str:
    """Where a user finds the names of the genes, and why one that stands there may not be known."""
    taken = f", of which {', '.join(table.types)} genes are taken (--gene-type)" if table.types else ""
    return f"{genome.genes}{taken}"


def _labels(request: ScoreRequest) -> Labels | None:
    if request.labels is None or request.label_column is None:
        return None
    return read_labels(request.labels, request.label_column)
