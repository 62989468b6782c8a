"""Windows scored by all cores or GPUs, timed beside the peaks of the same ones."""

import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import mean

import torch

from seq2exp_tracks.model.config import ModelConfig
from seq2exp_tracks.model.seq2exp import Seq2Exp
from seq2exp_tracks.progress import Progress
from seq2exp_tracks.scoring.batches import BatchScorer
from seq2exp_tracks.scoring.bench.crew import crew
from seq2exp_tracks.scoring.bench.peaks import Peaks, measure_peaks
from seq2exp_tracks.scoring.bench.windows import random_window
from seq2exp_tracks.scoring.bench.work import Work, least_work
from seq2exp_tracks.scoring.devices import kernels_of
from seq2exp_tracks.scoring.engine import score_window
from seq2exp_tracks.scoring.in_flight import windows_in_flight

WARM_UP = 8_192
"""Bases of the first windows: they compile the kernels, and tell how long a whole one will take."""

PATIENCE = 2
"""Whole windows are scored where they take so many times as long as asked for; else shorter ones."""

MOST_WINDOWS = 100
"""Windows a process at most: with small models, handing them out would be what is measured."""


@dataclass(frozen=True, slots=True)
class Timing:
    """A window that a process scored, or windows that were in flight together.

    Attributes:
        seconds: Wall time.
        busy: Seconds of it that the process was computing, and not waiting for its turn on the core.
        kept: Bases that the mask kept in one of them.
        memory: The most memory that the process had so far, in bytes; on a GPU that of the GPU.
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
        seconds: What a window took each process, all at work; of windows in flight together each its share.
        busy: Share of that time in which the processes had their cores to themselves.
        memory: The most memory of a process, in bytes.
        kernels: What computes: the vector instructions of the compiled kernels, Triton, or PyTorch.
        in_flight: Windows that a process scores at once.
        unit: What each process has: a `core` or a `GPU`.
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
    in_flight: int = 1
    unit: str = "core"

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
    devices: Sequence[torch.device],
    seconds: float,
    progress: Progress,
    in_flight: int | None = None,
) -> Speed:
    """Measures how fast windows are scored, and how fast the cores or GPUs are.

    Args:
        load_model: Makes the model, in evaluation mode; it has to be picklable.
        config: The model's settings; it has to learn its mask.
        window: Bases of a window.
        devices: Where the arithmetic of each process happens: the CPU, once a process, or GPUs.
        seconds: For how long windows are scored, if at least one can be in that time.
        progress: Who is told how far it is.
        in_flight: Windows that a GPU reads at once; None for as many as its memory holds.
    """
    unit = "core" if devices[0].type == "cpu" else "GPU"
    short = window if config.position_embedding else min(window, max(WARM_UP, config.promoter))
    with crew(devices, load_model, progress) as processes:
        at_once, timed = 1, _timed_window
        if unit == "GPU":
            at_once = processes.one("Looking for room", partial(_in_flight, window, in_flight))
            timed = partial(_timed_batch, at_once)
        started = processes.all(f"Starting {len(devices)} process(es)", partial(timed, short), times=2)
        alone = processes.one(f"Peaks of one {unit}", _peaks)
        together = processes.all(f"Peaks of all {unit}s", _peaks)
        expected = max(own[-1].seconds for own in started) / short * window
        measured, times = share_of_time(window, short, expected, seconds)
        timings = processes.all(f"Scoring windows of {measured:,} bp", partial(timed, measured), times)
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
        seconds=tuple(scale * mean(timing.seconds for timing in own) / at_once for own in timings),
        busy=_busy(of_all) if unit == "core" else 1.0,
        memory=max(timing.memory for timing in of_all),
        kernels=kernels_of(config, devices[0]),
        in_flight=at_once,
        unit=unit,
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


def _peaks(_: Seq2Exp, device: torch.device) -> Peaks:
    return measure_peaks(device)


def _in_flight(length: int, asked: int | None, model: Seq2Exp, device: torch.device) -> int:
    return windows_in_flight(model, length, device, asked)


def _timed_window(length: int, model: Seq2Exp, device: torch.device) -> Timing:
    """Scores one window; its making is not timed."""
    inputs = random_window(length, len(model.config.signals))
    began, worked = time.perf_counter(), time.process_time()
    scores = score_window(model, inputs, device)
    seconds, busy = time.perf_counter() - began, time.process_time() - worked
    return Timing(seconds, busy, int(scores.applied.sum()), _most_memory(device))


def _timed_batch(at_once: int, length: int, model: Seq2Exp, device: torch.device) -> Timing:
    """Scores two batches as a run does, and times the second: the first one's scores come back meanwhile."""
    inputs = random_window(length, len(model.config.signals))
    with BatchScorer(model, device, at_once) as scorer:
        for _ in range(2):
            scorer.feed(lambda: [inputs] * at_once)
        scorer.take()
        began, worked = time.perf_counter(), time.process_time()
        scores = scorer.take().scores
        seconds, busy = time.perf_counter() - began, time.process_time() - worked
    return Timing(seconds, busy, int(scores[0].applied.sum()), _most_memory(device))


def _most_memory(device: torch.device) -> int:
    """The most memory that this process, or its GPU, ever had, in bytes.

    macOS counts that of a process in bytes, Linux in kilobytes.
    """
    if device.type == "cuda":
        return torch.cuda.max_memory_reserved(device)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
