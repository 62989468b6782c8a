"""The plots of an evaluation: predicted against measured expression, and precision-recall curves."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from seq2exp_tracks.evaluation.element_scores import Ranked
from seq2exp_tracks.evaluation.expression_groups import LabelledGene
from seq2exp_tracks.evaluation.found import Evaluation
from seq2exp_tracks.evaluation.methods import MASK
from seq2exp_tracks.evaluation.record import Folder
from seq2exp_tracks.io.writing import writing
from seq2exp_tracks.palette import DECOY, FAINT, INK, OTHER_SIGNAL, TRACKS, UNKNOWN

_INCHES, _DPI = 4.6, 144
_COLOURS = {
    **TRACKS,
    "mask.max": TRACKS["mask.applied"],
    "prior": FAINT,
    "abc": TRACKS["HiC"],
    "distance": DECOY,
}
# Files of intervals, in their order; a further one begins again with another line.
_GIVEN = (INK, OTHER_SIGNAL)
_DASHES = ("--", ":", "-.")
_POINTS = 2_000  # of a curve: more cannot be seen


def write_plots(evaluation: Evaluation, folder: Folder) -> None:
    """Writes PNG files of what was measured.

    Raises:
        OutputError: If a file cannot be written.
    """
    if evaluation.genes:
        path = folder.path("expression.png", "Predicted against measured expression, one dot a gene")
        _save(_scatter(evaluation.genes), path)
    if evaluation.elements is None:
        return
    for name, what, ranked in (
        ("elements.png", "pairs of element and gene", evaluation.elements.elements),
        ("bases.png", "bases", evaluation.elements.bases),
    ):
        if not ranked:
            continue
        path = folder.path(name, f"Precision and recall of every method over {what}")
        _save(_curves(ranked, what), path)


def _scatter(genes: Sequence[LabelledGene]) -> Figure:
    figure = _figure(1)
    axis = _axes(figure, 1)[0]
    measured, predicted = ([getattr(one, name) for one in genes] for name in ("measured", "predicted"))
    ends = [min(measured + predicted), max(measured + predicted)]
    axis.plot(ends, ends, color=UNKNOWN, linewidth=1, zorder=0)
    axis.scatter(measured, predicted, s=9, color=INK, alpha=0.55, linewidths=0)
    axis.set_xlabel("measured: log10(1 + x)")
    axis.set_ylabel("predicted: log10(1 + CAGE)")
    axis.set_title(f"{len(genes):,} genes", fontsize=9, color=INK)
    return figure


def _curves(ranked: Sequence[Ranked], what: str) -> Figure:
    """One panel for all places, one for distal ones."""
    places = list(dict.fromkeys(one.places for one in ranked))
    figure = _figure(len(places))
    for axis, place in zip(_axes(figure, len(places)), places, strict=True):
        ours = [one for one in ranked if one.places == place]
        given = [one.method for one in ours if one.method not in _COLOURS]
        for one in ours:
            if one.ranking.decided:
                _curve(axis, one, given)
        items, positive = (ours[0].items, ours[0].positive) if ours else (0, 0)
        axis.axhline(positive / max(items, 1), color=UNKNOWN, linewidth=1, zorder=0)
        axis.set_xlim(0, 1)
        axis.set_ylim(0, 1.02)
        axis.set_xlabel("recall")
        axis.set_ylabel("precision")
        axis.set_title(f"{place} {what}: {positive:,} of {items:,}", fontsize=9, color=INK)
        if axis.get_legend_handles_labels()[0]:
            axis.legend(fontsize=7, frameon=False, loc="upper left", bbox_to_anchor=(0, -0.16), ncols=3)
    return figure


def _curve(axis: Axes, one: Ranked, given: Sequence[str]) -> None:
    recall, precision = one.ranking.curve()
    shown = np.unique(np.linspace(0, len(recall) - 1, min(len(recall), _POINTS)).round().astype(int))
    colour, line = _COLOURS.get(one.method), "-"
    if colour is None:
        number = given.index(one.method)
        colour, line = _GIVEN[number % len(_GIVEN)], _DASHES[number // len(_GIVEN) % len(_DASHES)]
    axis.plot(
        recall[shown],
        precision[shown],
        color=colour,
        linestyle=line,
        linewidth=2.2 if one.method == MASK else 1.2,
        label=f"{one.method} {one.auprc.value:.3f}",
    )


def _figure(panels: int) -> Figure:
    figure = Figure(figsize=(_INCHES * panels, _INCHES * 0.95), layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def _axes(figure: Figure, panels: int) -> list[Axes]:
    axes = [figure.add_subplot(1, panels, number + 1) for number in range(panels)]
    for axis in axes:
        for side in ("top", "right"):
            axis.spines[side].set_visible(False)
        axis.tick_params(color=UNKNOWN, labelcolor=FAINT, labelsize=8)
        axis.xaxis.label.set(color=INK, size=9)
        axis.yaxis.label.set(color=INK, size=9)
    return axes


def _save(figure: Figure, path: Path) -> None:
    with writing(path):
        figure.savefig(path, format="png", dpi=_DPI, metadata={"Software": None})
