"""How windows are shared out among processes. Results come in the order of the genes, always."""

from collections.abc import Callable, Generator, Sequence

import torch

from seq2exp_tracks.genome import Gene
from seq2exp_tracks.inputs import InputReader
from seq2exp_tracks.model.seq2exp import Seq2Exp
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.scoring.executors.board import PATIENCE
from seq2exp_tracks.scoring.executors.gpus import Tell, score_on_gpus
from seq2exp_tracks.scoring.executors.inline import score_inline
from seq2exp_tracks.scoring.executors.local import score_in_processes


def score_genes(
    load_model: Callable[[], Seq2Exp],
    reader: InputReader,
    genes: Sequence[Gene],
    devices: Sequence[torch.device],
    workers: int,
    decode: bool = True,
    *,
    in_flight: int | None = None,
    tell: Tell = lambda _: None,
    patience: float = PATIENCE,
) -> Generator[WindowScores, None, None]:
    """Scores genes, in their order; on a CPU with one thread a window, on GPUs many windows at once.

    Args:
        load_model: Makes the model, in evaluation mode; it is called once in every process, so it
            must be picklable.
        reader: Assembles what the model reads for a gene.
        genes: The genes to score.
        devices: Where the arithmetic happens: the CPU, or GPUs, each with a process of its own.
        workers: Number of processes on the CPU. Where it is 1, that is this one.
        decode: Whether the inputs of a chromosome are decoded once, into a folder where TMPDIR says, and not
            read from their files for every window anew. The scores are the same.
        in_flight: Windows that a GPU reads at once; None for as many as its memory holds.
        tell: Is told what the user should know while a run goes on.
        patience: Seconds that a process may take for a window, or a GPU for those in flight, before it counts
            as hung; nobody watches a single worker, which is this process.

    Yields:
        Scores of each gene's window, the same to the last bit for any number of workers, of GPUs and of
        windows in flight.
    """
    if devices[0].type != "cpu":
        return score_on_gpus(load_model, reader, genes, devices, in_flight, tell, decode, patience)
    workers = min(workers, len(genes))
    if workers <= 1:
        return score_inline(load_model, reader, genes, decode)
    return score_in_processes(load_model, reader, genes, workers, decode, patience)
