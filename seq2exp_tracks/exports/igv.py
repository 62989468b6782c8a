"""An IGV session of a run: XML for IGV on the desktop, JSON for igv.js, and the files that both show."""

import json
from pathlib import Path
from typing import Any

from seq2exp_tracks.exports.assembly import (
    Sequence,
    assembly_name,
    chromosome_note,
    first_place,
    place_sequence,
)
from seq2exp_tracks.exports.destination import Exported, ExportFolder
from seq2exp_tracks.exports.feature_files import (
    ELEMENTS_FILE,
    GENES_FILE,
    LINKS_FILE,
    place_tracks,
    write_elements,
    write_genes,
    write_links,
)
from seq2exp_tracks.exports.igv_xml import session_xml
from seq2exp_tracks.exports.request import ExportOptions
from seq2exp_tracks.exports.shown import (
    ELEMENTS_TITLE,
    GENES_TITLE,
    LINKS_TITLE,
    ShownTrack,
    shown_tracks,
)
from seq2exp_tracks.io.bigbed import rgb
from seq2exp_tracks.palette import DISTAL, INK
from seq2exp_tracks.run_reader import Run

Json = dict[str, Any]


def export_igv(
    run: Path, out: Path, options: ExportOptions, *, gene: str | None = None, url: str | None = None
) -> Exported:
    """Writes a folder with `session.xml`, `session.json` and the tracks that they name.

    Args:
        run: Folder of a run.
        out: Folder to make.
        options: What the user chose.
        gene: Gene whose window is shown first; None for the run's first.
        url: Address that the folder will have on the web, which the JSON session then names its files by;
            None to name them relative to the page that shows it.

    Raises:
        InputError: If there is no run, or a file of it is missing or has changed.
        OutputError: If the folder is taken or cannot be written.
    """
    opened = Run.open(run)
    tracks = shown_tracks(opened, signals=options.signals)
    assembly = assembly_name(opened, options.assembly)
    locus = first_place(opened, gene)
    base = "" if url is None else url.rstrip("/") + "/"
    with ExportFolder(out, "igv", overwrite=options.overwrite, placement=options.placement) as folder:
        sequence = place_sequence(folder, opened) if assembly is None else None
        place_tracks(folder, tracks)
        write_genes(folder, opened)
        elements = write_elements(folder, opened)
        links = write_links(folder, opened)
        genome = assembly or (sequence.fasta if sequence else "")
        folder.write(
            "session.xml", session_xml(tracks, elements, links, genome, locus), "Session for IGV desktop"
        )
        session = session_json(opened, tracks, elements, links, assembly or sequence, locus, base)
        folder.write("session.json", json.dumps(session, indent=2) + "\n", "Session for igv.js")
    return Exported(out, folder.files, chromosome_note(opened, assembly), _next_steps(out, url))


def session_json(
    run: Run,
    tracks: tuple[ShownTrack, ...],
    elements: bool,
    links: bool,
    genome: "str | Sequence | None",
    locus: str,
    base: str,
) -> Json:
    """The session as igv.js reads it (its `Browser.loadSession`)."""
    shown: list[Json] = [{"name": GENES_TITLE, "type": "annotation", "format": "bed", "url": GENES_FILE}]
    shown[0] |= {"color": f"rgb({rgb(INK)})", "displayMode": "EXPANDED", "height": 60}
    shown += [_bigwig(track) for track in tracks if track.group != "expression"]
    if elements:
        shown.append({"name": ELEMENTS_TITLE, "type": "annotation", "format": "bigbed", "url": ELEMENTS_FILE})
        shown[-1] |= {"height": 50}
    if links:
        shown.append({"name": LINKS_TITLE, "type": "interact", "format": "bedpe", "url": LINKS_FILE})
        shown[-1] |= {"color": f"rgb({rgb(DISTAL)})", "height": 120, "showBlocks": False}
    shown += [_bigwig(track) for track in tracks if track.group == "expression"]
    for order, track in enumerate(shown, 1):
        track |= {"url": base + track["url"], "order": order}
    start: Json = (
        {"genome": genome} if isinstance(genome, str) else {"reference": _reference(run, genome, base)}
    )
    return start | {"locus": locus, "tracks": shown}


def _reference(run: Run, sequence: Sequence | None, base: str) -> Json:
    """A genome that igv.js does not know."""
    assert sequence is not None
    reference = {
        "id": run.manifest.genome,
        "name": run.manifest.genome,
        "fastaURL": base + sequence.fasta,
        "indexURL": base + sequence.fai,
    }
    return reference | ({"compressedIndexURL": base + sequence.gzi} if sequence.gzi else {})


def _bigwig(track: ShownTrack) -> Json:
    scale: Json = {"autoscale": True} if track.ceiling is None else {"min": track.floor, "max": track.ceiling}
    return {
        "name": track.title,
        "type": "wig",
        "format": "bigwig",
        "url": track.file,
        "description": f"{track.description}; unit: {track.unit}",
        "color": f"rgb({track.rgb})",
        "altColor": f"rgb({track.rgb})",
        "height": 60,
        "windowFunction": "max" if track.highest else "mean",
        **scale,
    }


def _next_steps(out: Path, url: str | None) -> tuple[str, ...]:
    page = f"{url.rstrip('/')}/session.json" if url else "session.json"
    return (
        f"IGV on the desktop: File > Open Session… > {out / 'session.xml'}",
        f"igv.js: serve the folder and load {page} (docs/exports.md has a page to copy)",
    )
