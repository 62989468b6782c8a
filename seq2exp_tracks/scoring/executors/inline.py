"""Scoring in this very process: on a GPU, or where one worker is asked for."""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager

import torch

from seq2exp_tracks.genome import Gene
from seq2exp_tracks.inputs import InputReader
from seq2exp_tracks.model.seq2exp import Seq2Exp
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.scoring.engine import score_window


def score_inline(
    load_model: Callable[[], Seq2Exp], reader: InputReader, genes: Sequence[Gene], device: torch.device
) -> Generator[WindowScores, None, None]:
    """Scores genes one after another in this process; see `score_genes`."""
    model = load_model().to(device)
    for gene in genes:
        inputs = reader.read(gene)
        with one_thread():
            scores = score_window(model, inputs, device)
        yield scores


@contextmanager
def one_thread() -> Iterator[None]:
    """Keeps torch to one thread meanwhile: with more, a sum's order depends on how many there are."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
