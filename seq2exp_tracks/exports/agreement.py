"""How well predicted expression agrees with what was measured: Pearson's and Spearman's coefficients."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from seq2exp_tracks.run_reader import Run

# Labels above this are taken for counts or TPM, and drawn by their logarithm.
LINEAR_FROM = 20.0


@dataclass(frozen=True, slots=True, eq=False)
class Agreement:
    """Predicted and measured expression of the genes that have both.

    Attributes:
        label: Name of the labels' column, the only hint at their unit.
        predicted: Predicted log10(1 + CAGE).
        measured: Measured expression as the labels have it.
        pearson: Pearson's coefficient of these numbers; NaN where it is not defined.
        pearson_log: The same with log10(1 + measured); NaN where a label is negative.
        spearman: Spearman's coefficient, which no logarithm changes.
    """

    label: str
    predicted: Float64[np.ndarray, " genes"]
    measured: Float64[np.ndarray, " genes"]
    pearson: float
    pearson_log: float
    spearman: float

    @property
    def drawn_by_logarithm(self) -> bool:
        """Whether the labels look like counts, which only a logarithm brings onto one axis."""
        return bool(self.measured.min() >= 0 and self.measured.max() > LINEAR_FROM)


def agreement(run: Run) -> Agreement | None:
    """Compares prediction and labels; None where no gene has a label."""
    pairs = [
        (scored.expression, scored.measured)
        for scored in run.genes.values()
        if scored.measured is not None and np.isfinite(scored.measured)
    ]
    if not pairs:
        return None
    predicted, measured = np.array(pairs, np.float64).T
    logarithm = np.log10(1 + measured) if measured.min() >= 0 else None
    return Agreement(
        label=str(run.manifest.settings.get("label_column") or "measured"),
        predicted=predicted,
        measured=measured,
        pearson=pearson(predicted, measured),
        pearson_log=np.nan if logarithm is None else pearson(predicted, logarithm),
        spearman=pearson(ranks(predicted), ranks(measured)),
    )


def pearson(first: Float64[np.ndarray, " values"], second: Float64[np.ndarray, " values"]) -> float:
    """Pearson's correlation coefficient; NaN for fewer than three values or where one side is constant."""
    if len(first) < 3 or np.ptp(first) == 0 or np.ptp(second) == 0:
        return float("nan")
    return float(np.corrcoef(first, second)[0, 1])


def ranks(values: Float64[np.ndarray, " values"]) -> Float64[np.ndarray, " values"]:
    """Ranks from 1; equal values share the mean of their ranks."""
    _, which, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[which], np.float64)
