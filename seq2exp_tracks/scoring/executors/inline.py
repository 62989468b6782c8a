"""Scoring on the CPU in this very process, where one worker is asked for."""

from collections.abc import Callable, Generator, Sequence

import torch

from seq2exp_tracks.genome import Gene
from seq2exp_tracks.inputs import InputReader
from seq2exp_tracks.model.reading import one_thread
from seq2exp_tracks.model.seq2exp import Seq2Exp
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.scoring.decoding import finished, plan_tasks, scratch_folder
from seq2exp_tracks.scoring.engine import score_window
from seq2exp_tracks.scoring.lost import blaming, within_memory


def score_inline(
    load_model: Callable[[], Seq2Exp], reader: InputReader, genes: Sequence[Gene], decode: bool = True
) -> Generator[WindowScores, None, None]:
    """Scores genes one after another in this process; see `score_genes`."""
    model, cpu = load_model(), torch.device("cpu")
    with scratch_folder() as scratch:
        decoder = finished(reader.decode) if decode else None
        for task in plan_tasks(genes, decoder, scratch, ahead=1):
            with within_memory([task.gene]):
                with blaming(task.gene):
                    inputs = task.reader(reader).read(task.gene)
                task.done()
                with one_thread():
                    scores = score_window(model, inputs, cpu)
            yield scores
