"""How windows are shared out among processes. Results come in the order of the genes, always."""

from collections.abc import Callable, Generator, Sequence

import torch

from seq2exp_tracks.genome import Gene
from seq2exp_tracks.inputs import InputReader
from seq2exp_tracks.model.seq2exp import Seq2Exp
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.scoring.executors.device import score_on_device
from seq2exp_tracks.scoring.executors.inline import score_inline
from seq2exp_tracks.scoring.executors.local import score_in_processes


def score_genes(
    load_model: Callable[[], Seq2Exp],
    reader: InputReader,
    genes: Sequence[Gene],
    device: torch.device,
    workers: int,
    decode: bool = True,
) -> Generator[WindowScores, None, None]:
    """Scores genes, in their order, with one thread a window.

    Args:
        load_model: Makes the model, in evaluation mode; it is called once in every process, so it
            must be picklable.
        reader: Assembles what the model reads for a gene.
        genes: The genes to score.
        device: Where the arithmetic happens.
        workers: Number of processes that compute. Where it is 1, and on a GPU, that is this one.
        decode: Whether the inputs of a chromosome are decoded once, into a folder where TMPDIR says, and not
            read from their files for every window anew. The scores are the same.

    Yields:
        Scores of each gene's window, the same to the last bit for any number of workers.
    """
    if device.type != "cpu":
        return score_on_device(load_model, reader, genes, device, decode)
    workers = min(workers, len(genes))
    if workers <= 1:
        return score_inline(load_model, reader, genes, decode)
    return score_in_processes(load_model, reader, genes, workers, decode)
