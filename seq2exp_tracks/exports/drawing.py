"""Draws a `Picture` with matplotlib, on a canvas of its own: no global state, no window.

Values below one pixel's width are shown twice, as their mean (dark) and their greatest (light), so that a
narrow peak is not lost in a long window.
"""

from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float64, Int64
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle, StepPatch
from matplotlib.ticker import MaxNLocator

from seq2exp_tracks.exports.binning import bin_values, runs_without_value
from seq2exp_tracks.exports.gene_labels import draw_genes, panel_height
from seq2exp_tracks.exports.picture import BlockPanel, CurvePanel, GenePanel, Panel, Picture
from seq2exp_tracks.io.writing import writing
from seq2exp_tracks.palette import FAINT, INK, UNKNOWN

WIDTH_PIXELS = 1600
DPI = 160
# Inches.
LEFT, RIGHT = 1.55, 0.25
HEADER, LINE, FOOTER = 0.58, 0.185, 0.76
BETWEEN = 0.13
# Points.
LARGE, NORMAL, SMALL = 14, 8.5, 7.5

HATCH = "/////"
HEADROOM = 1.05  # top of an axis above the greatest value, as a factor


def save_picture(picture: Picture, out: Path) -> None:
    """Draws a picture and writes it as PNG, 1600 pixels wide.

    Raises:
        OutputError: If the file cannot be written.
    """
    png = picture_png(picture)
    with writing(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(png)


def picture_png(picture: Picture) -> bytes:
    """Draws a picture as PNG, 1600 pixels wide."""
    stream = BytesIO()
    draw_picture(picture).savefig(stream, format="png", dpi=DPI, metadata={"Software": None})
    return stream.getvalue()


def draw_picture(picture: Picture) -> Figure:
    """Draws a picture, its panels one below the other."""
    limits = (picture.start, picture.end)
    heights = [
        panel_height(panel, limits) if isinstance(panel, GenePanel) else panel.height
        for panel in picture.panels
    ]
    header = HEADER + LINE * len(picture.subtitle)
    total = header + sum(heights) + BETWEEN * (len(heights) - 1) + FOOTER
    width = WIDTH_PIXELS / DPI
    figure = Figure(figsize=(width, total), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    top = total - header
    axes = []
    for panel, height in zip(picture.panels, heights, strict=True):
        place = (LEFT / width, (top - height) / total, (width - LEFT - RIGHT) / width, height / total)
        axis = figure.add_axes(place)
        _draw_frame(axis, picture, panel)
        _draw_panel(axis, picture, panel)
        axes.append(axis)
        top -= height + BETWEEN
    _draw_positions(axes[-1], picture)
    _write_header(figure, picture, total)
    _draw_legend(figure, picture, total)
    return figure


def _draw_frame(axis: Axes, picture: Picture, panel: Panel) -> None:
    """What all panels share: limits, name, TSS line, the part beyond the chromosome."""
    axis.set_xlim(picture.start, picture.end)
    axis.set_xticks([])
    axis.set_yticks([])
    for side in ("top", "right", "left"):
        axis.spines[side].set_visible(False)
    axis.spines["bottom"].set(color=UNKNOWN, linewidth=0.8)
    axis.annotate(
        panel.label,
        (0, 1),
        (-LEFT * 72 + 14, 0),
        xycoords="axes fraction",
        textcoords="offset points",
        va="top",
        fontsize=NORMAL,
        fontweight="bold",
        color=INK,
    )
    axis.annotate(
        panel.unit,
        (0, 1),
        (-LEFT * 72 + 14, -13),
        xycoords="axes fraction",
        textcoords="offset points",
        va="top",
        fontsize=SMALL,
        linespacing=1.25,
        color=FAINT,
    )
    if picture.tss is not None:
        axis.axvline(picture.tss, color=INK, linewidth=0.7, linestyle=(0, (4, 3)), zorder=0.5)
    _hatch(axis, picture.beyond)


def _hatch(axis: Axes, stretches: Iterable[tuple[int, int]]) -> None:
    """Marks stretches of which nothing is known."""
    for start, end in stretches:
        axis.axvspan(start, end, facecolor="#FAFAFA", edgecolor=UNKNOWN, hatch=HATCH, linewidth=0, zorder=0.8)


def _draw_panel(axis: Axes, picture: Picture, panel: Panel) -> None:
    match panel:
        case GenePanel():
            draw_genes(axis, panel, (picture.start, picture.end))
        case BlockPanel():
            _draw_blocks(axis, panel)
        case CurvePanel(values=None):
            _say(axis, panel.message)
        case CurvePanel():
            _draw_curve(axis, picture, panel)


def _say(axis: Axes, message: str) -> None:
    """A message in the place of what cannot be shown."""
    axis.text(
        0.5,
        0.5,
        message,
        transform=axis.transAxes,
        ha="center",
        va="center",
        fontsize=NORMAL,
        color=FAINT,
        style="italic",
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 3},
    )


def _draw_curve(axis: Axes, picture: Picture, panel: CurvePanel) -> None:
    assert panel.values is not None
    pixels = round(WIDTH_PIXELS - (LEFT + RIGHT) * DPI)
    binned = bin_values(panel.values, picture.start, pixels)
    if panel.hatched:
        _hatch(axis, runs_without_value(panel.values, picture.start))
    mean, highest, colour = binned.mean, binned.highest, panel.colour
    if panel.spread is None:
        _steps(axis, highest, binned.edges, fill=True, color=colour, alpha=0.35, linewidth=0)
        _steps(axis, mean, binned.edges, fill=True, color=colour, linewidth=0)
    else:
        spread = bin_values(panel.spread, picture.start, pixels).mean
        low, high = np.clip([mean - spread, mean + spread], 0, 1)
        _steps(axis, high, binned.edges, baseline=low, fill=True, color=colour, alpha=0.28, linewidth=0)
        _steps(axis, highest, binned.edges, baseline=None, color=colour, alpha=0.45, linewidth=0.6)
        _steps(axis, mean, binned.edges, baseline=None, color=colour, linewidth=1.0)
    greatest = float(np.nanmax(binned.highest, initial=0.0))
    ceiling = panel.ceiling or greatest or 1.0
    axis.set_ylim(0, ceiling * HEADROOM)
    axis.set_yticks([0, ceiling], ["0", f"{ceiling:,.0f}" if ceiling >= 100 else f"{ceiling:.3g}"])
    axis.tick_params(axis="y", length=2.5, width=0.6, color=FAINT, labelsize=SMALL, labelcolor=FAINT, pad=2)
    axis.spines["left"].set(visible=True, color=UNKNOWN, linewidth=0.8)


def _steps(
    axis: Axes, values: Float64[np.ndarray, " bins"], edges: Int64[np.ndarray, " edges"], **style: Any
) -> None:
    """Draws one step a bin, as `Axes.stairs` does, which spends most of its time on limits that are set."""
    axis.add_artist(StepPatch(values, edges, **({"baseline": 0, "fill": False} | style)))


def _draw_blocks(axis: Axes, panel: BlockPanel) -> None:
    """Elements as boxes of one height; an outline where nothing acts."""
    axis.set_ylim(0, 1)
    if not panel.blocks:
        _say(axis, panel.message)
    low, high = axis.get_xlim()
    thinnest = (high - low) / 700  # still to be seen: two pixels
    for block in panel.blocks:
        hollow, colour = block.kind in panel.hollow, panel.colours[block.kind]
        length = max(block.end - block.start, thinnest)
        start = (block.start + block.end - length) / 2
        box = Rectangle(
            (start, 0.18),
            length,
            0.64,
            facecolor="white" if hollow else colour,
            edgecolor=colour,
            linewidth=0.9 if hollow else 0.4,
            alpha=0.35 if block.faint else 1.0,
            zorder=2,
        )
        axis.add_patch(box)


def _draw_positions(axis: Axes, picture: Picture) -> None:
    """Positions below the last panel."""
    span = picture.end - picture.start
    unit, name = (1_000_000, "Mb") if span >= 5_000_000 else (1_000, "kb") if span >= 5_000 else (1, "bp")
    ticks = MaxNLocator(nbins=8, steps=[1, 2, 5, 10]).tick_values(picture.start, picture.end)
    shown = [
        tick for tick in ticks if max(0, picture.start) <= tick <= min(picture.end, picture.chrom_length)
    ]
    axis.set_xticks(shown, [f"{tick / unit:,.10g}" for tick in shown])
    axis.tick_params(axis="x", length=3, width=0.7, color=FAINT, labelsize=NORMAL, labelcolor=INK)
    axis.set_xlabel(f"position on {picture.chrom}, {name}", fontsize=NORMAL, color=INK, labelpad=3)


def _write_header(figure: Figure, picture: Picture, total: float) -> None:
    """Title and the lines below it, from the left edge."""
    left = 14 / 72 / (WIDTH_PIXELS / DPI)
    top = total - 0.16
    figure.text(left, top / total, picture.title, va="top", fontsize=LARGE, fontweight="bold", color=INK)
    for number, line in enumerate(picture.subtitle):
        height = top - 0.29 - LINE * number
        figure.text(
            left, height / total, line, va="top", fontsize=NORMAL, color=INK if number == 0 else FAINT
        )


def _draw_legend(figure: Figure, picture: Picture, total: float) -> None:
    """What the colours of elements and the hatching mean, in one line at the foot."""
    handles = []
    for panel in picture.panels:
        if isinstance(panel, BlockPanel):
            for kind, colour in panel.colours.items():
                face = "white" if kind in panel.hollow else colour
                handles.append(Patch(facecolor=face, edgecolor=colour, label=kind, linewidth=0.9))
    if picture.hatched:
        handles.append(
            Patch(facecolor="#FAFAFA", edgecolor=UNKNOWN, hatch=HATCH, label="not scored", linewidth=0)
        )
    unique = {str(handle.get_label()): handle for handle in handles}
    figure.legend(
        handles=list(unique.values()),
        loc="lower left",
        bbox_to_anchor=(LEFT / (WIDTH_PIXELS / DPI), 0.05 / total),
        ncols=len(unique),
        frameon=False,
        fontsize=SMALL,
        labelcolor=INK,
        handlelength=1.4,
        handleheight=0.9,
        handletextpad=0.5,
        columnspacing=1.6,
        borderpad=0,
        borderaxespad=0,
    )
