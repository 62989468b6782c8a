"""The files of an export that are the same for every browser: tracks, genes, elements, links."""

from collections.abc import Iterable

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


def write_genes(folder: ExportFolder, run: Run) -> None:
    """Writes the genes as BED6."""
    folder.write(GENES_FILE, genes_as_bed(run), GENES_DESCRIPTION)


def write_elements(folder: ExportFolder, run: Run) -> bool:
    """Writes the called elements as bigBed; a run without elements gets no file, as a bigBed needs some.

    Returns:
        Whether there are elements.
    """
    elements = run.element_table()
    if elements.num_rows == 0:
        return False
    write_elements_bigbed(folder.path(ELEMENTS_FILE, ELEMENTS_DESCRIPTION), run.manifest.sizes, elements)
    return True


def write_links(folder: ExportFolder, run: Run) -> bool:
    """Writes the links as BEDPE; a run without links gets no file.

    Returns:
        Whether there are links.
    """
    links = run.link_table()
    if links.num_rows == 0:
        return False
    write_links_bedpe(folder.path(LINKS_FILE, LINKS_DESCRIPTION), links)
    return True
