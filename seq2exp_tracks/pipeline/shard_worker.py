"""A process of some machine that computes shards of a run into storage that all machines share.

It is told nothing but where the run is. What there is to do it takes from the run's plan, and it opens the
inputs by itself: that they are the same files, their checksums say.
"""

import platform
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from seq2exp_tracks.errors import InputError, TracksError
from seq2exp_tracks.io.run_folder import SHARDS
from seq2exp_tracks.pipeline.hardware import Hardware
from seq2exp_tracks.pipeline.job import Job
from seq2exp_tracks.pipeline.request_json import from_json
from seq2exp_tracks.pipeline.resuming import identity_of, store_of
from seq2exp_tracks.progress import Silent
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.scoring.resident import ResidentScorer
from seq2exp_tracks.shards.identity import Identity
from seq2exp_tracks.shards.plan_file import Plan


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it went with a shard.

    Attributes:
        host: The machine that it was tried on.
        error: Why it is not there; None if it is.
        remarks: What the user should know, one line each.
    """

    host: str
    error: TracksError | None
    remarks: tuple[str, ...]


class ShardWorker:
    """Computes shards, one after another; the inputs are opened and the model is loaded at the first.

    Args:
        run: Folder of the run, which another process leads; its plan is there.
        device: What this process computes with.
    """

    def __init__(self, run: Path, device: str) -> None:
        self._run, self._device = run, device
        self._compute: Callable[[int], None] | None = None
        self._remarks: list[str] = []

    def work(self, number: int) -> Outcome:
        """Computes one shard and writes it with its receipt.

        What a user can mend comes back, and is not raised: a cluster wraps what is raised.

        Args:
            number: Its place in the plan.
        """
        try:
            if self._compute is None:
                self._compute = self._opened()
            self._compute(number)
            error = None
        except TracksError as failed:
            error = failed
        remarks, self._remarks = tuple(self._remarks), []
        return Outcome(platform.node(), error, remarks)

    def _opened(self) -> Callable[[int], None]:
        """Opens the inputs, and compares them and what computes here with the plan.

        Raises:
            InputError: If they are not the same.
        """
        here, plan = platform.node(), Plan.read(self._run / SHARDS)
        if plan is None:
            raise InputError(
                f"{here}: does not see the run in {self._run}; OUT has to lie on storage that all machines "
                "share, under one path"
            )
        torch.set_num_threads(1)
        request = replace(from_json(plan.request), device=self._device, workers=1)
        try:
            hardware = Hardware.choose(
                request.device, 1, request.precision_compute, request.windows_in_flight
            )
            job = Job.prepared(request, hardware, Silent())
        except TracksError as error:
            raise InputError(
                f"{here}: {error} (inputs have to lie under one path on all machines)"
            ) from error
        _check(here, identity_of(job), plan.identity, allow_mixed=request.allow_mixed)
        store = store_of(job)
        scorer = ResidentScorer(
            job.load_model, job.opened.reader, hardware.devices[0], hardware.in_flight, self._remarks.append
        )

        def compute(number: int) -> None:
            shard = job.shards[number]
            store.write(shard, _watched(scorer.score(shard.genes), request.patience))

        return compute


def _watched(scores: Iterator[WindowScores], patience: float) -> Iterator[WindowScores]:
    """Scores, where the system ends this process if one takes too long: it is then as good as lost."""
    try:
        while True:
            signal.setitimer(signal.ITIMER_REAL, patience)
            one = next(scores, None)
            signal.setitimer(signal.ITIMER_REAL, 0)
            if one is None:
                return
            yield one
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _check(here: str, own: Identity, planned: Identity, *, allow_mixed: bool) -> None:
    """Compares what would decide scores here with what decides those of the run.

    Raises:
        InputError: If anything differs.
    """
    if differences := own.differences(planned):
        raise InputError(
            f"{here}: is not set up as the machine that leads the run ({'; '.join(differences)}); give all "
            "machines the same files and packages"
        )
    names = {**planned.path, **own.path}
    differs = [name for name in names if own.path.get(name) != planned.path.get(name)]
    if differs and not allow_mixed:
        told = "; ".join(f"{name}: {planned.path.get(name)}, here {own.path.get(name)}" for name in differs)
        raise InputError(
            f"{here}: computes otherwise than the machine that leads the run ({told}); lead it from one of "
            "the same kind, or mix them with --allow-mixed"
        )
