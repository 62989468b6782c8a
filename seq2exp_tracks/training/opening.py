"""Opens every input of a training run and checks it, before anything is computed."""

from dataclasses import dataclass

from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.io.contact_vectors import ContactVectors
from seq2exp_tracks.io.genes import select_genes
from seq2exp_tracks.opening import Stage, files_of, open_files, windows_of
from seq2exp_tracks.progress import Progress
from seq2exp_tracks.stored_contacts import check_vectors
from seq2exp_tracks.training.chosen_split import chosen_split
from seq2exp_tracks.training.fixed_masks import MaskReader, mask_notes, open_fixed_mask
from seq2exp_tracks.training.gene_examples import ExampleReader
from seq2exp_tracks.training.labels import read_labels
from seq2exp_tracks.training.models import Config
from seq2exp_tracks.training.request import TrainRequest
from seq2exp_tracks.training.splits import Split, check_split


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
    done = Stage(progress, "Opening the inputs", 2 + files_of(request))
    files = open_files(request, f"--setting {request.setting}", config.signals, config.window, done)
    reader, sizes, notes = files.reader, files.reader.sizes, list(files.notes)
    notes += [f"{name}: absent (0 everywhere); score with --without {name} too" for name in request.without]
    if files.lacks_contacts:
        notes.append("trained without Hi-C: contact is 0 everywhere; score with --no-contacts too")
    if request.genome.features is None and config.gene_features:
        notes.append("no --features: the nine gene features are 0, also when this model scores")
    genes = select_genes(files.table, sizes, chroms=request.chroms)
    windows = windows_of(genes, config.window, sizes)
    if isinstance(files.contacts, ContactVectors):
        notes += check_vectors(files.contacts, windows)
    labels = done(
        read_labels(request.labels, genes, sizes, column=request.label_column, counts=request.label_counts)
    )
    notes += [labels.note] if labels.note else []
    split = chosen_split(request, [gene for gene in genes if gene.id in labels.values], config.window, sizes)
    notes += [*split.notes, *check_split(split, config.window)]
    mask = done(_fixed_mask(request, config, sizes))
    notes += mask_notes(mask, request.fixed_mask, [gene for _, part in split for gene in part], sizes)
    return OpenedTraining(split, ExampleReader(reader, labels.values, mask), notes)


def _fixed_mask(request: TrainRequest, config: Config, sizes: ChromSizes) -> MaskReader | None:
    """The mask of a model that learns none, or None."""
    if request.fixed_mask is None:
        return None
    return open_fixed_mask(request.fixed_mask, request.fixed_share, sizes, config.window, request.promoter)
