"""How fast a GPU reads windows, beside naive PyTorch and the published scan, and where its time goes.

Never run on a GPU.
"""

import os
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cache, partial
from unittest import mock

import naive
import torch
from gpu_bf16 import random_windows
from gpu_report import Report
from published_scan import Read, published
from torch import Tensor
from torch.autograd import DeviceType
from torch.profiler import ProfilerActivity, profile

from seq2exp_tracks.model import SOFT, Seq2Exp, reading
from seq2exp_tracks.model.caduceus import Stack
from seq2exp_tracks.model.compiled.machine import VARIABLE
from seq2exp_tracks.model.precision import Precision
from seq2exp_tracks.model.reading import Embedded

GENES = 18_377
GOAL_RATIO = 3  # times the published CUDA scan
SECONDS = 2.0  # that a measurement takes, at least
TOP = 12  # kernels of the profile that are shown


@dataclass(frozen=True)
class Speed:
    """The best of a way over the numbers of windows in flight; `windows` is 0 where none was possible."""

    rate: float
    windows: int


@dataclass(frozen=True)
class Settings:
    """What to measure.

    Attributes:
        device: The GPU.
        length: Window in bp.
        windows: Numbers of windows in flight.
        naive_length: Window of the ways that would take too long or too much memory, scaled to `length`.
        repeats: Calls that are timed, at least.
    """

    device: torch.device
    length: int
    windows: Sequence[int]
    naive_length: int
    repeats: int


def measure_speed(report: Report, settings: Settings) -> None:
    """Measures ours and the others in this process and compares them."""
    ours = {
        precision: fastest(report, settings, f"ours, {precision}", nullcontext(), precision, settings.length)
        for precision in Precision
    }
    for precision, speed in ours.items():
        if speed.rate:
            minutes = GENES / speed.rate / 60
            report.figure(
                f"network alone, {GENES:,} windows in {precision} at this rate", f"{minutes:.1f} min"
            )
    scaled = f", {settings.naive_length:,} bp scaled"
    plain = mock.patch.dict(os.environ, {VARIABLE: "reference"})
    others = {
        f"naive PyTorch{scaled}": (mock.patch.object(reading, "read", naive.read), settings.naive_length),
        f"our path without Triton{scaled}": (plain, settings.naive_length),
    }
    for name, (patch, length) in others.items():
        compare(
            report, ours, Precision.FP32, name, fastest(report, settings, name, patch, Precision.FP32, length)
        )
    report.part("Published scan", partial(measure_published, report, settings, ours))


def measure_published(report: Report, settings: Settings, ours: dict[Precision, Speed]) -> None:
    """The same for the published scan, if it runs here."""
    way = published()
    if isinstance(way, str):
        report.cannot("the published CUDA scan", way)
        return
    for precision in Precision:
        name = f"published CUDA scan ({way[0]}), {precision}"
        cast = settings.device.type if precision is Precision.BF16 else None
        patch = mock.patch.object(reading, "read", partial(cast_read, way[1], cast))
        speed = fastest(report, settings, name, patch, precision, settings.length)
        compare(report, ours, precision, name, speed, f"≥ {GOAL_RATIO}")


def compare(
    report: Report,
    ours: dict[Precision, Speed],
    precision: Precision,
    name: str,
    other: Speed,
    goal: str = "-",
) -> None:
    """Says how many times faster ours is in the same precision."""
    if other.rate and ours[precision].rate:
        report.figure(f"ours in {precision} / {name}", f"{ours[precision].rate / other.rate:.1f}", goal)


def cast_read(
    read: Read, cast: str | None, stack: Stack, x: Embedded | Tensor, wanted: range | None = None
) -> Tensor:
    """A way to read, in PyTorch's own mixed precision on a kind of device; None for float32."""
    residual = x.rows() if isinstance(x, Embedded) else x  # which stays float32
    with torch.autocast(cast, torch.bfloat16) if cast else nullcontext():
        return read(stack, residual, wanted).float()


@torch.inference_mode()
def fastest(
    report: Report,
    settings: Settings,
    name: str,
    patch: AbstractContextManager[object],
    precision: Precision,
    length: int,
) -> Speed:
    """Measures a way with more and more windows in flight, until memory is out."""
    best = Speed(0, 0)
    model = model_on(settings.device)
    model.compute_in(precision)
    with patch:
        for count in settings.windows:
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats(settings.device)
            try:
                rate = measured(model, settings, count, length) * length / settings.length
            except torch.OutOfMemoryError:
                report.say(f"{name}, {count} windows in flight: out of memory")
                break
            memory = torch.cuda.max_memory_allocated(settings.device) / 1e9
            report.say(f"{name}, {count} windows in flight: {rate:.2f} windows/s, {memory:.1f} GB at most")
            if rate > best.rate:
                best, peak = Speed(rate, count), memory
    if best.windows:
        figure = f"{best.rate:.2f} windows/s, {best.windows} in flight, {peak:.1f} GB at most"
        report.figure(name, figure)
    else:
        report.cannot(name, "out of memory with one window")
    return best


def measured(model: Seq2Exp, settings: Settings, count: int, length: int) -> float:
    """Windows a second, with all compiled, captured and warm."""
    inputs = tuple(x.to(settings.device) for x in random_windows(count, length))
    for _ in range(2):
        model(*inputs)
    torch.cuda.synchronize(settings.device)
    start, calls = time.perf_counter(), 0
    while calls < settings.repeats or time.perf_counter() - start < SECONDS:
        model(*inputs)
        torch.cuda.synchronize(settings.device)
        calls += 1
    return count * calls / (time.perf_counter() - start)


@torch.inference_mode()
def measure_profile(report: Report, settings: Settings, count: int) -> None:
    """Which kernels take how much of a window's time."""
    model = model_on(settings.device)
    inputs = tuple(x.to(settings.device) for x in random_windows(count, settings.length))
    for precision in Precision:
        model.compute_in(precision)
        for _ in range(2):
            model(*inputs)
        with profile(activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA]) as profiled:
            model(*inputs)
            torch.cuda.synchronize(settings.device)
        events = [event for event in profiled.key_averages() if event.device_type == DeviceType.CUDA]
        report.say(f"{precision}, {count} windows in flight:")
        total = shares(report, {event.key: event.self_device_time_total for event in events}, count)
        report.figure(f"kernels of a window, {precision}, {count} in flight", f"{total:.2f} ms")


def shares(report: Report, spent: Mapping[str, float], count: int) -> float:
    """Prints what took the longest.

    Args:
        report: Where it is printed.
        spent: Microseconds of each kernel.
        count: Windows that were computed.

    Returns:
        Milliseconds a window of all kernels.
    """
    total = sum(spent.values())
    for name, value in sorted(spent.items(), key=lambda item: -item[1])[:TOP]:
        report.say(f"{value / 1000 / count:10.3f} ms a window, {100 * value / total:4.1f} %  {name[:70]}")
    return total / 1000 / count


@cache
def model_on(device: torch.device) -> Seq2Exp:
    """The published soft model with initial weights."""
    return Seq2Exp.initialised(SOFT, seed=0).to(device)
