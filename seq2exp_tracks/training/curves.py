"""The curves of a run: losses, validation error and what the mask keeps, against updates."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from seq2exp_tracks.io.whole_file import whole_file
from seq2exp_tracks.palette import LESS, MORE, PREDICTED
from seq2exp_tracks.training.log import Row

_DPI = 160
_INCHES = (10.0, 6.5)


def plot_curves(rows: Sequence[Row], best_step: int, out: Path) -> None:
    """Draws the evaluations of a run as PNG; the best one is marked.

    Raises:
        OutputError: If the file cannot be written.
    """
    figure = Figure(figsize=_INCHES, dpi=_DPI, facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(2, 2, sharex=True)
    steps = [row.step for row in rows]
    panels = {
        "Expression: mean squared error, validation": [row.valid.mse for row in rows],
        "Expression: Pearson's r, validation": [row.valid.pearson for row in rows],
        "KL divergence a base, training": [row.train.divergence for row in rows],
        "Mean mask, training": [row.train.kept for row in rows],
    }
    colours = (PREDICTED, PREDICTED, MORE, LESS)
    for axis, (title, values), colour in zip(axes.flat, panels.items(), colours, strict=True):
        axis.plot(steps, values, color=colour, marker="." if len(steps) < 100 else "")
        axis.axvline(best_step, color="#999999", linestyle=":", linewidth=1)
        axis.set_title(title, loc="left", fontsize=10)
        axis.spines[["top", "right"]].set_visible(False)
    axes[0][0].plot(steps, [row.train.expression for row in rows], color=MORE, linewidth=1)
    axes[0][0].set_title(
        "Expression: validation MSE (black), training loss (smooth L1)", loc="left", fontsize=10
    )
    for axis in axes[1]:
        axis.set_xlabel("updates (dotted: best checkpoint)")
    with whole_file(out) as partial:
        figure.savefig(partial, format="png", dpi=_DPI, metadata={"Software": None})
