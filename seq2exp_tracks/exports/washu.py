"""A data hub of a run for the WashU Epigenome Browser: `hub.json` and the files that it names."""

import json
from pathlib import Path
from typing import Any

from seq2exp_tracks.exports.assembly import assembly_name, chromosome_note
from seq2exp_tracks.exports.destination import Exported, ExportFolder
from seq2exp_tracks.exports.feature_files import ELEMENTS_FILE, first_line, place_tracks, write_elements
from seq2exp_tracks.exports.request import ExportOptions
from seq2exp_tracks.exports.shown import (
    ELEMENTS_DESCRIPTION,
    ELEMENTS_TITLE,
    LINKS_DESCRIPTION,
    LINKS_TITLE,
    ShownTrack,
    shown_tracks,
)
from seq2exp_tracks.io.longrange import write_links_longrange
from seq2exp_tracks.palette import DISTAL
from seq2exp_tracks.run_reader import Run

Json = dict[str, Any]

# Compressed by bgzip, with an index by tabix beside it, as the browser asks for.
LINKS_FILE = "tracks/links.longrange.gz"


def export_washu(run: Path, out: Path, options: ExportOptions) -> Exported:
    """Writes a folder with `hub.json` and the tracks that it names.

    Args:
        run: Folder of a run.
        out: Folder to make.
        options: What the user chose.

    Raises:
        InputError: If there is no run, or a file of it is missing or has changed.
        OutputError: If the folder is taken or cannot be written.
    """
    opened = Run.open(run)
    tracks = shown_tracks(opened, signals=options.signals)
    assembly = assembly_name(opened, options.assembly)
    name = options.name or opened.folder.resolve().name
    with ExportFolder(out, "washu", overwrite=options.overwrite, placement=options.placement) as folder:
        place_tracks(folder, tracks)
        elements = write_elements(folder, opened)
        links = _write_links(folder, opened)
        folder.write(
            "hub.json", json.dumps(washu_hub(tracks, elements, links, name), indent=2) + "\n", "Data hub"
        )
    notes = list(chromosome_note(opened, assembly))
    if assembly is None:
        notes.append(
            f"the genome {opened.manifest.genome!r} is none that the browser is known to have: "
            "add it there as a custom genome first, or name it by --assembly"
        )
    steps = (
        "put the folder on a web server that allows cross-origin and Range requests",
        "epigenomegateway.wustl.edu/browser: Tracks > Remote Tracks > Add Remote Data Hub > URL of hub.json",
    )
    return Exported(out, folder.files, tuple(notes), steps)


def washu_hub(tracks: tuple[ShownTrack, ...], elements: bool, links: bool, name: str) -> list[Json]:
    """The hub: a list of tracks, with paths relative to it."""
    listed = [_bigwig(track) for track in tracks if track.group != "expression"]
    if elements:
        boxes: Json = {"type": "bigbed", "name": ELEMENTS_TITLE, "url": ELEMENTS_FILE}
        listed.append(
            boxes | {"details": {"description": ELEMENTS_DESCRIPTION}, "options": {"color": DISTAL}}
        )
    if links:
        arcs: Json = {"type": "longrange", "name": LINKS_TITLE, "url": LINKS_FILE}
        options = {"displayMode": "arc", "color": DISTAL, "scoreScale": "fixed", "scoreMin": 0, "scoreMax": 1}
        listed.append(arcs | {"details": {"description": LINKS_DESCRIPTION}, "options": options})
    listed += [_bigwig(track) for track in tracks if track.group == "expression"]
    # Without this a track waits in a table to be chosen.
    return [track | {"showOnHubLoad": True, "metadata": {"run": name}} for track in listed]


def _bigwig(track: ShownTrack) -> Json:
    scale: Json = {"yScale": "auto"}
    if track.ceiling is not None:
        scale = {"yScale": "fixed", "yMin": track.floor, "yMax": track.ceiling}
    return {
        "type": "bigwig",
        "name": track.title,
        "url": track.file,
        "details": {"description": track.description, "unit": track.unit},
        "options": {
            "color": track.colour,
            "height": 60,
            "aggregateMethod": "MAX" if track.highest else "MEAN",
            **scale,
        },
    }


def _write_links(folder: ExportFolder, run: Run) -> bool:
    links = run.link_table()
    if links.num_rows == 0:
        return False
    write_links_longrange(folder.path(LINKS_FILE, LINKS_DESCRIPTION), links, first_line(run, LINKS_FILE))
    folder.path(f"{LINKS_FILE}.tbi", "Its index")
    return True
