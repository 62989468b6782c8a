"""The figures of the report as data addresses, so that the page holds them itself."""

import base64
from dataclasses import dataclass
from io import BytesIO

import matplotlib
import numpy as np
from jaxtyping import Float64, Shaped
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from seq2exp_tracks.exports.agreement import Agreement
from seq2exp_tracks.exports.distribution import Counted
from seq2exp_tracks.palette import FAINT, INK, UNKNOWN

# Inches; the page shows them at 72 points an inch.
SIZE = (4.6, 2.5)
BINS = 50
# More dots than this are one image inside the drawing: a dot each would be too much for a page.
MANY = 2_000


@dataclass(frozen=True, slots=True)
class Figured:
    """A figure of the page.

    Attributes:
        title: Its heading.
        alternative: What it shows, for who does not see it.
        address: Its image as a data address.
    """

    title: str
    alternative: str
    address: str


def png_address(png: bytes) -> str:
    """A PNG as a data address."""
    return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"


def track_histogram(title: str, unit: str, counted: Counted, colour: str) -> Figured:
    """Share of the bases by value."""
    highest = counted.values[np.flatnonzero(counted.counts)[-1]] if counted.counts.any() else 1.0
    limits = (0.0, float(max(highest, counted.step)))
    counts, edges = np.histogram(counted.values, bins=BINS, range=limits, weights=counted.counts)
    return _histogram(title, unit, "scored bases", counts.astype(np.float64), edges, colour, "linear")


def histogram(
    title: str,
    unit: str,
    values: Shaped[np.ndarray, " values"],
    colour: str,
    *,
    of: str,
    logarithmic: bool = False,
) -> Figured:
    """Share of values by size.

    Args:
        title: What the values are.
        unit: Their unit.
        values: The values; more than 0 where the axis is logarithmic.
        colour: Colour of the bars.
        of: What there is one value of.
        logarithmic: Whether the axis of the values is.
    """
    bins: int | Float64[np.ndarray, " edges"] = BINS
    if logarithmic and len(values):
        bins = np.geomspace(values.min(), values.max() + 1, BINS + 1)
    counts, edges = np.histogram(values, bins=bins)
    scale = "log" if logarithmic else "linear"
    return _histogram(title, unit, of, counts.astype(np.float64), edges.astype(np.float64), colour, scale)


def scatter(agreement: Agreement) -> Figured:
    """Predicted against measured expression, one dot a gene."""
    measured, label = agreement.measured, agreement.label
    if agreement.drawn_by_logarithm:
        measured, label = np.log10(1 + measured), f"log10(1 + {label})"
    figure, axis = _axes()
    many = len(measured) > MANY
    axis.scatter(measured, agreement.predicted, s=9, color=INK, alpha=0.55, linewidths=0, rasterized=many)
    axis.set_xlabel(f"measured: {label}")
    axis.set_ylabel("predicted: log10(1 + CAGE)")
    alternative = f"Predicted against measured expression of {len(measured):,} genes"
    return Figured("Predicted against measured", alternative, _address(figure))


def _histogram(
    title: str,
    unit: str,
    of: str,
    counts: Float64[np.ndarray, " bins"],
    edges: Float64[np.ndarray, " edges"],
    colour: str,
    scale: str,
) -> Figured:
    figure, axis = _axes()
    total = max(float(counts.sum()), 1.0)
    axis.stairs(100 * counts / total, edges, fill=True, color=colour)
    axis.set_xlabel(unit)
    axis.set_ylabel(f"% of {of}")
    axis.set_ylim(0)
    axis.set_xscale(scale)
    return Figured(title, f"Histogram of {title.lower()}, {unit}", _address(figure))


def _axes() -> tuple[Figure, Axes]:
    figure = Figure(figsize=SIZE, layout="constrained", facecolor="white")
    FigureCanvasSVG(figure)
    axis = figure.add_subplot()
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axis.spines[side].set_color(UNKNOWN)
    axis.tick_params(color=UNKNOWN, labelcolor=FAINT, labelsize=8)
    axis.xaxis.label.set(color=INK, size=9)
    axis.yaxis.label.set(color=INK, size=9)
    return figure, axis


def _address(figure: Figure) -> str:
    """The figure as SVG with its letters as outlines: the same on every machine and for every run of this."""
    stream = BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "seq2exp-tracks"}):
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    return f"data:image/svg+xml;base64,{base64.b64encode(stream.getvalue()).decode('ascii')}"
