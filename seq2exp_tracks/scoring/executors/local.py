"""Scoring in processes of this machine: one window a process, one thread a window.

Windows share nothing but the decoded inputs, so as many processes as cores is the fastest way to use a CPU; a
window that is shared among threads spends its time waiting for them.
"""

import os
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
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
from seq2exp_tracks.scoring.executors.board import PATIENCE
from seq2exp_tracks.scoring.executors.slots import Parcel, Slots
from seq2exp_tracks.scoring.executors.watched import WatchedProcesses
from seq2exp_tracks.scoring.lost import blaming

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


class _Windows:
    """Windows on their way: handed out, then taken, in the order of their coming.

    Args:
        processes: Who scores them.
        slots: Where their scores are put.
        count: How many slots there are.
    """

    def __init__(self, processes: WatchedProcesses, slots: Slots, count: int) -> None:
        self._processes, self._slots = processes, slots
        self._free, self._waiting = deque(range(count)), deque[_Waiting]()

    def hand_out(self, task: Task) -> Iterator[WindowScores]:
        """Has a window scored; where there is no slot for the next one then, the oldest is taken."""
        slot = self._free.popleft()
        future = self._processes.submit([task.gene], _score, task, slot)
        self._waiting.append(_Waiting(task, slot, future))
        if not self._free:
            yield self._take()

    def rest(self) -> Iterator[WindowScores]:
        """All that is still on its way."""
        while self._waiting:
            yield self._take()

    def _take(self) -> WindowScores:
        """Waits for the oldest window."""
        task, slot, future = self._waiting.popleft()
        scores: WindowScores = self._slots.take(slot, self._processes.result(future))
        self._free.append(slot)
        task.done()
        return scores


def score_in_processes(
    load_model: Callable[[], Seq2Exp],
    reader: InputReader,
    genes: Sequence[Gene],
    workers: int,
    decode: bool = True,
    patience: float = PATIENCE,
) -> Generator[WindowScores, None, None]:
    """Scores genes on the CPU in `workers` processes and yields them in their order; see `score_genes`.

    Raises:
        GenesLostError: If a worker dies, most likely for want of memory, or hangs, or an input cannot be
            read.
    """
    count = workers * _AHEAD
    slots = Slots(count, BYTES_A_BASE * reader.window)

    def decoder(genes: Sequence[Gene], folder: Path) -> Future[DecodedInputs]:
        return processes.submit(genes, _decode, genes, folder)

    def decoded(future: Future[DecodedInputs], _: Sequence[Gene]) -> DecodedInputs:
        return processes.result(future)

    with (
        scratch_folder() as scratch,
        WatchedProcesses(workers, patience, scratch, _start_worker, load_model, reader, slots) as processes,
    ):
        windows = _Windows(processes, slots, count)
        for task in plan_tasks(genes, decoder if decode else None, scratch, count, decoded):
            yield from windows.hand_out(task)
        yield from windows.rest()


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
    """Prepares a worker: one thread, a model, open files, memory for results."""
    torch.set_num_threads(1)
    _Worker.model = load_model()
    _Worker.files, _Worker.readers = reader, Readers(reader)
    _Worker.slots = slots


def _decode(genes: Sequence[Gene], folder: Path) -> DecodedInputs:
    return _Worker.files.decode(genes, folder)


def _score(task: Task, slot: int) -> Parcel:
    with blaming(task.gene):
        inputs = _Worker.readers.of(task).read(task.gene)
    return _Worker.slots.put(slot, score_window(_Worker.model, inputs, torch.device("cpu")))
