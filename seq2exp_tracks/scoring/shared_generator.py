"""One pass of the generator for windows that overlap. Opt-in: not the same numbers as window by window.

A generator that reads the sequence alone says nearly the same of a base in every window that holds it.
Nearly: in a window by itself it begins to read at the window's edge, in a region at the region's. How far
inside that is felt depends on the trained weights, so that `calibration` asks the very checkpoint.
"""

from collections.abc import Callable, Generator, Sequence
from contextlib import closing

import numpy as np
import torch
from jaxtyping import Float32, UInt8
from torch import Tensor

from seq2exp_tracks.errors import CheckpointError
from seq2exp_tracks.genome import Gene
from seq2exp_tracks.inputs import InputReader, WindowInputs
from seq2exp_tracks.model.config import ModelConfig, SignalUse
from seq2exp_tracks.model.seq2exp import Seq2Exp
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.scoring.engine import one_hot, score_window
from seq2exp_tracks.scoring.executors.board import PATIENCE
from seq2exp_tracks.scoring.executors.units import work_in_order
from seq2exp_tracks.scoring.lost import blaming
from seq2exp_tracks.scoring.regions import Region


def check_shareable(config: ModelConfig) -> None:
    """Checks that windows of this model can share a pass of its generator.

    Raises:
        CheckpointError: If its generator reads more than the sequence around a base.
    """
    reason = None
    if not config.learns_mask:
        reason = "it has no generator of its own"
    elif config.position_embedding:
        reason = "its generator has learned positions, and a base has another one in every window"
    elif config.signal_use is SignalUse.BOTH:
        reason = "its generator reads the signals, and Hi-C contact with the TSS differs from gene to gene"
    if reason is not None:
        raise CheckpointError(
            f"windows cannot share the generator of this model: {reason}; leave out --shared-generator"
        )


def score_regions(
    load_model: Callable[[], Seq2Exp],
    reader: InputReader,
    regions: Sequence[Region],
    device: torch.device,
    workers: int,
    patience: float = PATIENCE,
) -> Generator[WindowScores, None, None]:
    """Scores the genes of regions, in their order; the arguments are those of `score_genes`.

    Yields:
        Scores of each gene's window. They depend on the regions, and not on the number of workers.

    Raises:
        GenesLostError: If a worker dies or hangs at a region, or an input cannot be read.
    """
    scored = work_in_order(score_region, regions, load_model, reader, device, workers, patience)
    with closing(scored):
        for of_region in scored:
            yield from of_region


def score_region(
    model: Seq2Exp, reader: InputReader, region: Region, device: torch.device
) -> list[WindowScores]:
    """Scores the windows of a region after one pass of the generator over all of it.

    Args:
        model: A model that passes `check_shareable`, in evaluation mode and on `device`.
        reader: Assembles what the model reads for a gene.
        region: The region.
        device: Where the arithmetic happens.

    Returns:
        Scores of each window, in the order of the region.

    Raises:
        GenesUnreadableError: If an input of a gene cannot be read.
    """
    inputs = read_region(reader, region)
    logits = region_logits(model, region, inputs, device)
    return [score_window(model, one, device, logits[:, region.rows_of(one.window)]) for one in inputs]


def read_region(reader: InputReader, region: Region) -> list[WindowInputs]:
    """What the model reads of each window of a region.

    Raises:
        GenesUnreadableError: If an input of a gene cannot be read.
    """
    return [_read(reader, gene) for gene in region.genes]


def _read(reader: InputReader, gene: Gene) -> WindowInputs:
    with blaming(gene):
        return reader.read(gene)


@torch.inference_mode()
def region_logits(
    model: Seq2Exp, region: Region, inputs: Sequence[WindowInputs], device: torch.device
) -> Float32[Tensor, "1 length 2"]:
    """What the generator says of every base of a region, given the inputs of its windows."""
    bases = torch.from_numpy(region_bases(region, inputs)).unsqueeze(0).to(device)
    unread = torch.zeros(1, len(region), len(model.config.signals), device=device)
    return model.sequence_logits(one_hot(bases), unread)


def region_bases(region: Region, inputs: Sequence[WindowInputs]) -> UInt8[np.ndarray, " length"]:
    """The bases of a region, put together from those of its windows, which cover it without a gap."""
    bases = np.empty(len(region), np.uint8)
    for one in inputs:
        bases[region.rows_of(one.window)] = one.bases
    return bases
