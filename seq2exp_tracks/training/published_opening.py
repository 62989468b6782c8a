"""Opens the authors' data folder for a training run, in place of the user's own files."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.inputs import WindowInputs
from seq2exp_tracks.io.bigwig import BigWig
from seq2exp_tracks.progress import Progress
from seq2exp_tracks.training.chosen_split import chosen_split
from seq2exp_tracks.training.data import CHROMOSOMES
from seq2exp_tracks.training.fixed_masks import MaskReader, mask_notes, open_fixed_mask
from seq2exp_tracks.training.gene_examples import ExampleReader
from seq2exp_tracks.training.models import Config
from seq2exp_tracks.training.opening import OpenedTraining
from seq2exp_tracks.training.published_folder import PublishedFolder
from seq2exp_tracks.training.request import TrainRequest
from seq2exp_tracks.training.splits import Split, check_split, some


@dataclass(frozen=True, slots=True, eq=False)
class PeakTrack:
    """A mask that is given as a track: the bases that are not 0, such as the folder's MACS3 peaks.

    Attributes:
        peaks: The track.
    """

    peaks: BigWig

    def read(self, inputs: WindowInputs) -> Bool[np.ndarray, " length"]:
        """Tells for every base of a window, padding included, whether it is kept."""
        window = inputs.window
        return window.pad(self.peaks.read(window.inside) != 0, False)


def open_published(request: TrainRequest, config: Config, progress: Progress) -> OpenedTraining:
    """Opens the folder that `request.published` names.

    Args:
        request: What the user asks for.
        config: What the model expects.
        progress: Who is told of each step.

    Raises:
        TracksError: At the first file that cannot be used, in one line that names it.
    """
    assert request.published is not None
    progress.stage("Opening the inputs", 2)
    data = PublishedFolder(
        request.published,
        request.cell_type,
        config.window,
        expression=request.expression,
        with_peaks=request.setting.is_given_mask and request.fixed_mask is None,
    )
    progress.advance()
    notes = []
    if data.missing:
        count, named = len(data.missing), some(data.missing)
        notes.append(f"{data.folder}: {count:,} gene(s) lack TSS, features or label ({named}); left out")
    split = _split(request, data, config.window)
    notes += [*split.notes, *check_split(split, config.window)]
    mask, note = _mask(request, data, config)
    progress.advance()
    return OpenedTraining(split, ExampleReader(data.reader, data.labels, mask), notes + note)


def _split(request: TrainRequest, data: PublishedFolder, window: int) -> Split:
    """The folder's own fold, unless another split is asked for; of the chromosomes that are."""
    sizes = data.reader.sizes
    chroms = {sizes.resolve(chrom) or chrom for chrom in request.chroms}
    if absent := sorted(chroms - {gene.chrom for gene in data.genes}):
        raise InputError(f"--chrom {absent[0]}: {data.folder} has no gene there")
    genes = [gene for gene in data.genes if not chroms or gene.chrom in chroms]
    if request.split != CHROMOSOMES or request.valid_chroms or request.test_chroms:
        return chosen_split(request, genes, window, sizes)
    split = data.split()
    parts = (tuple(gene for gene in part if not chroms or gene.chrom in chroms) for _, part in split)
    train, valid, test = parts
    return replace(split, train=train, valid=valid, test=test)


def _mask(
    request: TrainRequest, data: PublishedFolder, config: Config
) -> tuple[MaskReader | None, list[str]]:
    """The mask that is given: a file's, or the folder's peaks; and what there is to say of it."""
    if request.fixed_mask is None:
        return (None if data.peaks is None else PeakTrack(data.peaks)), []
    sizes = data.reader.sizes
    mask = open_fixed_mask(request.fixed_mask, request.fixed_share, sizes, config.window, request.promoter)
    return mask, mask_notes(mask, request.fixed_mask, data.genes, sizes)
