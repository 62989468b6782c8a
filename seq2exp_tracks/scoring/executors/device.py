"""Scoring on a GPU: this process keeps it busy, a thread feeds it, another process decodes files.

While the device computes a window, the next one is read and copied to it, and the scores of the last one come
back. Decoding holds Python's lock for milliseconds at a time, so that it happens elsewhere.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path

import torch

from seq2exp_tracks.genome import Gene
from seq2exp_tracks.inputs import DecodedInputs, InputReader, WindowInputs
from seq2exp_tracks.model.seq2exp import Seq2Exp
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.scoring.decoding import Task, plan_tasks, scratch_folder
from seq2exp_tracks.scoring.engine import Launched, collect, launch
from seq2exp_tracks.scoring.executors.processes import Processes, told_of_death
from seq2exp_tracks.scoring.prefetch import prefetched


def score_on_device(
    load_model: Callable[[], Seq2Exp],
    reader: InputReader,
    genes: Sequence[Gene],
    device: torch.device,
    decode: bool = True,
) -> Generator[WindowScores, None, None]:
    """Scores genes one after another on a device; see `score_genes`.

    Raises:
        TracksError: If the process that decodes dies.
    """
    model = load_model().to(device)
    with scratch_folder() as scratch:
        process = Processes(1, scratch, _start_decoder, reader)

        def decoder(genes: Sequence[Gene], folder: Path) -> Future[DecodedInputs]:
            return process.submit(_decode, genes, folder)

        tasks = plan_tasks(genes, decoder if decode else None, scratch, ahead=2)
        # The thread may wait for the process, which therefore goes first when this is broken off.
        with told_of_death(), prefetched(_inputs(tasks, reader), device) as windows, process:
            launched: Launched | None = None
            for window in windows:
                following = launch(model, window.inputs, window.tensors)
                if launched is not None:
                    yield collect(launched)
                launched = following
            if launched is not None:
                yield collect(launched)


def _inputs(tasks: Iterator[Task], files: InputReader) -> Iterator[WindowInputs]:
    for task in tasks:
        inputs = task.reader(files).read(task.gene)
        task.done()
        yield inputs


class _Decoder:
    """What the process that decodes holds."""

    files: InputReader


def _start_decoder(reader: InputReader) -> None:
    _Decoder.files = reader


def _decode(genes: Sequence[Gene], folder: Path) -> DecodedInputs:
    return _Decoder.files.decode(genes, folder)
