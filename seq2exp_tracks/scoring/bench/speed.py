"""Windows scored by all cores, timed beside the peaks of the same cores."""

import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import mean

import torch

from seq2exp_tracks.model.compiled.machine import chosen_machine
from seq2exp_tracks.model.config import ModelConfig
from seq2exp_tracks.model.seq2exp import Seq2Exp
from seq2exp_tracks.progress import Progress
from seq2exp_tracks.scoring.bench.crew import crew
from seq2exp_tracks.scoring.bench.peaks import Peaks, measure_peaks
from seq2exp_tracks.scoring.bench.windows import random_window
from seq2exp_tracks.scoring.bench.work import Work, least_work
from seq2exp_tracks.scoring.engine import score_window

WARM_UP = 8_192
"""Bases of the first windows: they compile the kernels, and tell how long a whole one will take."""

PATIENCE = 2
"""Whole windows are scored where they take so many times as long as asked for; else shorter ones."""

MOST_WINDOWS = 100
"""Windows a process at most: with small models, handing them out would be what is measured."""


@dataclass(frozen=True, slots=True)
class Timing:
    """A window that a process scored.

    Attributes:
        seconds: Wall time.
        busy: Seconds of it that the process was computing, and not waiting for its turn on the core.
        kept: Bases that the mask kept.
        memory: The most memory that the process had so far, in bytes.
    """

    seconds: float
    busy: float
    kept: int
    memory: int


@dataclass(frozen=True, slots=True)
class Speed:
    """What was measured.

    Attributes:
        config: The model's settings.
        window: Bases of the window that the figures are for.
        measured: Bases of the windows that were scored: fewer than `window` where that takes too long.
        work: Arithmetic of one window.
        alone: Peaks of one core while the others rest.
        together: Peaks of each core while all are at work.
        seconds: What a window took each process, all at work.
        busy: Share of that time in which the processes had their cores to themselves.
        memory: The most memory of a process, in bytes.
        kernels: What computes: the vector instructions of the compiled kernels, or PyTorch.
    """

    config: ModelConfig
    window: int
    measured: int
    work: Work
    alone: Peaks
    together: tuple[Peaks, ...]
    seconds: tuple[float, ...]
    busy: float
    memory: int
    kernels: str

    @property
    def rate(self) -> float:
        """Windows a second, of all processes."""
        return sum(1 / seconds for seconds in self.seconds)

    @property
    def highest_rate(self) -> float:
        """Windows a second if products and exponentials ran at their peaks and nothing else took time."""
        return sum(1 / peaks.floor(self.work) for peaks in self.together)

    @property
    def fraction(self) -> float:
        """The share of the highest rate that is reached."""
        return self.rate / self.highest_rate


def measure_speed(
    load_model: Callable[[], Seq2Exp],
    config: ModelConfig,
    window: int,
    device: torch.device,
    workers: int,
    seconds: float,
    progress: Progress,
) -> Speed:
    """Measures how fast windows are scored, and how fast the cores are.

    Args:
        load_model: Makes the model, in evaluation mode; it has to be picklable.
        config: The model's settings; it has to learn its mask.
        window: Bases of a window.
        device: Where the arithmetic happens.
        workers: Processes; on a GPU it is one.
        seconds: For how long windows are scored, if at least one can be in that time.
        progress: Who is told how far it is.
    """
    workers = workers if device.type == "cpu" else 1
    short = window if config.position_embedding else min(window, max(WARM_UP, config.promoter))
    with crew(workers, load_model, device, progress) as processes:
        started = processes.all(f"Starting {workers} process(es)", partial(_timed_window, short), times=2)
        alone = processes.one("Peaks of one core", _peaks)
        together = processes.all("Peaks of all cores", _peaks)
        expected = max(own[-1].seconds for own in started) / short * window
        measured, times = share_of_time(window, short, expected, seconds)
        timings = processes.all(
            f"Scoring windows of {measured:,} bp", partial(_timed_window, measured), times
        )
    scale = window / measured
    of_all = [timing for own in timings for timing in own]
    encoded = round(scale * mean(timing.kept for timing in of_all)) if config.position_embedding else None
    return Speed(
        config=config,
        window=window,
        measured=measured,
        work=least_work(config, window, encoded),
        alone=alone,
        together=tuple(peaks for own in together for peaks in own),
        seconds=tuple(scale * mean(timing.seconds for timing in own) for own in timings),
        busy=_busy(of_all) if device.type == "cpu" else 1.0,
        memory=max(timing.memory for timing in of_all),
        kernels=kernels_of(device),
    )


def _busy(timings: Sequence[Timing]) -> float:
    return sum(timing.busy for timing in timings) / sum(timing.seconds for timing in timings)


def share_of_time(window: int, shortest: int, expected: float, seconds: float) -> tuple[int, int]:
    """How long windows to score, and how many, so that it takes about as long as asked for.

    Args:
        window: Bases of a whole window.
        shortest: Bases of a window at least.
        expected: Seconds that a whole window will take.
        seconds: How long to measure.

    Returns:
        Bases of a window, and how many.
    """
    if expected > PATIENCE * seconds:
        return max(shortest, int(window * seconds / expected)), 1
    return window, min(max(1, int(seconds / expected)), MOST_WINDOWS)


def kernels_of(device: torch.device) -> str:
    """What computes on a device: the vector instructions of our kernels, or PyTorch."""
    machine = chosen_machine() if device.type == "cpu" else None
    return f"PyTorch on {device.type}" if machine is None else machine.name


def _peaks(_: Seq2Exp, device: torch.device) -> Peaks:
    return measure_peaks(device)


def _timed_window(length: int, model: Seq2Exp, device: torch.device) -> Timing:
    """Scores one window; its making is not timed."""
    inputs = random_window(length, len(model.config.signals))
    began, worked = time.perf_counter(), time.process_time()
    scores = score_window(model, inputs, device)
    seconds, busy = time.perf_counter() - began, time.process_time() - worked
    return Timing(seconds, busy, int(scores.applied.sum()), _most_memory())


def _most_memory() -> int:
    """The most memory that this process ever had, in bytes; macOS counts in bytes, Linux in kilobytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
