"""How windows are shared out among processes. Results come in the order of the genes, always."""

from collections.abc import Callable, Generator, Sequence

import torch

from seq2exp_tracks.genome import Gene
from seq2exp_tracks.inputs import InputReader
from seq2exp_tracks.model.seq2exp import Seq2Exp
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.scoring.executors.inline import score_inline
from seq2exp_tracks.scoring.executors.local import score_in_processes


def score_genes(
    load_model: Callable[[], Seq2Exp],
    reader: InputReader,
    genes: Sequence[Gene],
    device: torch.device,
    workers: int,
) -> Generator[WindowScores, None, None]:
    """Scores genes, in their order, with one thread a window.

    Args:
        load_model: Makes the model, in evaluation mode; it is called once in every process, so it
            must be picklable.
        reader: Assembles what the model reads for a gene.
        genes: The genes to score.
        device: Where the arithmetic happens.
        workers: Number of processes. On a GPU, and where it is 1, everything stays in this process.

    Yields:
        Scores of each gene's window, the same to the last bit for any number of workers.
    """
    workers = min(workers, len(genes))
    if workers == 1 or device.type != "cpu":
        return score_inline(load_model, reader, genes, device)
    return score_in_processes(load_model, reader, genes, workers)
