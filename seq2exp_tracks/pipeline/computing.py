"""Shards are computed; what is lost is tried again, what fails for good is set aside; the rest goes on."""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from functools import partial
from itertools import islice

from seq2exp_tracks.pipeline.attempts import Attempts
from seq2exp_tracks.pipeline.job import Job
from seq2exp_tracks.pipeline.on_ray import compute_on_ray
from seq2exp_tracks.pipeline.resuming import finished
from seq2exp_tracks.progress import Progress
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.scoring.lost import GenesLostError
from seq2exp_tracks.shards.plan import Shard
from seq2exp_tracks.shards.store import ShardStore
from seq2exp_tracks.worker_processes import WorkerDiedError

Score = Callable[[Sequence[Shard]], Generator[WindowScores, None, None]]
"""Scores the genes of shards, in their order."""


def shards_in_order(job: Job, store: ShardStore, progress: Progress) -> Generator[Shard, None, None]:
    """All shards of a run, each when it is in the store: those that were there, and the others computed.

    Raises:
        TracksError: See `compute` and `finished`.
    """
    done = finished(job, store, progress)
    missing = [shard for shard in job.shards if shard.number not in done]
    # Closed at once when the run is interrupted: no worker outlives it.
    with closing(_computing(job, missing, store, progress)) as computed:
        for shard in job.shards:
            yield shard if shard.number in done else next(computed)


def _computing(
    job: Job, missing: Sequence[Shard], store: ShardStore, progress: Progress
) -> Generator[Shard, None, None]:
    """Computes shards where the user wants it."""
    if job.request.executor == "ray":
        return compute_on_ray(job, missing, store, progress)
    return compute(missing, store, partial(job.score, progress=progress), progress)


def compute(
    shards: Sequence[Shard], store: ShardStore, score: Score, progress: Progress
) -> Generator[Shard, None, None]:
    """Computes shards into the store.

    Args:
        shards: Those that are missing.
        store: Where they go.
        score: Computes them; it is called again for what is left when a worker died.
        progress: Who is told of each gene, and of what went wrong.

    Yields:
        The shards in their order, each when it is in the store; none after one that was set aside.

    Raises:
        TracksError: In the end, if shards were set aside; at once, if it is not a shard that is at fault.
    """
    attempts = Attempts(shards, store, progress)
    while attempts.left:
        progress.stage("Scoring genes", sum(len(shard.genes) for shard in attempts.left))
        try:
            with closing(score(tuple(attempts.left))) as scored:
                for shard in tuple(attempts.left):
                    store.write(shard, _counted(islice(scored, len(shard.genes)), progress))
                    attempts.done(shard)
                    if not attempts.aside:
                        yield shard
        except (GenesLostError, WorkerDiedError) as error:
            # Where an input was replaced, that is why, and no gene is to blame.
            store.unchanged()
            attempts.blame(error if isinstance(error, GenesLostError) else GenesLostError((), error))
    if attempts.aside:
        raise attempts.failure()


def _counted(scores: Iterator[WindowScores], progress: Progress) -> Iterator[WindowScores]:
    for one in scores:
        yield one
        progress.advance()
