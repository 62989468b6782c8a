"""How each tileset is drawn: kind of track, colour, title, height, scale. One place for all views.

Knows neither files nor where a view is shown: whoever places tracks says how they reach their tilesets.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import higlass as hg

from seq2exp_tracks.palette import DISTAL, FAINT, INK, LESS, MORE, OTHER_SIGNAL, PROMOTER, TRACKS

HEIGHTS = {
    "chromosomes": 26,
    "genes": 82,
    "signal": 58,
    "contact": 56,
    "map": 118,
    "mask": 118,
    "applied": 44,
    "elements": 34,
    "links": 66,
    "expression": 56,
    "difference": 72,
}
"""Height of each kind of track in pixels, its title included; those of a gene's window fit on a screen."""

TITLE = 15
"""Height of the strip above the data that a title has for itself (frontend/src/titleStrip.js)."""

_LABEL = {
    "labelPosition": "topLeft",
    "labelColor": INK,
    "labelTextOpacity": 1.0,
    # For whoever opens a view config in another HiGlass, which writes titles over the data.
    "labelBackgroundOpacity": 0.8,
    "labelShowResolution": False,
    "labelShowAssembly": False,
    "labelLeftMargin": 4,
}
_AXIS = {"axisPositionHorizontal": "right", "axisLabelFormatting": "normal", "showTooltip": True}
_SHARE = {"valueScaling": "linear", "valueScaleMin": 0.0, "valueScaleMax": 1.0}

# HiGlass leaves so many pixels above and below a line, and none around bars.
_LINE_MARGIN = 6


class Place(Protocol):
    """Makes a track of a tileset: how it is reached differs between a page and a notebook."""

    def __call__(self, kind: str, uid: str) -> Any:
        """A track of HiGlass' kind `kind` that shows the tileset `uid`."""


@dataclass(frozen=True, slots=True)
class Caption:
    """What the page says of a track.

    Attributes:
        title: What is shown.
        color: Its colour.
        unit: Unit of its values; empty where it has none.
    """

    title: str
    color: str
    unit: str = ""

    @property
    def label(self) -> str:
        """Title and unit, as they stand on the track."""
        return f"{self.title} [{self.unit}]" if self.unit else self.title


@dataclass(frozen=True, slots=True, eq=False)
class DrawnTrack:
    """A track of a view and what the page says of it."""

    track: Any
    captions: tuple[Caption, ...]


@dataclass(frozen=True, slots=True)
class Pen:
    """Draws tilesets.

    Attributes:
        place: How tracks reach their tilesets.
    """

    place: Place

    def chromosomes(self, uid: str) -> DrawnTrack:
        """Names of the chromosomes, and positions on them."""
        options = {"color": INK, "stroke": "white", "fontSize": 12, "tickPositions": "even"}
        options |= {"titleHeight": 0}  # it has none
        return DrawnTrack(self._track("horizontal-chromosome-labels", uid, "chromosomes", options), ())

    def genes(self, uid: str, title: str) -> DrawnTrack:
        """Genes with their exons, + strand above - strand."""
        options = {
            "plusStrandColor": INK,
            "minusStrandColor": FAINT,
            "fontSize": 11,
            "showMousePosition": False,
        }
        return self._captioned("horizontal-gene-annotations", uid, "genes", Caption(title, INK), options)

    def signal(self, uid: str, name: str, title: str) -> DrawnTrack:
        """A signal that the model read."""
        caption = Caption(title, signal_color(name), "signal of the bigWig")
        return self._bars(uid, "signal", caption, aggregationMode="max")

    def contact(self, uid: str, title: str) -> DrawnTrack:
        """Contact of each base with a gene's TSS."""
        return self._bars(uid, "contact", Caption(title, TRACKS["HiC"], "log10(1 + contact)"))

    def contact_map(self, uid: str, title: str) -> DrawnTrack:
        """Hi-C along the genome, the diagonal at the bottom; its colours are explained beside its title."""
        options = {
            "colorRange": ["#FFFFFF", TRACKS["HiC"], "#4A1F37"],
            "heatmapValueScaling": "log",
            "colorbarPosition": "topRight",
        }
        caption = Caption(title, TRACKS["HiC"], "contacts of two bins")
        return self._captioned("horizontal-heatmap", uid, "map", caption, options)

    def mask(self, uid: str, band: tuple[str, str] | None, title: str) -> DrawnTrack:
        """The learned mask, the largest value of each bin, over a band of ± sd.

        HiGlass has no track of bands: bars up to the upper edge, and white ones up to the lower on top.
        """
        caption = Caption(title, TRACKS["mask"], "0 to 1")
        line = self._track("line", uid, "mask", self._labelled(caption) | _AXIS | _SHARE)
        line.opts(lineStrokeColor=caption.color, lineStrokeWidth=2, aggregationMode="max", inplace=True)
        if band is None:
            return DrawnTrack(line, (caption,))
        tint = Caption(f"{title}, ± sd", lighter(caption.color))
        below = _edge_scale(HEIGHTS["mask"]) | {"labelPosition": "hidden", "axisPositionHorizontal": "hidden"}
        below |= {"aggregationMode": "max"}
        edges = [
            self._track("bar", edge, "mask", below | {"barFillColor": color})
            for edge, color in zip(band, (tint.color, "#FFFFFF"), strict=True)
        ]
        return DrawnTrack(self._combined(f"{uid}-band", "mask", [*edges, line]), (caption, tint))

    def applied(self, uid: str, title: str) -> DrawnTrack:
        """The mask that the predictor saw."""
        caption = Caption(title, TRACKS["mask.applied"], "0 to 1")
        return self._bars(uid, "applied", caption, aggregationMode="max", **_SHARE)

    def elements(self, promoters: str, distal: str, title: str) -> DrawnTrack:
        """Called elements: promoters and distal ones, each in its colour."""
        whole = Caption(title, DISTAL)
        colors = {promoters: PROMOTER, distal: DISTAL}
        shapes = {"annotationStyle": "box", "fillOpacity": 0.8, "showTexts": False, "alternating": False}
        shapes |= {"separatePlusMinusStrands": False, "maxAnnotationHeight": 12}
        tracks = []
        for uid, color in colors.items():
            label = self._labelled(whole) if uid == distal else {"labelPosition": "hidden"}
            paint = {"fillColor": color, "plusStrandColor": color, "minusStrandColor": color}
            tracks.append(self._track("bedlike", uid, "elements", label | shapes | paint))
        captions = (Caption(f"{title}: distal", DISTAL), Caption(f"{title}: promoter", PROMOTER))
        return DrawnTrack(self._combined(f"{distal}-both", "elements", tracks), captions)

    def links(self, uid: str, title: str) -> DrawnTrack:
        """Arcs from distal elements to the TSS of their gene."""
        options = {
            "strokeColor": DISTAL,
            "strokeOpacity": 0.45,
            "strokeWidth": 1.5,
            "completelyContained": False,
        }
        return self._captioned("1d-arcs", uid, "links", Caption(title, DISTAL), options)

    def expression(self, uid: str, caption: Caption, scale: tuple[float, float]) -> DrawnTrack:
        """Expression at each TSS as points, on a scale from the lower to the upper value given."""
        limits = {"valueScaling": "linear", "valueScaleMin": scale[0], "valueScaleMax": scale[1]}
        options = {"pointColor": caption.color, "pointSize": 7} | _AXIS | limits
        return self._captioned("point", uid, "expression", caption, options)

    def difference(self, uid: str, title: str, names: tuple[str, str]) -> DrawnTrack:
        """The first run's mask less the second's: above 0 in one colour, below in another."""
        whole = Caption(title, MORE, "-1 to 1")
        scale = {"valueScaling": "linear", "valueScaleMin": -1.0, "valueScaleMax": 1.0}
        options = (
            self._labelled(whole) | _AXIS | scale | {"barFillColorTop": MORE, "barFillColorBottom": LESS}
        )
        captions = (Caption(f"more in {names[0]}", MORE), Caption(f"more in {names[1]}", LESS))
        return DrawnTrack(self._track("divergent-bar", uid, "difference", options), captions)

    def _bars(self, uid: str, kind: str, caption: Caption, **options: Any) -> DrawnTrack:
        drawn = {"barFillColor": caption.color, "valueScaleMin": 0.0} | _AXIS | options
        return self._captioned("bar", uid, kind, caption, drawn)

    def _captioned(
        self, drawn_as: str, uid: str, kind: str, caption: Caption, options: dict[str, Any]
    ) -> DrawnTrack:
        return DrawnTrack(self._track(drawn_as, uid, kind, self._labelled(caption) | options), (caption,))

    def _labelled(self, caption: Caption) -> dict[str, Any]:
        return _LABEL | {"name": caption.label}

    def _track(self, drawn_as: str, uid: str, kind: str, options: dict[str, Any]) -> Any:
        """A track with its own height, under the uid of its tileset: exported views stay the same."""
        height = HEIGHTS[kind]
        track = self.place(drawn_as, uid).properties(uid=uid, height=height, inplace=True)
        return track.opts(**{"titleHeight": _title_height(height)} | options, inplace=True)

    def _combined(self, uid: str, kind: str, contents: Sequence[Any]) -> Any:
        return hg.CombinedTrack(type="combined", uid=uid, height=HEIGHTS[kind], contents=list(contents))


def set_height(track: Any, height: int) -> None:
    """Gives a track another height; a band stays around its line."""
    track.height = height
    banded = track.type == "combined"
    for part in getattr(track, "contents", (track,)):
        if part.options["titleHeight"]:
            part.opts(titleHeight=_title_height(height), inplace=True)
        if banded and part.type == "bar":
            part.opts(**_edge_scale(height), inplace=True)


def _title_height(height: int) -> int:
    """The strip for the title of a track so high; none where it would leave the data less than itself."""
    return TITLE if height >= 2 * TITLE else 0


def _edge_scale(height: int) -> dict[str, Any]:
    """The scale on which bars of a track so high reach where a line from 0 to 1 has the same value."""
    beyond = _LINE_MARGIN / max(height - _title_height(height) - 2 * _LINE_MARGIN, 1)
    return _SHARE | {"valueScaleMin": -beyond, "valueScaleMax": 1 + beyond}


def signal_color(name: str) -> str:
    """The colour of a signal that the model reads."""
    return TRACKS.get(name, OTHER_SIGNAL)


def lighter(color: str) -> str:
    """A tint of a colour: three parts of it and seven of white."""
    parts = (int(color[start : start + 2], 16) for start in (1, 3, 5))
    return "#" + "".join(f"{round(255 - (255 - part) * 0.3):02X}" for part in parts)
