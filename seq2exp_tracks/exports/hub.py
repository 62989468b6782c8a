"""A UCSC track hub of a run: a folder for any static web server."""

from pathlib import Path

from seq2exp_tracks.exports.assembly import assembly_name, chromosome_note
from seq2exp_tracks.exports.destination import Exported, ExportFolder
from seq2exp_tracks.exports.feature_files import place_tracks, write_elements
from seq2exp_tracks.exports.hub_text import DESCRIPTION, LINKS_FILE, NO_EMAIL, hub_text
from seq2exp_tracks.exports.provenance import provenance
from seq2exp_tracks.exports.reading import CITATION, CITATION_URL, HOW_TO_READ, WHAT_IT_DOES_NOT_SHOW
from seq2exp_tracks.exports.rendering import render
from seq2exp_tracks.exports.request import ExportOptions
from seq2exp_tracks.exports.shown import (
    ELEMENTS_DESCRIPTION,
    ELEMENTS_TITLE,
    LINKS_DESCRIPTION,
    LINKS_TITLE,
    identifier,
    shown_tracks,
)
from seq2exp_tracks.io.biginteract import write_links_biginteract
from seq2exp_tracks.run_reader import Run


def export_hub(run: Path, out: Path, options: ExportOptions, *, email: str | None = None) -> Exported:
    """Writes a folder with `hub.txt`, a page that describes it, and the tracks that it names.

    Args:
        run: Folder of a run.
        out: Folder to make.
        options: What the user chose.
        email: Whom users of the hub may ask.

    Raises:
        InputError: If there is no run, or a file of it is missing or has changed.
        OutputError: If the folder is taken or cannot be written.
    """
    opened = Run.open(run)
    tracks = shown_tracks(opened, signals=options.signals)
    known = assembly_name(opened, options.assembly)
    assembly = known or identifier(opened.manifest.genome)
    name = options.name or opened.folder.resolve().name
    with ExportFolder(out, "hub", overwrite=options.overwrite, placement=options.placement) as folder:
        place_tracks(folder, tracks)
        elements = write_elements(folder, opened)
        links = _write_links(folder, opened)
        text = hub_text(name, identifier(name), assembly, email or NO_EMAIL, tracks, elements, links)
        folder.write("hub.txt", text, "The hub: give its address to UCSC")
        titles = [(track.title, track.unit, track.description) for track in tracks]
        titles += [(ELEMENTS_TITLE, "score: 1000 x mean mask", ELEMENTS_DESCRIPTION)] if elements else []
        titles += [(LINKS_TITLE, "score: 1000 x mean mask", LINKS_DESCRIPTION)] if links else []
        page = render(
            "hub.html",
            name=name,
            titles=titles,
            about=provenance(opened.manifest),
            reading=HOW_TO_READ,
            limits=WHAT_IT_DOES_NOT_SHOW,
            citation=CITATION,
            citation_url=CITATION_URL,
        )
        folder.write(DESCRIPTION, page, "What the tracks are and were made from")
    return Exported(out, folder.files, _notes(opened, known, email), _next_steps(assembly))


def _write_links(folder: ExportFolder, run: Run) -> bool:
    links = run.link_table()
    if links.num_rows == 0:
        return False
    path, manifest = folder.path(LINKS_FILE, LINKS_DESCRIPTION), run.manifest
    write_links_biginteract(path, manifest.sizes, links, manifest.origin)
    return True


def _notes(run: Run, known: str | None, email: str | None) -> tuple[str, ...]:
    notes = list(chromosome_note(run, known))
    if known is None:
        notes.append(
            f"the genome {run.manifest.genome!r} is none that UCSC is known to have: it shows the hub only "
            "where it has that genome (an assembly hub), or under the name that --assembly gives"
        )
    if email is None:
        notes.append("UCSC wants a contact in every hub: give --email before you share it")
    return tuple(notes)


def _next_steps(assembly: str) -> tuple[str, ...]:
    return (
        "put the folder on a web server that allows Range requests, then",
        "genome.ucsc.edu: My Data > Track Hubs > Connected Hubs > URL of hub.txt, or open",
        f"https://genome.ucsc.edu/cgi-bin/hgTracks?db={assembly}&hubUrl=URL-OF-hub.txt",
    )
