"""Scoring in processes of this machine: one window a process, one thread a window.

Windows share nothing but the decoded inputs, so as many processes as cores is the fastest way to use a CPU; a
window that is shared among threads spends its time waiting for them.
"""

import os
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import NamedTuple, TypeVar

import torch

from seq2exp_tracks.errors import TracksError
from seq2exp_tracks.genome import Gene
from seq2exp_tracks.inputs import DecodedInputs, InputReader
from seq2exp_tracks.model.seq2exp import Seq2Exp
from seq2exp_tracks.processes import usable_cores
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.scoring.decoding import Readers, Task, plan_tasks, scratch_folder
from seq2exp_tracks.scoring.engine import score_window
from seq2exp_tracks.scoring.executors.board import PATIENCE, Board, Entry
from seq2exp_tracks.scoring.executors.slots import Parcel, Slots
from seq2exp_tracks.scoring.lost import GenesLostError, blaming, within_memory
from seq2exp_tracks.worker_processes import Processes, WorkerDiedError, told_of_death

Result = TypeVar("Result")

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
    patience: float = PATIENCE,
) -> Generator[WindowScores, None, None]:
    """Scores genes on the CPU in `workers` processes and yields them in their order; see `score_genes`.

    Raises:
        GenesLostError: If a worker dies, most likely for want of memory, or hangs, or an input cannot be
            read.
    """
    slots = Slots(workers * _AHEAD, BYTES_A_BASE * reader.window)
    board = Board(workers, patience)
    free, waiting = deque(range(workers * _AHEAD)), deque[_Waiting]()
    # The genes of everything that workers do, by its number on the board: windows, then what is decoded.
    work: list[Sequence[Gene]] = [[gene] for gene in genes]
    late: list[TracksError] = []

    def decoder(genes: Sequence[Gene], folder: Path) -> Future[DecodedInputs]:
        work.append(genes)
        return processes.submit(_decode, len(work) - 1, genes, folder)

    def hung(entry: Entry | None) -> None:
        if entry is None:
            late.append(TracksError(f"no worker did anything for more than {patience:g} s (--patience)"))
            return
        gene, *others = work[entry.task]
        told = f"gene {gene.name} ({gene.id})" + (f" and {len(others)} more" if others else "")
        late.append(
            TracksError(f"{told}: a worker was at it for more than {patience:g} s (--patience) and was ended")
        )

    def result(future: Future[Result]) -> Result:
        with told_of_death():
            return board.result(future, hung)

    def next_scores() -> WindowScores:
        task, slot, future = waiting.popleft()
        scores: WindowScores = slots.take(slot, result(future))
        free.append(slot)
        task.done()
        return scores

    with (
        scratch_folder() as scratch,
        Processes(workers, scratch, _start_worker, load_model, reader, slots, board) as processes,
    ):
        try:
            tasks = plan_tasks(genes, decoder if decode else None, scratch, ahead=len(free), wait=result)
            for number, task in enumerate(tasks):
                slot = free.popleft()
                waiting.append(_Waiting(task, slot, processes.submit(_score, number, task, slot)))
                if not free:
                    yield next_scores()
            while waiting:
                yield next_scores()
        except WorkerDiedError as error:
            died = processes.died()
            at = [work[entry.task] for entry in board.entries() if entry.process in died or not died]
            raise GenesLostError([gene for own in at for gene in own], late[0] if late else error) from error


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
    board: Board


def _start_worker(load_model: Callable[[], Seq2Exp], reader: InputReader, slots: Slots, board: Board) -> None:
    """Prepares a worker: one thread, a model, open files, memory for results, a line on the board."""
    torch.set_num_threads(1)
    _Worker.model = load_model()
    _Worker.files, _Worker.readers = reader, Readers(reader)
    _Worker.slots, _Worker.board = slots, board
    board.join()


def _decode(number: int, genes: Sequence[Gene], folder: Path) -> DecodedInputs:
    _Worker.board.begin(number)
    try:
        with within_memory(genes):
            return _Worker.files.decode(genes, folder)
    finally:
        _Worker.board.end()


def _score(number: int, task: Task, slot: int) -> Parcel:
    _Worker.board.begin(number)
    try:
        with within_memory([task.gene]):
            with blaming(task.gene):
                inputs = _Worker.readers.of(task).read(task.gene)
            return _Worker.slots.put(slot, score_window(_Worker.model, inputs, torch.device("cpu")))
    finally:
        _Worker.board.end()
