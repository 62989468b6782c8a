"""Scoring on GPUs: a process keeps each of them busy, another decodes files, and this one hands out.

A GPU is given batches of consecutive genes, in turn with the others. Its process launches one, while a thread
reads the next and this process takes the scores of the last. Was never run on a GPU: where it is tested, the
CPU stands in for several.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path
from typing import NamedTuple, ParamSpec, TypeVar

import torch

from seq2exp_tracks.errors import TracksError
from seq2exp_tracks.genome import Gene
from seq2exp_tracks.inputs import DecodedInputs, InputReader
from seq2exp_tracks.model.seq2exp import Seq2Exp
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.scoring.decoding import Task, plan_tasks, scratch_folder
from seq2exp_tracks.scoring.executors.board import PATIENCE, STARTING, result_within
from seq2exp_tracks.scoring.executors.gpu_process import (
    Answer,
    GpuJob,
    decode_genes,
    feed,
    open_gpu,
    start_decoder,
    start_gpu,
    take,
)
from seq2exp_tracks.scoring.executors.local import BYTES_A_BASE
from seq2exp_tracks.scoring.executors.slots import Slots
from seq2exp_tracks.scoring.in_flight import MOST
from seq2exp_tracks.scoring.lost import GenesLostError
from seq2exp_tracks.worker_processes import Processes, WorkerDiedError, told_of_death

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
Tell = Callable[[str], None]
"""Says something that the user should know."""

# Batches whose scores a GPU is asked for at a time: it goes on while one is taken.
_ASKED = 2
# Batches that it knows of beyond these: one that it computes meanwhile, and one that it reads.
_AHEAD = 2

_WAY_OUT = "set fewer with --windows-in-flight"


class _Fed(NamedTuple):
    """A batch that a GPU knows of."""

    gpu: Processes
    tasks: list[Task]


class _Asked(NamedTuple):
    """A batch whose scores were asked for, and where they will be."""

    tasks: list[Task]
    slots: list[int]
    answer: Future[Answer]


class _Conveyor:
    """Batches on their way: fed to a GPU, then asked for, then taken; each in the order of its coming.

    Args:
        slots: Where scores are put by the GPUs' processes.
        count: How many slots there are.
        tell: Is told what a GPU remarks.
        patience: Seconds that a GPU may take for what it was asked for.
    """

    def __init__(self, slots: Slots, count: int, tell: Tell, patience: float) -> None:
        self._slots, self._free = slots, deque(range(count))
        self._tell, self._patience = tell, patience
        self._fed, self._asked = deque[_Fed](), deque[_Asked]()

    @property
    def fed(self) -> int:
        """How many batches GPUs know of that were not asked for yet."""
        return len(self._fed)

    def feed(self, gpu: Processes, tasks: list[Task]) -> None:
        """Has a GPU read a batch, and compute it in its turn."""
        submitted(gpu, feed, tasks)  # what becomes of it is told where its scores are asked for
        self._fed.append(_Fed(gpu, tasks))

    def ask(self) -> Iterator[WindowScores]:
        """Asks for the scores of the next batch, when there are slots for them: others are taken before."""
        gpu, tasks = self._fed.popleft()
        while len(self._free) < len(tasks):
            yield from self._take()
        own = [self._free.popleft() for _ in tasks]
        self._asked.append(_Asked(tasks, own, submitted(gpu, take, own)))

    def rest(self) -> Iterator[WindowScores]:
        """All that is still on its way."""
        while self._fed:
            yield from self.ask()
        while self._asked:
            yield from self._take()

    def _take(self) -> Iterator[WindowScores]:
        """Waits for the oldest batch that was asked for."""
        tasks, own, answer = self._asked.popleft()
        genes, told = [task.gene for task in tasks], f"a GPU was at {len(tasks)} window(s)"
        parcels, remarks = _within(self._patience, answer, genes, told)
        for remark in remarks:
            self._tell(remark)
        for task, slot, parcel in zip(tasks, own, parcels, strict=True):
            scores: WindowScores = self._slots.take(slot, parcel)
            self._free.append(slot)
            task.done()
            yield scores


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
    slots = Slots(windows, BYTES_A_BASE * reader.window)
    conveyor = _Conveyor(slots, windows, tell, patience)
    starting = max(patience, STARTING)  # what the processes begin with is waited for from their start on

    def decoder(genes: Sequence[Gene], folder: Path) -> Future[DecodedInputs]:
        return submitted(decoding, decode_genes, genes, folder)

    def decoded(future: Future[DecodedInputs], genes: Sequence[Gene]) -> DecodedInputs:
        return _within(starting, future, genes, f"inputs of {len(genes)} gene(s) were being decoded")

    def held() -> int:
        return min(most, *(_within(starting, size, [], "a GPU was being given the model") for size in sizes))

    with scratch_folder() as scratch, ExitStack() as ending, told_of_death(_WAY_OUT):
        decoding = ending.enter_context(Processes(1, scratch, start_decoder, reader, way_out=_WAY_OUT))
        jobs = [GpuJob(load_model, reader, slots, device, in_flight) for device in devices]
        processes = [Processes(1, scratch, start_gpu, job, way_out=_WAY_OUT) for job in jobs]
        gpus = [ending.enter_context(process) for process in processes]
        sizes = [gpu.submit(open_gpu) for gpu in gpus]
        ahead = len(gpus) * (_ASKED + _AHEAD) * most
        tasks = plan_tasks(genes, decoder if decode else None, scratch, ahead, decoded)
        for gpu, batch in zip(cycle(gpus), _batches(tasks, held), strict=False):
            conveyor.feed(gpu, batch)
            if conveyor.fed > _AHEAD * len(gpus):
                yield from conveyor.ask()
        yield from conveyor.rest()


def _batches(tasks: Iterator[Task], held: Callable[[], int]) -> Iterator[list[Task]]:
    """Consecutive tasks, as many at a time as every GPU holds. Files are decoded while models are loaded."""
    batch: list[Task] = []
    for task in tasks:
        batch.append(task)
        if len(batch) == held():
            yield batch
            batch = []
    if batch:
        yield batch


def submitted(
    processes: Processes,
    function: Callable[Arguments, Result],
    *args: Arguments.args,
    **kwargs: Arguments.kwargs,
) -> Future[Result]:
    """Gives a process something to do; one that has died says so when it is waited for.

    What it died at was given to it before: that is waited for earlier, and its genes are blamed.
    """
    try:
        return processes.submit(function, *args, **kwargs)
    except WorkerDiedError as error:
        refused: Future[Result] = Future()
        refused.set_exception(error)
        return refused


def _within(patience: float, future: Future[Result], genes: Sequence[Gene], doing: str) -> Result:
    """Waits for what a process has to say.

    Args:
        patience: Seconds that it may take.
        future: What it says.
        genes: Those that are to blame where it dies or hangs.
        doing: What is being done, for a message.

    Raises:
        GenesLostError: If it dies or hangs.
    """
    try:
        with told_of_death(_WAY_OUT):
            return result_within(future, patience)
    except WorkerDiedError as error:
        raise GenesLostError(genes, error) from error
    except TimeoutError as error:
        late = TracksError(f"{doing} for more than {patience:g} s (--patience) and given up")
        raise GenesLostError(genes, late) from error
