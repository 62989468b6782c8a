"""A JBrowse 2 `config.json` of a run, with the files that it names."""

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
from seq2exp_tracks.exports.request import ExportOptions
from seq2exp_tracks.exports.shown import (
    ELEMENTS_DESCRIPTION,
    ELEMENTS_TITLE,
    GENES_DESCRIPTION,
    GENES_TITLE,
    LINKS_DESCRIPTION,
    LINKS_TITLE,
    ShownTrack,
    shown_tracks,
)
from seq2exp_tracks.palette import DISTAL, INK
from seq2exp_tracks.run_reader import Run

Json = dict[str, Any]

SIZES_FILE = "reference/chrom.sizes"
CATEGORY = "Seq2Exp"


def export_jbrowse(
    run: Path, out: Path, options: ExportOptions, *, gene: str | None = None, sequence: bool = False
) -> Exported:
    """Writes a folder with `config.json` and the files that it names.

    Args:
        run: Folder of a run.
        out: Folder to make.
        options: What the user chose.
        gene: Gene whose window is shown first; None for the run's first.
        sequence: Whether the FASTA goes along; without it the browser knows lengths, but no bases.

    Raises:
        InputError: If there is no run, or a file of it is missing or has changed.
        OutputError: If the folder is taken or cannot be written.
    """
    opened = Run.open(run)
    tracks = shown_tracks(opened, signals=options.signals)
    assembly = assembly_name(opened, options.assembly) or opened.manifest.genome
    name = options.name or opened.folder.resolve().name
    locus = first_place(opened, gene)
    with ExportFolder(out, "jbrowse", overwrite=options.overwrite, placement=options.placement) as folder:
        placed = place_sequence(folder, opened) if sequence else None
        if placed is None:
            lengths = "".join(f"{chrom}\t{size}\n" for chrom, size in opened.manifest.sizes.items())
            folder.write(SIZES_FILE, lengths, "Lengths of the chromosomes")
        place_tracks(folder, tracks)
        write_genes(folder, opened)
        elements = write_elements(folder, opened)
        links = write_links(folder, opened)
        config = jbrowse_config(tracks, elements, links, assembly, placed, locus, name)
        folder.write("config.json", json.dumps(config, indent=2) + "\n", "Configuration of JBrowse 2")
    steps = (
        f"copy {out} into the folder of a JBrowse 2 web site as {out.name}, and open "
        f"index.html?config={out.name}/config.json",
    )
    return Exported(
        out, folder.files, chromosome_note(opened, assembly_name(opened, options.assembly)), steps
    )


def jbrowse_config(
    tracks: tuple[ShownTrack, ...],
    elements: bool,
    links: bool,
    assembly: str,
    sequence: Sequence | None,
    locus: str,
    name: str,
) -> Json:
    """The configuration: one assembly, its tracks, and a first view of all of them."""
    listed = [_genes(assembly)]
    listed += [_quantitative(track, assembly) for track in tracks if track.group != "expression"]
    listed += [_elements(assembly)] if elements else []
    listed += [_links(assembly)] if links else []
    listed += [_quantitative(track, assembly) for track in tracks if track.group == "expression"]
    start = {"assembly": assembly, "loc": locus, "tracks": [track["trackId"] for track in listed]}
    view = {"id": "seq2exp_view", "type": "LinearGenomeView", "init": start}
    return {
        "assemblies": [{"name": assembly, "sequence": _sequence(assembly, sequence)}],
        "tracks": listed,
        "defaultSession": {"name": name, "views": [view]},
    }


def _location(file: str) -> Json:
    return {"uri": file, "locationType": "UriLocation"}


def _sequence(assembly: str, sequence: Sequence | None) -> Json:
    track: Json = {"type": "ReferenceSequenceTrack", "trackId": f"{assembly}_sequence"}
    if sequence is None:
        adapter = {"type": "ChromSizesAdapter", "chromSizesLocation": _location(SIZES_FILE)}
    else:
        adapter = {
            "type": "BgzipFastaAdapter" if sequence.gzi else "IndexedFastaAdapter",
            "fastaLocation": _location(sequence.fasta),
            "faiLocation": _location(sequence.fai),
        }
        adapter |= {"gziLocation": _location(sequence.gzi)} if sequence.gzi else {}
    return track | {"adapter": adapter}


def _track(kind: str, track_id: str, title: str, description: str, assembly: str, adapter: Json) -> Json:
    return {
        "type": kind,
        "trackId": track_id,
        "name": title,
        "description": description,
        "assemblyNames": [assembly],
        "category": [CATEGORY],
        "adapter": adapter,
    }


def _quantitative(track: ShownTrack, assembly: str) -> Json:
    adapter = {"type": "BigWigAdapter", "bigWigLocation": _location(track.file)}
    display: Json = {
        "type": "LinearWiggleDisplay",
        "displayId": f"{track.id}_display",
        "height": 80,
        "renderers": {"XYPlotRenderer": {"type": "XYPlotRenderer", "color": track.colour}},
    }
    if track.ceiling is not None:
        display |= {"minScore": track.floor, "maxScore": track.ceiling}
    about = f"{track.description}; unit: {track.unit}"
    return _track("QuantitativeTrack", track.id, track.title, about, assembly, adapter) | {
        "displays": [display]
    }


def _features(track_id: str, title: str, about: str, assembly: str, adapter: Json, colour: str) -> Json:
    display = {
        "type": "LinearBasicDisplay",
        "displayId": f"{track_id}_display",
        "height": 80,
        "renderer": {"type": "SvgFeatureRenderer", "color1": colour},
    }
    return _track("FeatureTrack", track_id, title, about, assembly, adapter) | {"displays": [display]}


def _genes(assembly: str) -> Json:
    adapter = {"type": "BedAdapter", "bedLocation": _location(GENES_FILE)}
    return _features("genes", GENES_TITLE, GENES_DESCRIPTION, assembly, adapter, INK)


def _elements(assembly: str) -> Json:
    adapter = {"type": "BigBedAdapter", "bigBedLocation": _location(ELEMENTS_FILE)}
    return _features("elements", ELEMENTS_TITLE, ELEMENTS_DESCRIPTION, assembly, adapter, DISTAL)


def _links(assembly: str) -> Json:
    """Pairs of places as arcs, which JBrowse draws of tracks of variants."""
    adapter = {"type": "BedpeAdapter", "bedpeLocation": _location(LINKS_FILE)}
    display = {"type": "LinearPairedArcDisplay", "displayId": "links_display", "height": 120}
    track = _track("VariantTrack", "links", LINKS_TITLE, LINKS_DESCRIPTION, assembly, adapter)
    return track | {"displays": [display]}
