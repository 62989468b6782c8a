"""Scoring in processes of this machine: one window a process, one thread a window.

Windows share nothing but the decoded inputs, so as many processes as cores is the fastest way to use a CPU; a
window that is shared among threads spends its time waiting for them.
"""

import os
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import NamedTuple

import torch

from seq2exp_tracks.genome import Gene
from seq2exp_tracks.inputs import DecodedInputs, InputReader
from seq2exp_tracks.model.seq2exp import Seq2Exp
from seq2exp_tracks.processes import usable_cores
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.scoring.decoding import Readers, Task, plan_tasks, scratch_folder
from seq2exp_tracks.scoring.engine import score_window
from seq2exp_tracks.scoring.executors.slots import Parcel, Slots
from seq2exp_tracks.worker_processes import Processes, told_of_death

# A worker with a 200 kb window of the published model, in bytes (benchmarks/RESULTS.md), and the part of
# the machine's memory that workers may fill.
_WORKER_BYTES = 1.5e9
_SHARE_OF_MEMORY = 0.8

# Windows handed out ahead of the one that is waited for: enough that no worker idles while this
# process writes, few enough that results which wait for their turn stay small.
_AHEAD = 2

BYTES_A_BASE = 17
"""Of the arrays of WindowScores: four of float32 and one of bool."""


class _Waiting(NamedTuple):
    """A window that was handed out, and where its scores will be."""

    task: Task
    slot: int
    future: Future[Parcel]


def score_in_processes(
    load_model: Callable[[], Seq2Exp],
    reader: InputReader,
    genes: Sequence[Gene],
    workers: int,
    decode: bool = True,
) -> Generator[WindowScores, None, None]:
    """Scores genes on the CPU in `workers` processes and yields them in their order; see `score_genes`.

    Raises:
        TracksError: If a worker dies, most likely for want of memory.
    """
    slots = Slots(workers * _AHEAD, BYTES_A_BASE * reader.window)
    free, waiting = deque(range(workers * _AHEAD)), deque[_Waiting]()

    def decoder(genes: Sequence[Gene], folder: Path) -> Future[DecodedInputs]:
        return processes.submit(_decode, genes, folder)

    def next_scores() -> WindowScores:
        task, slot, future = waiting.popleft()
        scores: WindowScores = slots.take(slot, future.result())
        free.append(slot)
        task.done()
        return scores

    with (
        scratch_folder() as scratch,
        Processes(workers, scratch, _start_worker, load_model, reader, slots) as processes,
        told_of_death(),
    ):
        for task in plan_tasks(genes, decoder if decode else None, scratch, ahead=len(free)):
            slot = free.popleft()
            waiting.append(_Waiting(task, slot, processes.submit(_score, task, slot)))
            if not free:
                yield next_scores()
        while waiting:
            yield next_scores()


def default_workers() -> int:
    """As many workers as this process may use cores, or fewer where the memory would not do."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return max(1, min(usable_cores(), int(memory * _SHARE_OF_MEMORY / _WORKER_BYTES)))


class _Worker:
    """What a worker process holds between windows."""

    model: Seq2Exp
    files: InputReader
    readers: Readers
    slots: Slots


def _start_worker(load_model: Callable[[], Seq2Exp], reader: InputReader, slots: Slots) -> None:
    """Prepares a worker: one thread, a model, open files, and memory for results."""
    torch.set_num_threads(1)
    _Worker.model = load_model()
    _Worker.files, _Worker.readers = reader, Readers(reader)
    _Worker.slots = slots


def _decode(genes: Sequence[Gene], folder: Path) -> DecodedInputs:
    return _Worker.files.decode(genes, folder)


def _score(task: Task, slot: int) -> Parcel:
    scores = score_window(_Worker.model, _Worker.readers.of(task).read(task.gene), torch.device("cpu"))
    return _Worker.slots.put(slot, scores)
