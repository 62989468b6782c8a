"""Scoring on GPUs: a process keeps each of them busy, another decodes files, and this one hands out.

A GPU is given batches of consecutive genes, in turn with the others. Its process launches one, while a thread
reads the next and this process takes the scores of the last. Was never run on a GPU: where it is tested, the
CPU stands in for several.
"""

import warnings
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

import torch

from seq2exp_tracks.errors import TracksError
from seq2exp_tracks.genome import Gene
from seq2exp_tracks.inputs import DecodedInputs, InputReader, WindowInputs
from seq2exp_tracks.model.seq2exp import Seq2Exp
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.scoring.batches import BatchScorer
from seq2exp_tracks.scoring.decoding import Readers, Task, plan_tasks, scratch_folder
from seq2exp_tracks.scoring.devices import set_up
from seq2exp_tracks.scoring.executors.board import PATIENCE, result_within
from seq2exp_tracks.scoring.executors.local import BYTES_A_BASE
from seq2exp_tracks.scoring.executors.slots import Parcel, Slots
from seq2exp_tracks.scoring.in_flight import MOST, windows_in_flight
from seq2exp_tracks.scoring.lost import GenesLostError, blaming
from seq2exp_tracks.worker_processes import Processes, WorkerDiedError, told_of_death

Tell = Callable[[str], None]
"""Says something that the user should know."""

# Batches whose scores a GPU is asked for at a time: it goes on while one is taken.
_ASKED = 2
# Batches that it knows of beyond these: one that it computes meanwhile, and one that it reads.
_AHEAD = 2

_WAY_OUT = "set fewer with --windows-in-flight"


class _Answer(NamedTuple):
    """What a GPU's process sends back for a batch: its scores lie in slots."""

    parcels: list[Parcel]
    remarks: list[str]


class _Fed(NamedTuple):
    """A batch that a GPU knows of."""

    gpu: Processes
    tasks: list[Task]


class _Asked(NamedTuple):
    """A batch whose scores were asked for, and where they will be."""

    tasks: list[Task]
    slots: list[int]
    answer: Future[_Answer]


def score_on_gpus(
    load_model: Callable[[], Seq2Exp],
    reader: InputReader,
    genes: Sequence[Gene],
    devices: Sequence[torch.device],
    in_flight: int | None = None,
    tell: Tell = lambda _: None,
    decode: bool = True,
    patience: float = PATIENCE,
) -> Generator[WindowScores, None, None]:
    """Scores genes on one or more GPUs and yields them in their order; see `score_genes`.

    Raises:
        GenesLostError: If a process dies or hangs, or an input cannot be read.
        TracksError: If a GPU's memory does not hold a window.
    """
    if not genes:
        return
    most = min(in_flight or MOST, -(-len(genes) // len(devices)))  # as many for each
    windows = _ASKED * len(devices) * most
    slots, free = Slots(windows, BYTES_A_BASE * reader.window), deque(range(windows))
    fed, asked = deque[_Fed](), deque[_Asked]()

    def decoder(genes: Sequence[Gene], folder: Path) -> Future[DecodedInputs]:
        return decoding.submit(_decode, genes, folder)

    def ask() -> Iterator[WindowScores]:
        """Asks for the scores of the next batch, when there are slots for them."""
        gpu, tasks = fed.popleft()
        while len(free) < len(tasks):
            yield from take()
        own = [free.popleft() for _ in tasks]
        asked.append(_Asked(tasks, own, gpu.submit(_take, own)))

    def take() -> Iterator[WindowScores]:
        """Waits for the oldest batch that was asked for."""
        tasks, own, answer = asked.popleft()
        try:
            with told_of_death(_WAY_OUT):
                parcels, remarks = result_within(answer, patience)
        except WorkerDiedError as error:
            raise GenesLostError([task.gene for task in tasks], error) from error
        except TimeoutError as error:
            late = TracksError(
                f"a GPU was at {len(tasks)} window(s) for more than {patience:g} s (--patience) and given up"
            )
            raise GenesLostError([task.gene for task in tasks], late) from error
        for remark in remarks:
            tell(remark)
        for task, slot, parcel in zip(tasks, own, parcels, strict=True):
            scores: WindowScores = slots.take(slot, parcel)
            free.append(slot)
            task.done()
            yield scores

    with scratch_folder() as scratch, ExitStack() as ending, told_of_death(_WAY_OUT):
        decoding = ending.enter_context(Processes(1, scratch, _start_decoder, reader, way_out=_WAY_OUT))
        jobs = [_Job(load_model, reader, slots, device, in_flight) for device in devices]
        processes = [Processes(1, scratch, _start, job, way_out=_WAY_OUT) for job in jobs]
        gpus = [ending.enter_context(process) for process in processes]
        sizes = [gpu.submit(_open) for gpu in gpus]
        ahead = len(gpus) * (_ASKED + _AHEAD) * most
        tasks = plan_tasks(genes, decoder if decode else None, scratch, ahead)
        for gpu, batch in zip(cycle(gpus), _batches(tasks, most, sizes), strict=False):
            gpu.submit(_feed, batch)
            fed.append(_Fed(gpu, batch))
            if len(fed) > _AHEAD * len(gpus):
                yield from ask()
        while fed:
            yield from ask()
        while asked:
            yield from take()


def _batches(tasks: Iterator[Task], most: int, sizes: Sequence[Future[int]]) -> Iterator[list[Task]]:
    """Consecutive tasks, as many at a time as every GPU holds. Files are decoded while models are loaded."""
    batch: list[Task] = []
    for task in tasks:
        batch.append(task)
        if len(batch) == min(most, *(size.result() for size in sizes)):
            yield batch
            batch = []
    if batch:
        yield batch


class _Job(NamedTuple):
    """What a GPU's process is to do."""

    load_model: Callable[[], Seq2Exp]
    reader: InputReader
    slots: Slots
    device: torch.device
    in_flight: int | None


class _Worker:
    """What a GPU's process holds."""

    job: _Job
    readers: Readers
    scorer: BatchScorer


def _start(job: _Job) -> None:
    _Worker.job, _Worker.readers = job, Readers(job.reader)


def _open() -> int:
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


def _feed(tasks: list[Task]) -> None:
    _Worker.scorer.feed(partial(_read, tasks))


def _read(tasks: list[Task]) -> list[WindowInputs]:
    return [_read_one(task) for task in tasks]


def _read_one(task: Task) -> WindowInputs:
    with blaming(task.gene):
        return _Worker.readers.of(task).read(task.gene)


def _take(slots: list[int]) -> _Answer:
    scores, remarks = _Worker.scorer.take()
    own = _Worker.job.slots
    return _Answer([own.put(slot, one) for slot, one in zip(slots, scores, strict=True)], remarks)


class _Decoder:
    """What the process that decodes holds."""

    files: InputReader


def _start_decoder(reader: InputReader) -> None:
    _Decoder.files = reader


def _decode(genes: Sequence[Gene], folder: Path) -> DecodedInputs:
    return _Decoder.files.decode(genes, folder)
