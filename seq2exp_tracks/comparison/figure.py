"""The figure: a point a seed and the mean of each method, for expression and for elements."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from seq2exp_tracks.comparison.outcomes import Outcome
from seq2exp_tracks.comparison.summary import Spread, first_seen
from seq2exp_tracks.comparison.values import areas_by_seed, expression_by_seed
from seq2exp_tracks.io.whole_file import whole_file
from seq2exp_tracks.palette import DISTAL, FAINT, GIVEN, INK, UNKNOWN

_WIDTH, _ROW, _DPI = 4.4, 0.3, 144

Values = Mapping[str, Mapping[int, float | None]]


def write_figure(outcomes: Sequence[Outcome], path: Path) -> None:
    """Writes the figure as PNG: a row of panels for each data set.

    Raises:
        OutputError: If it cannot be written.
    """
    rows = [_panels([one for one in outcomes if one.data == data], data) for data in _data(outcomes)]
    columns = max(len(panels) for panels in rows)
    most = max(len(values) for panels in rows for _, values, _ in panels)
    size = (_WIDTH * columns, len(rows) * (1.1 + _ROW * most))
    figure = Figure(figsize=size, layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    for row, panels in enumerate(rows):
        for column, (title, values, colour) in enumerate(panels):
            axis = figure.add_subplot(len(rows), columns, row * columns + column + 1)
            _draw(axis, title, values, colour)
    with whole_file(path) as partial:
        figure.savefig(partial, format="png", dpi=_DPI, metadata={"Software": None})


def _data(outcomes: Sequence[Outcome]) -> list[str]:
    return first_seen(one.data for one in outcomes)


def _panels(outcomes: Sequence[Outcome], data: str) -> list[tuple[str, Values, str]]:
    panels: list[tuple[str, Values, str]] = [
        (f"{data}: Pearson's r, test genes", expression_by_seed(outcomes, "pearson"), GIVEN)
    ]
    areas = areas_by_seed(outcomes, "pairs", "distal")
    if areas:
        panels.append((f"{data}: AUPRC, distal pairs", areas, DISTAL))
    return panels


def _draw(axis: Axes, title: str, values: Values, colour: str) -> None:
    """One panel: a line for each name, the first on top."""
    for line, (_, by_seed) in enumerate(values.items()):
        known = [value for value in by_seed.values() if value is not None]
        axis.scatter(known, [line] * len(known), s=16, color=colour, alpha=0.55, linewidths=0)
        mean = Spread.over(known).mean
        axis.plot([mean, mean], [line - 0.3, line + 0.3], color=INK, linewidth=1.6)
    axis.set_yticks(range(len(values)), list(values))
    axis.set_ylim(len(values) - 0.5, -0.5)
    axis.set_title(title, fontsize=9, color=INK)
    axis.grid(axis="x", color=UNKNOWN, linewidth=0.6)
    axis.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axis.spines[side].set_visible(False)
    axis.tick_params(color=UNKNOWN, labelcolor=FAINT, labelsize=8)
