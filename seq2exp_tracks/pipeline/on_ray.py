"""Shards computed on a Ray cluster: this process hands out their numbers, and merges what has arrived.

A thread hands out, so that no worker waits while this process writes tracks. What a worker writes into the
store is believed when its bytes are read here as its receipt says.
"""

import threading
import time
from collections import deque
from collections.abc import Generator, Sequence
from queue import SimpleQueue
from types import TracebackType
from typing import Self

from seq2exp_tracks.errors import TracksError
from seq2exp_tracks.pipeline.attempts import Attempts
from seq2exp_tracks.pipeline.job import Job
from seq2exp_tracks.pipeline.ray_cluster import Ended, RayCluster
from seq2exp_tracks.progress import Progress
from seq2exp_tracks.scoring.lost import GenesLostError
from seq2exp_tracks.shards.plan import Shard
from seq2exp_tracks.shards.store import ShardStore
from seq2exp_tracks.worker_processes import WorkerDiedError

# How long, in seconds, a file that another machine has written may stay unseen here: network file systems
# remember for up to a minute that there was none.
_UNSEEN = 90.0

_EVERY = 0.5


def compute_on_ray(
    job: Job, shards: Sequence[Shard], store: ShardStore, progress: Progress
) -> Generator[Shard, None, None]:
    """Computes shards into the store; see `computing.compute`, which does so on this machine.

    Args:
        job: What the shards belong to.
        shards: Those that are missing.
        store: Where they go; all machines see it under the same path.
        progress: Who is told of each shard, and of what went wrong.

    Yields:
        The shards in their order, each when it is in the store; none after one that was set aside.

    Raises:
        TracksError: In the end, if shards were set aside; at once, if it is not a shard that is at fault.
    """
    if not shards:
        return
    request = job.request
    attempts, order, told = Attempts(shards, store, progress), deque(shards), set[str]()
    by_number = {shard.number: shard for shard in shards}
    cluster = RayCluster(request.out.absolute(), job.hardware, request.workers, request.address)
    with cluster, _HandingOut(cluster, shards) as handing_out:
        progress.stage("Scoring genes", sum(len(shard.genes) for shard in shards))
        while attempts.left:
            ended = handing_out.next()
            shard = by_number[ended.number]
            for remark in _remarks(ended, told):
                progress.note(remark)
            lost = _lost(ended, shard, store)
            if lost is None:
                attempts.done(shard)
                for _ in shard.genes:
                    progress.advance()
            else:
                attempts.blame(lost)
                if shard in attempts.left:
                    handing_out.again(shard)
            while order and order[0] not in attempts.left and not attempts.aside:
                yield order.popleft()
    if attempts.aside:
        raise attempts.failure()


class _HandingOut:
    """Keeps the workers of a cluster busy, in a thread; a context manager that ends it.

    Args:
        cluster: The workers.
        shards: What there is to do.
    """

    def __init__(self, cluster: RayCluster, shards: Sequence[Shard]) -> None:
        self._cluster, self._waiting = cluster, deque(shard.number for shard in shards)
        self._ended: SimpleQueue[Ended | BaseException] = SimpleQueue()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work, name="handing out", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._thread.join()

    def next(self) -> Ended:
        """Waits for the next shard that has ended; raises what the thread raised."""
        ended = self._ended.get()
        if isinstance(ended, BaseException):
            raise ended
        return ended

    def again(self, shard: Shard) -> None:
        """Has a shard tried once more."""
        self._waiting.append(shard.number)

    def _work(self) -> None:
        try:
            while not self._stopped.is_set():
                while self._waiting and self._cluster.has_room():
                    self._cluster.hand_out(self._waiting.popleft())
                if not self._waiting:
                    self._cluster.let_go()
                ended = self._cluster.wait(_EVERY)
                for one in ended:
                    self._ended.put(one)
                if not ended:
                    self._stopped.wait(_EVERY / 10)
        except BaseException as error:  # raised by whoever waits
            self._ended.put(error)


def _lost(ended: Ended, shard: Shard, store: ShardStore) -> GenesLostError | None:
    """What is wrong with a shard; None if it is in the store.

    Raises:
        TracksError: If it is not the shard that is at fault.
    """
    outcome = ended.outcome
    if isinstance(outcome, WorkerDiedError):
        return GenesLostError(shard.genes, outcome)
    if isinstance(outcome.error, GenesLostError):
        return outcome.error
    if outcome.error is not None:
        raise outcome.error
    if _arrived(shard, store):
        return None
    told = f"{store.folder}/{shard.name}.parquet: not as {outcome.host} wrote it, or not to be seen here"
    return GenesLostError(
        shard.genes, TracksError(f"{told}; OUT has to lie on storage that all machines share")
    )


def _arrived(shard: Shard, store: ShardStore) -> bool:
    """Whether a shard is whole, as it is seen from here; waits for a receipt that lags."""
    latest = time.monotonic() + _UNSEEN
    while store.receipt(shard) is None and time.monotonic() < latest:
        time.sleep(_EVERY)
    return store.is_whole(shard)


def _remarks(ended: Ended, told: set[str]) -> list[str]:
    """What a worker has to tell, each line once for all of them."""
    if isinstance(ended.outcome, WorkerDiedError):
        return []
    new = [remark for remark in dict.fromkeys(ended.outcome.remarks) if remark not in told]
    told.update(new)
    return [f"{ended.outcome.host}: {remark}" for remark in new]
