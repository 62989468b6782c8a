"""What a run is told where genes could not be scored, so that it can go on with the others."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from seq2exp_tracks.errors import InputError, TracksError
from seq2exp_tracks.genome import Gene
from seq2exp_tracks.worker_processes import FEWER_WORKERS


class GenesLostError(TracksError):
    """Genes were not scored, as a process died or hung; the message is that of the cause.

    Args:
        genes: Those that may be to blame.
        cause: Why.
    """

    again = True
    """Whether it may go better next time."""

    def __init__(self, genes: Sequence[Gene], cause: Exception) -> None:
        super().__init__(str(cause))
        self.genes = tuple(genes)
        self.cause = cause

    def __reduce__(self) -> tuple[type["GenesLostError"], tuple[tuple[Gene, ...], Exception]]:
        """Pickled by its arguments: it comes out of other processes."""
        return type(self), (self.genes, self.cause)


class GenesUnreadableError(GenesLostError, InputError):
    """Genes were not scored, as their inputs cannot be read."""

    again = False


@contextmanager
def blaming(gene: Gene) -> Iterator[None]:
    """What is damaged of the inputs that the body reads is a gene's own.

    Raises:
        GenesUnreadableError: If the body raises an `InputError`.
    """
    try:
        yield
    except InputError as error:
        raise GenesUnreadableError([gene], error) from error


@contextmanager
def within_memory(genes: Sequence[Gene]) -> Iterator[None]:
    """What the body makes for some genes has to find its place in memory.

    Raises:
        GenesLostError: If it does not.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        # torch says it in its own words.
        if not isinstance(error, MemoryError) and "can't allocate memory" not in str(error):
            raise
        cause = TracksError(f"gene {genes[0].name} ({genes[0].id}): memory ran out; {FEWER_WORKERS}")
        raise GenesLostError(genes, cause) from error
