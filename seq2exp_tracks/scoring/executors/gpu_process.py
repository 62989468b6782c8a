"""What the processes do that keep GPUs busy: read batches, launch them, put scores where they are wanted.

Another one decodes files. Who hands out batches, is the business of `gpus`.
"""

import warnings
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import torch

from seq2exp_tracks.errors import TracksError
from seq2exp_tracks.genome import Gene
from seq2exp_tracks.inputs import DecodedInputs, InputReader, WindowInputs
from seq2exp_tracks.model.seq2exp import Seq2Exp
from seq2exp_tracks.scoring.batches import BatchScorer
from seq2exp_tracks.scoring.decoding import Readers, Task
from seq2exp_tracks.scoring.devices import set_up
from seq2exp_tracks.scoring.executors.slots import Parcel, Slots
from seq2exp_tracks.scoring.in_flight import windows_in_flight
from seq2exp_tracks.scoring.lost import blaming


class Answer(NamedTuple):
    """What a GPU's process sends back for a batch: its scores lie in slots."""

    parcels: list[Parcel]
    remarks: list[str]


class GpuJob(NamedTuple):
    """What a GPU's process is to do."""

    load_model: Callable[[], Seq2Exp]
    reader: InputReader
    slots: Slots
    device: torch.device
    in_flight: int | None


class _Worker:
    """What a GPU's process holds."""

    job: GpuJob
    readers: Readers
    scorer: BatchScorer


def start_gpu(job: GpuJob) -> None:
    """Prepares a GPU's process; the model is brought to the GPU later."""
    _Worker.job, _Worker.readers = job, Readers(job.reader)


def open_gpu() -> int:
    """Brings the model to the GPU, and tells how many windows it takes at a time."""
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore", "Triton .*: the GPU runs plain PyTorch")  # the run has said so
    load_model, reader, _, device, in_flight = _Worker.job
    set_up(device)
    try:
        model = load_model().to(device)
    except torch.OutOfMemoryError as error:
        raise TracksError(
            f"{device}: its memory does not hold the model; end other programs that use it, or choose "
            "another device with --device"
        ) from error
    size = windows_in_flight(model, reader.window, device, in_flight)
    _Worker.scorer = BatchScorer(model, device, size).__enter__()  # until the process ends
    return size


def feed(tasks: list[Task]) -> None:
    """Has a batch read and launched."""
    _Worker.scorer.feed(partial(_read, tasks))


def _read(tasks: list[Task]) -> list[WindowInputs]:
    return [_read_one(task) for task in tasks]


def _read_one(task: Task) -> WindowInputs:
    with blaming(task.gene):
        return _Worker.readers.of(task).read(task.gene)


def take(slots: list[int]) -> Answer:
    """Waits for the oldest batch and puts its scores into slots."""
    scores, remarks = _Worker.scorer.take()
    own = _Worker.job.slots
    return Answer([own.put(slot, one) for slot, one in zip(slots, scores, strict=True)], remarks)


class _Decoder:
    """What the process that decodes holds."""

    files: InputReader


def start_decoder(reader: InputReader) -> None:
    """Prepares the process that decodes."""
    _Decoder.files = reader


def decode_genes(genes: Sequence[Gene], folder: Path) -> DecodedInputs:
    """Decodes the inputs of a chromosome's genes."""
    return _Decoder.files.decode(genes, folder)
