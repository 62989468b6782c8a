"""The session file of IGV on the desktop (its `IGVSessionReader`), which igv.js reads as well."""

from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from seq2exp_tracks.exports.feature_files import ELEMENTS_FILE, GENES_FILE, LINKS_FILE
from seq2exp_tracks.exports.shown import ELEMENTS_TITLE, GENES_TITLE, LINKS_TITLE, ShownTrack
from seq2exp_tracks.io.bigbed import rgb
from seq2exp_tracks.palette import DISTAL, INK

# Classes that IGV draws tracks of files with.
_VALUES = "org.broad.igv.track.DataSourceTrack"
_FEATURES = "org.broad.igv.track.FeatureTrack"
_ARCS = "org.broad.igv.bedpe.InteractionTrack"


def session_xml(tracks: tuple[ShownTrack, ...], elements: bool, links: bool, genome: str, locus: str) -> str:
    """Writes down the session.

    Args:
        tracks: The bigWig tracks.
        elements: Whether there is a file of elements.
        links: Whether there is a file of links.
        genome: IGV's name of the genome, or the path of a FASTA relative to the session.
        locus: Where it opens, `chr22:1-2000`.
    """
    session = Element("Session", genome=genome, locus=locus, version="8")
    resources = SubElement(session, "Resources")
    panel = SubElement(session, "Panel", name="DataPanel", height="700", width="1200")
    for track in _tracks(tracks, elements, links):
        SubElement(resources, "Resource", path=track.attrib["id"])
        panel.append(track)
    ElementTree.indent(session, "    ")
    body = ElementTree.tostring(session, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n{body}\n'


def _tracks(tracks: tuple[ShownTrack, ...], elements: bool, links: bool) -> list[Element]:
    """One `Track` for each file, from the top."""
    boxes = [_features(ELEMENTS_FILE, ELEMENTS_TITLE, _FEATURES, DISTAL, 50)] if elements else []
    arcs = [_features(LINKS_FILE, LINKS_TITLE, _ARCS, DISTAL, 120)] if links else []
    return [
        _features(GENES_FILE, GENES_TITLE, _FEATURES, INK, 60),
        *(_values(track) for track in tracks if track.group != "expression"),
        *boxes,
        *arcs,
        *(_values(track) for track in tracks if track.group == "expression"),
    ]


def _features(file: str, title: str, kind: str, colour: str, height: int) -> Element:
    return Element(
        "Track",
        clazz=kind,
        id=file,
        name=title,
        color=rgb(colour),
        altColor=rgb(colour),
        displayMode="EXPANDED",
        height=str(height),
        visible="true",
    )


def _values(track: ShownTrack) -> Element:
    element = Element(
        "Track",
        clazz=_VALUES,
        id=track.file,
        name=track.title,
        color=track.rgb,
        altColor=track.rgb,
        autoScale="true" if track.ceiling is None else "false",
        height="60",
        renderer="BAR_CHART",
        visible="true",
        windowFunction="max" if track.highest else "mean",
    )
    if track.ceiling is not None:
        SubElement(
            element,
            "DataRange",
            baseline="0.0",
            drawBaseline="true",
            flipAxis="false",
            maximum=str(track.ceiling),
            minimum=str(track.floor),
            type="LINEAR",
        )
    return element
