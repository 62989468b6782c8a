"""Measures of the outcomes on one data set, by method or by what scores, and by seed."""

from collections.abc import Sequence
from typing import Literal

from seq2exp_tracks.comparison.outcomes import Area, Coverage, Outcome, mask_name

BySeed = dict[int, float | None]
"""A measure by seed; None where it is not defined."""


def expression_by_seed(
    outcomes: Sequence[Outcome], measure: Literal["mse", "mae", "pearson"]
) -> dict[str, BySeed]:
    """A measure of the predicted expression, by method."""
    found: dict[str, BySeed] = {}
    for one in outcomes:
        found.setdefault(one.method, {})[one.seed] = getattr(one.expression, measure)
    return found


def areas_by_seed(
    outcomes: Sequence[Outcome],
    over: str,
    places: str,
    measure: Literal["auprc", "auroc", "chance"] = "auprc",
) -> dict[str, BySeed]:
    """An area, by what scores: learned masks first, each from its own run; then what they are compared with.

    The others do not depend on the mask: where several methods were evaluated on a case, the first counts.
    `chance` is the area of a random order, the share that regulates.
    """
    masks: dict[str, BySeed] = {}
    others: dict[str, BySeed] = {}
    for one in outcomes:
        for area in one.areas:
            highest = f"{mask_name(one.method)}.max"  # another reading of a mask: in elements.tsv only
            if (area.over, area.places) != (over, places) or area.scored_by == highest:
                continue
            value = _chance(area) if measure == "chance" else getattr(area, measure)
            kind = masks if area.scored_by == mask_name(one.method) else others
            kind.setdefault(area.scored_by, {}).setdefault(one.seed, value)
    return masks | others


def coverage_by_seed(
    outcomes: Sequence[Outcome], share_of: str, places: str
) -> dict[str, dict[int, Coverage]]:
    """Precision and recall at the coverage of someone's calls, by what scores: learned masks first."""
    masks: dict[str, dict[int, Coverage]] = {}
    others: dict[str, dict[int, Coverage]] = {}
    for one in outcomes:
        for coverage in one.coverage:
            if (coverage.share_of, coverage.places) == (share_of, places):
                kind = masks if coverage.scored_by == mask_name(one.method) else others
                kind.setdefault(coverage.scored_by, {}).setdefault(one.seed, coverage)
    return masks | others


def _chance(area: Area) -> float | None:
    """The share that regulates; None where nothing is ranked."""
    return area.positive / area.items if area.items else None
