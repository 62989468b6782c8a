"""The text of a UCSC track hub in one file: stanzas of `setting value` lines.

Settings as UCSC's track database definition describes them
(genome.ucsc.edu/goldenPath/help/trackDb/trackDbHub.html).
"""

from collections.abc import Iterable, Sequence

from seq2exp_tracks.exports.shown import (
    ELEMENTS_DESCRIPTION,
    ELEMENTS_TITLE,
    LINKS_DESCRIPTION,
    LINKS_TITLE,
    ShownTrack,
)
from seq2exp_tracks.io.bigbed import rgb
from seq2exp_tracks.palette import DISTAL

Stanza = dict[str, str]

# Longest labels that UCSC draws whole, in letters.
SHORT, LONG = 17, 76
# UCSC lists a hub without a contact as faulty.
NO_EMAIL = "not-given@example.org"
DESCRIPTION = "description.html"
ELEMENTS_FILE = "tracks/elements.bb"
LINKS_FILE = "tracks/links.inter.bb"

# One composite a group: title, and its settings.
_GROUPS = {
    "signals": ("Signals read", "What the model read; units as in the files"),
    "mask": ("Learned mask", "Learned mask with its sd, and applied mask; 0 to 1"),
    "expression": ("Expression", "Predicted expression at each TSS; log10(1 + CAGE)"),
}


def hub_text(
    name: str,
    identifier: str,
    assembly: str,
    email: str,
    tracks: Sequence[ShownTrack],
    elements: bool,
    links: bool,
) -> str:
    """The whole `hub.txt`.

    Args:
        name: Name of the run, for people.
        identifier: The same as letters, digits and underscores.
        assembly: UCSC's name of the genome.
        email: Whom users of the hub may ask.
        tracks: The bigWig tracks.
        elements: Whether there is a file of elements.
        links: Whether there is a file of links.
    """
    hub = {
        "hub": identifier,
        "shortLabel": cut(f"Seq2Exp {name}", SHORT),
        "longLabel": cut(f"Seq2Exp {name}: learned regulatory masks", LONG),
        "useOneFile": "on",
        "email": email,
        "descriptionUrl": DESCRIPTION,
    }
    stanzas = [hub, {"genome": assembly}]
    for group in ("signals", "mask"):
        stanzas += _composite(group, name, tracks)
    stanzas += [_elements()] if elements else []
    stanzas += [_links()] if links else []
    stanzas += _composite("expression", name, tracks)
    return "\n".join(_lines(stanza) for stanza in stanzas)


def cut(text: str, length: int) -> str:
    """A label on one line and no longer than it may be."""
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1] + "…"


def _lines(stanza: Stanza) -> str:
    indent = "    " if stanza.get("parent") else ""
    return "".join(f"{indent}{setting} {value}\n" for setting, value in stanza.items())


def _composite(group: str, name: str, tracks: Iterable[ShownTrack]) -> list[Stanza]:
    """A composite track and its subtracks, all bigWig, which share a page of settings."""
    members = [track for track in tracks if track.group == group]
    if not members:
        return []
    title, about = _GROUPS[group]
    parent = {
        "track": f"seq2exp_{group}_tracks",
        "compositeTrack": "on",
        "type": "bigWig",
        "shortLabel": cut(title, SHORT),
        "longLabel": cut(about, LONG),
        "visibility": "full",
        "maxHeightPixels": "128:48:16",
        "alwaysZero": "on",
        "html": DESCRIPTION,
    }
    return [
        parent,
        *(_subtrack(track, parent["track"], name, place) for place, track in enumerate(members, 1)),
    ]


def _subtrack(track: ShownTrack, parent: str, name: str, priority: int) -> Stanza:
    stanza = {
        "track": f"seq2exp_{track.id}",
        "parent": f"{parent} on",
        "bigDataUrl": track.file,
        "type": "bigWig" if track.ceiling is None else f"bigWig {track.floor:g} {track.ceiling:g}",
        "shortLabel": cut(track.title, SHORT),
        "longLabel": cut(f"{track.title} ({track.unit}), {name}", LONG),
        "color": track.rgb,
        "windowingFunction": "mean+whiskers" if track.highest else "mean",
        "priority": str(priority),
        "visibility": "full",
    }
    if track.ceiling is None:
        return stanza | {"autoScale": "on"}
    return stanza | {"autoScale": "off", "viewLimits": f"{track.floor:g}:{track.ceiling:g}"}


def _elements() -> Stanza:
    return {
        "track": "seq2exp_elements",
        "bigDataUrl": ELEMENTS_FILE,
        "type": "bigBed 9 +",
        "shortLabel": cut(ELEMENTS_TITLE, SHORT),
        "longLabel": cut(ELEMENTS_DESCRIPTION, LONG),
        "itemRgb": "on",
        "visibility": "squish",
        "html": DESCRIPTION,
    }


def _links() -> Stanza:
    return {
        "track": "seq2exp_links",
        "bigDataUrl": LINKS_FILE,
        "type": "bigInteract",
        "shortLabel": cut(LINKS_TITLE, SHORT),
        "longLabel": cut(LINKS_DESCRIPTION, LONG),
        "color": rgb(DISTAL),
        "interactDirectional": "true",
        "spectrum": "on",
        "maxHeightPixels": "200:100:50",
        "visibility": "full",
        "html": DESCRIPTION,
    }
