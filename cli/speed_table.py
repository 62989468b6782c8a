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
    return {
        "window_bp": speed.window,
        "measured_window_bp": speed.measured,
        "processes": len(speed.seconds),
        "kernels": speed.kernels,
        "window_gflop": speed.work.products / 1e9,
        "window_gexp": speed.work.exps / 1e9,
        "one_core_gflop_per_second": speed.alone.products / 1e9,
        "one_core_gexp_per_second": speed.alone.exps / 1e9,
        "all_cores_gflop_per_second": sum(peaks.products for peaks in speed.together) / 1e9,
        "all_cores_gexp_per_second": sum(peaks.exps for peaks in speed.together) / 1e9,
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
    scaled = "" if speed.measured == speed.window else f" (scaled from windows of {speed.measured:,} bp)"
    facts = {
        "model": f"{'hard' if config.is_hard else 'soft'}, {config.d_model} channels, "
        f"{config.generator_layers} + {config.encoder_layers} layers",
        "window": f"{speed.window:,} bp{scaled}",
        "one window": f"{figures['window_gflop']:,.0f} GFLOP in matrix products, "
        f"{figures['window_gexp']:,.1f} G exp",
        "kernels": speed.kernels,
    }
    peaks = [
        ("measured peak", "one core", f"all of {processes}"),
        _row("products, GFLOP/s", ".0f", figures, "one_core_gflop_per_second", "all_cores_gflop_per_second"),
        _row("exp, G/s", ".1f", figures, "one_core_gexp_per_second", "all_cores_gexp_per_second"),
    ]
    reached = [
        ("scoring", "floor", "measured"),
        _row("seconds a window, each", ".2f", figures, "floor_seconds_per_window", "seconds_per_window"),
        _row("windows a second, all", ".2f", figures, "floor_windows_per_second", "windows_per_second"),
    ]
    totals = {
        "reached": f"{speed.fraction:.0%} of what the peaks would allow",
        "memory": f"{speed.memory / 1e9:.2f} GB a process",
        f"{GENES:,} genes": f"about {figures[f'hours_for_{GENES}_genes']:.1f} h",
    }
    if speed.busy < LEAST_BUSY:
        totals["beware"] = (
            f"other programs took the cores {1 - speed.busy:.0%} of the time: measure again alone"
        )
    blocks = [_lines(facts), _columns(peaks), _columns(reached), _lines(totals)]
    return "\n\n".join(blocks)


def _row(label: str, style: str, figures: dict[str, int | float | str], *names: str) -> tuple[str, ...]:
    return label, *(f"{figures[name]:{style}}" for name in names)


def _columns(rows: list[tuple[str, ...]]) -> str:
    return "\n".join(f"{label:<24}{first:>12}{second:>12}" for label, first, second in rows)


def _lines(facts: dict[str, str]) -> str:
    return "\n".join(f"{name:<14}{fact}" for name, fact in facts.items())
