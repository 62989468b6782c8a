"""Pieces of work larger than a window, shared out among processes. Knows of them only their genes."""

from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future
from typing import Any, Protocol, TypeVar

import torch

from seq2exp_tracks.genome import Gene
from seq2exp_tracks.inputs import InputReader
from seq2exp_tracks.model.reading import one_thread
from seq2exp_tracks.model.seq2exp import Seq2Exp
from seq2exp_tracks.scoring.decoding import scratch_folder
from seq2exp_tracks.scoring.devices import set_up
from seq2exp_tracks.scoring.executors.board import PATIENCE
from seq2exp_tracks.scoring.executors.watched import WatchedProcesses
from seq2exp_tracks.scoring.lost import within_memory


class OfGenes(Protocol):
    """A piece of work."""

    @property
    def genes(self) -> Sequence[Gene]:
        """The genes that it is done for: they are to blame where a process dies at it."""


Unit = TypeVar("Unit", bound=OfGenes)
Result = TypeVar("Result")
Work = Callable[[Seq2Exp, InputReader, Unit, torch.device], Result]
"""What is done with a unit; it has to be picklable, as have the unit and the result."""

# Units handed out ahead of the one that is waited for: none idles while this process writes.
_AHEAD = 2


def work_in_order(
    work: Work[Unit, Result],
    units: Sequence[Unit],
    load_model: Callable[[], Seq2Exp],
    reader: InputReader,
    device: torch.device,
    workers: int,
    patience: float = PATIENCE,
) -> Generator[Result, None, None]:
    """Works through units, each on one thread.

    Args:
        work: What is done with each.
        units: The units.
        load_model: Makes the model, in evaluation mode; it is called once in every process.
        reader: Assembles what the model reads for a gene.
        device: Where the arithmetic happens.
        workers: Number of processes that compute. Where it is 1, and on a GPU, that is this one.
        patience: Seconds that another process may take for a unit before it counts as hung and is ended.

    Yields:
        What the work returns, in the order of the units.

    Raises:
        GenesLostError: If a process dies, most likely for want of memory, or hangs.
    """
    if not units:
        return
    workers = min(workers, len(units))
    if device.type != "cpu" or workers <= 1:
        set_up(device)
        model = load_model().to(device)
        for unit in units:
            with within_memory(unit.genes), one_thread():
                result = work(model, reader, unit, device)
            yield result
        return
    waiting: deque[Future[Result]] = deque()
    with (
        scratch_folder() as scratch,
        WatchedProcesses(workers, patience, scratch, _start, load_model, reader) as processes,
    ):
        for unit in units:
            waiting.append(processes.submit(unit.genes, _do, work, unit))
            if len(waiting) >= workers * _AHEAD:
                yield processes.result(waiting.popleft())
        while waiting:
            yield processes.result(waiting.popleft())


class _Worker:
    """What a process holds between units."""

    model: Seq2Exp
    reader: InputReader


def _start(load_model: Callable[[], Seq2Exp], reader: InputReader) -> None:
    """Prepares a process: one thread, a model, open files."""
    torch.set_num_threads(1)
    _Worker.model, _Worker.reader = load_model(), reader


def _do(work: Callable[..., Any], unit: Any) -> Any:
    return work(_Worker.model, _Worker.reader, unit, torch.device("cpu"))
