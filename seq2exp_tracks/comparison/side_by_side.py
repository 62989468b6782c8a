"""Trainings of a comparison side by side: each in a process, on its own GPU or on its share of the cores."""

import multiprocessing
import queue
import tempfile
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from seq2exp_tracks.comparison.cases import Case
from seq2exp_tracks.comparison.methods import RETRAIN, Method
from seq2exp_tracks.comparison.request import CompareRequest
from seq2exp_tracks.comparison.steps import train_request
from seq2exp_tracks.comparison.told import Sent, Sum
from seq2exp_tracks.comparison.work import is_trained, prepare, work
from seq2exp_tracks.progress import Progress
from seq2exp_tracks.scoring.decoding import scratch_folder
from seq2exp_tracks.scoring.devices import resolve_devices
from seq2exp_tracks.scoring.executors.local import default_workers
from seq2exp_tracks.worker_processes import Processes, told_of_death

if TYPE_CHECKING:
    from multiprocessing.queues import Queue

_WAY_OUT = "train fewer at a time with --jobs"
_SECONDS_BETWEEN_LOOKS = 0.1


def devices_of(request: CompareRequest) -> list[torch.device]:
    """The device of each training of those that run at a time.

    Raises:
        TracksError: If there is no such device on this machine.
    """
    found = resolve_devices(str(request.training.get("device", "auto")))
    return [found[job % len(found)] for job in range(request.jobs or len(found))]


def go_through_together(
    request: CompareRequest, cases: Sequence[Case], devices: Sequence[torch.device], progress: Progress
) -> None:
    """Does all that is left to do, as many trainings at a time as there are devices.

    Args:
        request: What is compared.
        cases: On what.
        devices: The device of each process; one that is there twice is shared.
        progress: Who is told how many updates of all trainings are done.

    Raises:
        TracksError: If an input cannot be used, a training fails, or a process dies.
    """
    for case in cases:
        prepare(case, progress)
    todo = [(case, method) for case in cases for method in request.chosen]
    updates = [_updates(request, case, method, devices[0]) for case, method in todo]
    context = multiprocessing.get_context("spawn")
    told: Queue[tuple[int, str | None]] = context.Queue()
    free: Queue[str] = context.Queue()
    for device in devices:
        free.put(str(device))
    cores = max(1, default_workers() // len(devices))
    with (
        scratch_folder() as scratch,
        Processes(len(devices), scratch, _start, scratch, told, free, cores, way_out=_WAY_OUT) as processes,
        told_of_death(_WAY_OUT),
    ):
        total = Sum(progress, len(devices), updates)
        # `retrain` reads what another method of its case has learned.
        for reads_another in (False, True):
            waiting = {
                number: processes.submit(_work, number, case, method, request)
                for number, (case, method) in enumerate(todo)
                if (method.name == RETRAIN) is reads_another
            }
            _wait_for(waiting, told, total)


def _updates(request: CompareRequest, case: Case, method: Method, device: torch.device) -> int:
    """How many updates of a training are to do, those of a broken one included."""
    if is_trained(case, method):
        return 0
    asked = train_request(case, method, request.training)
    return asked.settings(on_cuda=device.type == "cuda").schedule.steps


def _wait_for(waiting: dict[int, Future[None]], told: "Queue[tuple[int, str | None]]", total: Sum) -> None:
    """Passes on what is told until all is done; raises what one of them raised."""
    while waiting:
        with suppress(queue.Empty):
            total.hear(*told.get(timeout=_SECONDS_BETWEEN_LOOKS))
        for number in [number for number, future in waiting.items() if future.done()]:
            waiting.pop(number).result()
            total.end(number)


class _Here:
    """What a process knows from its start on."""

    told: "Queue[tuple[int, str | None]]"
    device: str
    cores: int


def _start(scratch: Path, told: "Queue[tuple[int, str | None]]", free: "Queue[str]", cores: int) -> None:
    """Prepares a process: its device, its share of the cores, and a place that ends with the comparison."""
    tempfile.tempdir = str(scratch)
    _Here.told, _Here.device, _Here.cores = told, free.get(), cores
    torch.set_num_threads(cores)


def _work(number: int, case: Case, method: Method, request: CompareRequest) -> None:
    here = replace(
        request,
        training={**request.training, "device": _Here.device},
        workers=request.workers or _Here.cores,
    )
    work(case, method, here, Sent(lambda note: _Here.told.put((number, note))))
