"""Processes that are watched: where one dies or hangs, it is known which genes it was at.

Knows nothing of what they do, but that it is done for genes.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from seq2exp_tracks.errors import TracksError
from seq2exp_tracks.genome import Gene
from seq2exp_tracks.scoring.executors.board import Board, Entry, NotReadyError
from seq2exp_tracks.scoring.lost import GenesLostError, within_memory
from seq2exp_tracks.worker_processes import Processes, WorkerDiedError, told_of_death

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class WatchedProcesses:
    """Processes that take work in turn; a context manager that ends them, see `Processes`.

    Args:
        count: Number of processes.
        patience: Seconds that one of them may take for a piece of work.
        scratch: Folder of the run.
        prepare: Called in each process before it works.
        arguments: Its arguments; shared memory among them is shared.
    """

    def __init__(
        self, count: int, patience: float, scratch: Path, prepare: Callable[..., None], *arguments: Any
    ) -> None:
        self._patience = patience
        self._board = Board(count, patience)
        self._processes = Processes(count, scratch, _prepare, self._board, prepare, arguments)
        # The genes of every piece of work, by its number on the board.
        self._work: list[Sequence[Gene]] = []
        self._late: list[TracksError] = []

    def __enter__(self) -> "WatchedProcesses":
        self._processes.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._processes.__exit__(*error)

    def submit(
        self,
        genes: Sequence[Gene],
        function: Callable[Arguments, Result],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Future[Result]:
        """Gives one of the processes something to do.

        Args:
            genes: The genes that it is done for.
            function: What to do.
            args: Its arguments.
            kwargs: Its arguments by name.

        Raises:
            GenesLostError: If one of the processes died.
        """
        self._work.append(genes)
        with self._blaming():
            return self._processes.submit(_do, len(self._work) - 1, genes, function, *args, **kwargs)

    def result(self, future: Future[Result]) -> Result:
        """Waits for a result, and ends processes that take too long.

        Raises:
            GenesLostError: If a process died, most likely for want of memory, or hung; the genes are those
                that it was at, and none where it never got ready to work.
        """
        with self._blaming(), told_of_death():
            return self._board.result(future, self._hung)

    def _hung(self, entry: Entry | None) -> None:
        """Remembers why a process is ended."""
        longer = f"for more than {self._patience:g} s (--patience)"
        if entry is None:
            self._late.append(TracksError(f"no worker did anything {longer}"))
            return
        gene, *others = self._work[entry.task]
        told = f"gene {gene.name} ({gene.id})" + (f" and {len(others)} more" if others else "")
        self._late.append(TracksError(f"{told}: a worker was at it {longer} and was ended"))

    @contextmanager
    def _blaming(self) -> Iterator[None]:
        """Finds out which genes are lost if a process dies meanwhile."""
        try:
            yield
        except NotReadyError as error:
            raise GenesLostError([], error) from error
        except WorkerDiedError as error:
            died = self._processes.died()
            at = [
                self._work[entry.task] for entry in self._board.entries() if entry.process in died or not died
            ]
            cause = self._late[0] if self._late else error
            raise GenesLostError([gene for own in at for gene in own], cause) from error


class _Worker:
    """What a process holds between pieces of work."""

    board: Board


def _prepare(board: Board, prepare: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    prepare(*arguments)
    _Worker.board = board
    board.join()


def _do(number: int, genes: Sequence[Gene], function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    _Worker.board.begin(number)
    try:
        with within_memory(genes):
            return function(*args, **kwargs)
    finally:
        _Worker.board.end()
