"""The files of an export that are the same for every browser: tracks, genes, elements, links."""

from collections.abc import Iterable
from pathlib import PurePosixPath

from seq2exp_tracks.exports.destination import ExportFolder
from seq2exp_tracks.exports.shown import (
    ELEMENTS_DESCRIPTION,
    GENES_DESCRIPTION,
    LINKS_DESCRIPTION,
    ShownTrack,
    genes_as_bed,
)
from seq2exp_tracks.io.bedpe import write_links_bedpe
from seq2exp_tracks.io.bigbed import write_elements_bigbed
from seq2exp_tracks.run_reader import Run

GENES_FILE = "tracks/genes.bed"
ELEMENTS_FILE = "tracks/elements.bb"
LINKS_FILE = "tracks/links.bedpe"


def place_tracks(folder: ExportFolder, tracks: Iterable[ShownTrack]) -> None:
    """Copies or links the bigWig tracks."""
    for track in tracks:
        folder.place(track.source, track.entry, track.file, f"{track.title} ({track.unit})")


def first_line(run: Run, file: str) -> str:
    """The line by which a text file of the export names its run; empty where the run has no id."""
    origin = run.manifest.origin
    return "" if origin is None else origin.line(PurePosixPath(file).name)


def write_genes(folder: ExportFolder, run: Run) -> None:
    """Writes the genes as BED6."""
    first = first_line(run, GENES_FILE)
    folder.write(GENES_FILE, (f"{first}\n" if first else "") + genes_as_bed(run), GENES_DESCRIPTION)


def write_elements(folder: ExportFolder, run: Run) -> bool:
    """Writes the called elements as bigBed; a run without elements gets no file, as a bigBed needs some.

    Returns:
        Whether there are elements.
    """
    elements = run.element_table()
    if elements.num_rows == 0:
        return False
    path, manifest = folder.path(ELEMENTS_FILE, ELEMENTS_DESCRIPTION), run.manifest
    write_elements_bigbed(path, manifest.sizes, elements, manifest.origin)
    return True


def write_links(folder: ExportFolder, run: Run) -> bool:
    """Writes the links as BEDPE; a run without links gets no file.

    Returns:
        Whether there are links.
    """
    links = run.link_table()
    if links.num_rows == 0:
        return False
    write_links_bedpe(folder.path(LINKS_FILE, LINKS_DESCRIPTION), links, first_line(run, LINKS_FILE))
    return True
