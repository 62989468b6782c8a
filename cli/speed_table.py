"""What `bench` measured, for people and for programs."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seq2exp_tracks.scoring.bench.speed import Speed

GENES = 18_377
"""Human protein-coding genes of the published data set."""

LEAST_BUSY = 0.9
"""Share of its time that a process should have had a core."""


def as_record(speed: "Speed") -> dict[str, int | float | str]:
    """The figures by name; each name says its unit."""
    one, every = _units(speed)
    return {
        "window_bp": speed.window,
        "measured_window_bp": speed.measured,
        "processes": len(speed.seconds),
        "kernels": speed.kernels,
        "windows_in_flight": speed.in_flight,
        "window_gflop": speed.work.products / 1e9,
        "window_gexp": speed.work.exps / 1e9,
        f"{one}_gflop_per_second": speed.alone.products / 1e9,
        f"{one}_gexp_per_second": speed.alone.exps / 1e9,
        f"{every}_gflop_per_second": sum(peaks.products for peaks in speed.together) / 1e9,
        f"{every}_gexp_per_second": sum(peaks.exps for peaks in speed.together) / 1e9,
        "seconds_per_window": len(speed.seconds) / speed.rate,
        "floor_seconds_per_window": len(speed.seconds) / speed.highest_rate,
        "windows_per_second": speed.rate,
        "floor_windows_per_second": speed.highest_rate,
        "fraction_of_floor": speed.fraction,
        "share_of_cores": speed.busy,
        "memory_bytes_per_process": speed.memory,
        f"hours_for_{GENES}_genes": GENES / speed.rate / 3600,
    }


def as_table(speed: "Speed") -> str:
    """The figures as a person reads them."""
    figures, config, processes = as_record(speed), speed.config, len(speed.seconds)
    on_gpu, (one, every) = speed.unit == "GPU", _units(speed)
    scaled = "" if speed.measured == speed.window else f" (scaled from windows of {speed.measured:,} bp)"
    facts = {
        "model": f"{'hard' if config.is_hard else 'soft'}, {config.d_model} channels, "
        f"{config.generator_layers} + {config.encoder_layers} layers",
        "window": f"{speed.window:,} bp{scaled}",
        "one window": f"{figures['window_gflop']:,.0f} GFLOP in matrix products, "
        f"{figures['window_gexp']:,.1f} G exp",
        "kernels": speed.kernels + (f", {speed.in_flight} windows in flight" if on_gpu else ""),
    }
    peaks = [
        ("measured peak", f"one {speed.unit}", f"all of {processes}"),
        _row("products, GFLOP/s", ".0f", figures, f"{one}_gflop_per_second", f"{every}_gflop_per_second"),
        _row("exp, G/s", ".1f", figures, f"{one}_gexp_per_second", f"{every}_gexp_per_second"),
    ]
    reached = [
        ("scoring", "floor", "measured"),
        _row(
            "seconds a window, each",
            ".4f" if on_gpu else ".2f",
            figures,
            "floor_seconds_per_window",
            "seconds_per_window",
        ),
        _row("windows a second, all", ".2f", figures, "floor_windows_per_second", "windows_per_second"),
    ]
    totals = {
        "reached": f"{speed.fraction:.0%} of what the peaks would allow",
        "memory": f"{speed.memory / 1e9:.2f} GB {'on a GPU' if on_gpu else 'a process'}",
        f"{GENES:,} genes": f"about {_duration(GENES / speed.rate)}",
    }
    if speed.busy < LEAST_BUSY:
        totals["beware"] = (
            f"other programs took the cores {1 - speed.busy:.0%} of the time: measure again alone"
        )
    blocks = [_lines(facts), _columns(peaks), _columns(reached), _lines(totals)]
    return "\n\n".join(blocks)


def _duration(seconds: float) -> str:
    return f"{seconds / 3600:.1f} h" if seconds >= 3600 else f"{seconds / 60:.0f} min"


def _units(speed: "Speed") -> tuple[str, str]:
    """How figures of one core or GPU, and of all, begin."""
    unit = speed.unit.lower()
    return f"one_{unit}", f"all_{unit}s"


def _row(label: str, style: str, figures: dict[str, int | float | str], *names: str) -> tuple[str, ...]:
    return label, *(f"{figures[name]:{style}}" for name in names)


def _columns(rows: list[tuple[str, ...]]) -> str:
    return "\n".join(f"{label:<24}{first:>12}{second:>12}" for label, first, second in rows)


def _lines(facts: dict[str, str]) -> str:
    return "\n".join(f"{name:<14}{fact}" for name, fact in facts.items())
