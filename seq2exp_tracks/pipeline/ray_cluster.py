"""Workers on the machines of a Ray cluster, or of one that is started on this machine for the run alone.

A worker is an actor with a core, or a GPU, of its own, which Ray places where there is room. A shard whose
worker is lost goes back to the leader, which counts attempts: Ray's own would be used up within the moments
in which it does not know yet that a machine is gone. Was never run with GPUs, nor on several machines: tests
start several nodes on one.
"""

import logging
import os
import signal
import socket
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.pipeline.hardware import Hardware
from seq2exp_tracks.pipeline.shard_worker import Outcome, ShardWorker
from seq2exp_tracks.worker_processes import WorkerDiedError

# Bytes of Ray's shared memory on a machine of our own; about the least that it takes. Scores go by files.
_OBJECT_STORE = 80 * 1024**2

# Seconds within which a cluster has to answer.
_ANSWER = 20.0


class Ended(NamedTuple):
    """A shard that a worker has ended with.

    Attributes:
        number: The shard.
        outcome: How it went; an error where the worker was lost.
    """

    number: int
    outcome: Outcome | WorkerDiedError


def check_ray() -> None:
    """Looks whether Ray is installed.

    Raises:
        InputError: If it is not.
    """
    if find_spec("ray") is None:
        raise InputError("--executor ray: needs Ray: pip install 'seq2exp-tracks[ray]'")


class RayCluster:
    """Workers that compute shards of one run; a context manager that ends them.

    Args:
        run: Folder of the run.
        hardware: What this machine computes with: workers of the same kind are asked for.
        workers: How many at most; None for one on every core, or GPU, of the cluster.
        address: The cluster; None for one of this machine's own.
    """

    def __init__(self, run: Path, hardware: Hardware, workers: int | None, address: str | None) -> None:
        check_ray()
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # Ray would tell its makers of the run
        self._ray: Any = import_module("ray")
        self._run, self._hardware, self._most, self._address = run, hardware, workers, address
        self._kind = "GPU" if hardware.on_gpu else "CPU"
        self._idle: list[Any] = []
        self._busy: dict[Any, tuple[int, Any]] = {}

    def __enter__(self) -> Self:
        with _own_signals():
            try:
                self._start()
            except (OSError, RuntimeError, ValueError) as error:
                at = self._address or "this machine"
                raise InputError(f"--executor ray: no cluster at {at} ({_line(error)})") from error
        if not self._places():
            self.__exit__(None, None, None)
            raise InputError(
                f"--executor ray: the cluster has no {self._kind}; choose what computes with --device"
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        workers = [*self._idle, *(worker for _, worker in self._busy.values())]
        self._idle, self._busy = [], {}
        with _own_signals():
            for worker in workers:
                self._end(worker)
            self._ray.shutdown()

    def has_room(self) -> bool:
        """Whether a worker is idle, or there may be one more: machines that join a cluster are used."""
        return bool(self._idle) or len(self._busy) < self._places()

    def hand_out(self, number: int) -> None:
        """Gives a shard to an idle worker, or to a new one."""
        worker = self._idle.pop() if self._idle else self._worker()
        self._busy[worker.work.remote(number)] = (number, worker)

    def let_go(self) -> None:
        """Ends the idle workers: one that lost its machine may wait for their place."""
        while self._idle:
            self._end(self._idle.pop())

    def wait(self, seconds: float) -> list[Ended]:
        """Waits until a shard has ended, at most so long."""
        if not self._busy:
            return []
        ready, _ = self._ray.wait(list(self._busy), num_returns=1, timeout=seconds)
        return [self._ended(answer) for answer in ready]

    def _ended(self, answer: Any) -> Ended:
        number, worker = self._busy.pop(answer)
        try:
            outcome: Outcome = self._ray.get(answer)
        except self._ray.exceptions.RayTaskError as error:
            raise error.cause from error  # a mistake of this program
        except self._ray.exceptions.RayError as error:
            self._end(worker)
            return Ended(
                number,
                WorkerDiedError(
                    "a worker of the cluster was lost: its machine is gone, or memory ran out; use fewer "
                    f"with --workers ({_line(error)})"
                ),
            )
        self._idle.append(worker)
        return Ended(number, outcome)

    def _start(self) -> None:
        own: dict[str, Any] = {"address": self._address}
        if self._address is None:
            own = {
                "address": "local",
                "num_cpus": self._hardware.workers,
                "num_gpus": len(self._hardware.devices) if self._hardware.on_gpu else 0,
                "object_store_memory": _OBJECT_STORE,
                "include_dashboard": False,
                "_node_ip_address": "127.0.0.1",  # Ray asks nobody who they are: only this machine reaches it
            }
        else:
            _check_reachable(self._address)
        with warnings.catch_warnings():
            # Ray forks and executes another program, which has nothing of what hictkpy warns about.
            warnings.filterwarnings("ignore", "hictkpy: detected a call to fork")
            self._ray.init(**own, log_to_driver=False, logging_level=logging.ERROR)

    def _worker(self) -> Any:
        needs: dict[str, Any] = {"num_gpus": 1} if self._hardware.on_gpu else {"num_cpus": 1}
        remote = self._ray.remote(**needs, max_restarts=-1, max_task_retries=0)(ShardWorker)
        return remote.remote(self._run, "cuda:0" if self._hardware.on_gpu else "cpu")

    def _end(self, worker: Any) -> None:
        with suppress(self._ray.exceptions.RayError):
            self._ray.kill(worker)

    def _places(self) -> int:
        """How many workers there may be."""
        there = int(self._ray.cluster_resources().get(self._kind, 0))
        return there if self._most is None else min(there, self._most)


def _check_reachable(address: str) -> None:
    """Looks whether anybody answers at HOST:PORT: Ray itself would try for minutes.

    Raises:
        OSError: If nobody does.
    """
    host, _, port = address.rpartition(":")
    if host and port.isdecimal():
        socket.create_connection((host, int(port)), timeout=_ANSWER).close()


@contextmanager
def _own_signals() -> Iterator[None]:
    """Keeps what this program does when it is to end: Ray sets its own when it begins."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
