"""Genes with their inputs decoded, a chromosome ahead of the one that is scored.

Decoding is bounded: there are the files of the chromosome whose windows are scored and of the next one, or
of as many small ones as hold the windows that may be under way. Who decodes, is the executor's business.
"""

import tempfile
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from seq2exp_tracks.errors import InputError, OutputError
from seq2exp_tracks.genome import Gene
from seq2exp_tracks.inputs import DecodedInputs, InputReader
from seq2exp_tracks.scoring.lost import GenesUnreadableError, within_memory

Decode = Callable[[Sequence[Gene], Path], "Future[DecodedInputs]"]
"""Begins to decode genes of one chromosome into a new folder, somewhere; see `InputReader.decode`."""

Wait = Callable[["Future[DecodedInputs]", Sequence[Gene]], DecodedInputs]
"""Waits for what is decoded of some genes."""


@dataclass(frozen=True, slots=True)
class Task:
    """A gene to score.

    Attributes:
        gene: The gene.
        decoded: What its window is read from; None where that is the files themselves.
        last: Whether it is the last gene that needs `decoded`.
    """

    gene: Gene
    decoded: DecodedInputs | None = None
    last: bool = False

    def reader(self, files: InputReader) -> InputReader:
        """The reader of this gene, given that of the files."""
        return files if self.decoded is None else files.over(self.decoded)

    def done(self) -> None:
        """To be called when the gene was read, and those before it."""
        if self.last and self.decoded is not None:
            self.decoded.remove()


class Readers:
    """Readers of genes; that of a chromosome is kept while its genes come, so that files are mapped once.

    Args:
        files: The reader of the files.
    """

    def __init__(self, files: InputReader) -> None:
        self._files = files
        self._folder: Path | None = None
        self._decoded = files

    def of(self, task: Task) -> InputReader:
        """The reader of a task's gene."""
        if task.decoded is None:
            return self._files
        if self._folder != task.decoded.folder:
            self._folder, self._decoded = task.decoded.folder, task.reader(self._files)
        return self._decoded


def plan_tasks(
    genes: Sequence[Gene],
    decode: Decode | None,
    scratch: Path,
    ahead: int,
    wait: Wait = lambda future, _: future.result(),
) -> Generator[Task, None, None]:
    """Genes in their order, each when its inputs are decoded; the next chromosome is begun before that.

    Genes that come back to a chromosome after another one are all read from the files, window by window:
    what was decoded would have to be kept.

    Args:
        genes: The genes.
        decode: Who decodes; None where every window is read from the files.
        scratch: Folder for the files.
        ahead: Number of windows that may be under way at a time.
        wait: Waits for what is decoded; raises what it likes if that takes too long.

    Raises:
        GenesUnreadableError: If the inputs of a chromosome cannot be decoded.
    """
    chroms = [tuple(run) for _, run in groupby(genes, key=lambda gene: gene.chrom)]
    if decode is None or len(chroms) > len({gene.chrom for gene in genes}):
        yield from map(Task, genes)
        return
    begun: deque[tuple[tuple[Gene, ...], Future[DecodedInputs]]] = deque()
    waiting = deque(enumerate(chroms))
    while begun or waiting:
        # The first, the one after it, and more while they are small.
        while waiting and (len(begun) < 2 or sum(len(run) for run, _ in begun) <= ahead):
            number, run = waiting.popleft()
            begun.append((run, decode(run, scratch / str(number))))
        run, future = begun.popleft()
        try:
            decoded = wait(future, run)
        except InputError as error:
            raise GenesUnreadableError(run, error) from error
        yield from (Task(gene, decoded) for gene in run[:-1])
        yield Task(run[-1], decoded, last=True)


def finished(function: Callable[[Sequence[Gene], Path], DecodedInputs]) -> Decode:
    """Decoding at once, in this process; what goes wrong is raised where it is waited for, as by a pool."""

    def decode(genes: Sequence[Gene], folder: Path) -> Future[DecodedInputs]:
        future: Future[DecodedInputs] = Future()
        try:
            with within_memory(genes):
                future.set_result(function(genes, folder))
        except Exception as error:
            future.set_exception(error)
        return future

    return decode


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A new folder for decoded inputs where TMPDIR says, which is removed in the end.

    Raises:
        OutputError: If there is no place for one.
    """
    try:
        folder = tempfile.TemporaryDirectory(prefix="seq2exp-tracks-", ignore_cleanup_errors=True)
    except OSError as error:
        raise OutputError(
            f"no place for the decoded inputs: {error}; set TMPDIR to a folder that can be written"
        ) from error
    with folder as name:
        yield Path(name)
