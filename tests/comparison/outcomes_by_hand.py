"""Outcomes with numbers that can be summed up by hand."""

from seq2exp_tracks.comparison.costs import Cost
from seq2exp_tracks.comparison.outcomes import Area, Coverage, Expression, Outcome

OVER = (("pairs", "distal"), ("pairs", "all"), ("bases", "distal"), ("bases", "all"))


def soft(seed: int, mse: float, pearson: float | None, auprc: float) -> Outcome:
    """A method with a mask, compared with DNase (always 0.25) and peaks."""
    areas = [
        Area(name, over, places, 10, 2, value, 0.5)
        for over, places in OVER
        for name, value in (("soft mask", auprc), ("DNase", 0.25), ("MACS3", 0.5))
    ]
    areas.append(Area("soft mask.max", "pairs", "distal", 10, 2, 0.9, 0.5))
    coverage = (
        Coverage("soft mask", "distal", "soft mask", 0.1, 0.75, 0.5),
        Coverage("DNase", "distal", "soft mask", 0.1, 0.25, None),
        Coverage("soft mask", "distal", "MACS3", 0.05, 1.0, 0.25),
        Coverage("MACS3", "distal", "MACS3", 0.05, 0.5, 0.25),
        Coverage("MACS3", "all", "MACS3", 0.06, 0.5, 0.25),
    )
    expression = Expression(7, mse, mse / 2, pearson)
    cost = Cost(10.0 * seed, 2_000_000_000)
    return Outcome("sim", seed, "soft", expression, 0.125, 4_000, cost, tuple(areas), coverage)


def caduceus(seed: int, mse: float, pearson: float | None) -> Outcome:
    """A method without a mask, whose first training was broken off."""
    cost = Cost(None if seed == 1 else 4.0, None)
    return Outcome("sim", seed, "caduceus", Expression(7, mse, mse / 2, pearson), None, 3_000, cost)


TWO_SEEDS = [
    soft(1, 0.25, 0.5, 0.75),
    soft(2, 0.75, 0.75, 0.25),
    caduceus(1, 0.5, None),
    caduceus(2, 0.5, 1.0),
]
