"""The report of a run: one page that holds all of itself, for reading, sending and printing."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from jaxtyping import Shaped

from seq2exp_tracks.errors import OutputError
from seq2exp_tracks.exports.agreement import agreement
from seq2exp_tracks.exports.destination import Exported, ExportedFile, refuse_taken_file, write_file
from seq2exp_tracks.exports.distribution import Summary, count_track, summary_of
from seq2exp_tracks.exports.drawing import picture_png
from seq2exp_tracks.exports.placing import check_unchanged
from seq2exp_tracks.exports.plot import gene_picture
from seq2exp_tracks.exports.provenance import provenance
from seq2exp_tracks.exports.reading import CITATION, CITATION_URL, HOW_TO_READ, WHAT_IT_DOES_NOT_SHOW
from seq2exp_tracks.exports.rendering import render
from seq2exp_tracks.exports.report_figures import Figured, histogram, png_address, scatter, track_histogram
from seq2exp_tracks.exports.report_tables import element_table, gene_rows, gene_table, number
from seq2exp_tracks.palette import DISTAL, PREDICTED, TRACKS
from seq2exp_tracks.run_reader import Run, ScoredGene

PICTURES = 6
LARGEST = 10_000_000  # bytes of the page

# The tracks whose values are told: title and colour.
_TOLD = {
    "mask": ("Learned mask", TRACKS["mask"]),
    "mask.sd": ("Learned mask, sd", TRACKS["mask"]),
    "mask.applied": ("Applied mask", TRACKS["mask.applied"]),
}


@dataclass(frozen=True, slots=True)
class Told:
    """A distribution of the report: its figure, and a row of its table."""

    title: str
    unit: str
    decimals: int
    summary: Summary
    figure: Figured

    @property
    def numbers(self) -> tuple[float, ...]:
        """Mean and quantiles, in the order of the table's columns."""
        return (self.summary.mean, *self.summary.quantiles)


def export_html(
    run: Path, out: Path, *, overwrite: bool = False, genes: Sequence[str] = (), name: str | None = None
) -> Exported:
    """Writes the report of a run as one HTML file, under 10 MB and without any address but its own.

    Args:
        run: Folder of a run.
        out: File to write.
        overwrite: Whether a file of that name may be replaced.
        genes: Symbols or ids of the genes to draw; without any, the six with the most elements.
        name: Name of the run; None for the name of its folder.

    Raises:
        InputError: If there is no run, no such gene, or a file of the run is missing or has changed.
        OutputError: If the file is there already, would be too large, or cannot be written.
    """
    refuse_taken_file(out, overwrite=overwrite)
    opened = Run.open(run)
    for entry in opened.manifest.files:
        if entry.gene_id is None:
            check_unchanged(opened.folder / entry.path, entry)
    page = report_page(opened, genes, name or opened.folder.resolve().name).encode()
    if len(page) >= LARGEST:
        raise OutputError(
            f"{out}: would have {len(page) / 1e6:.1f} MB, and at most {LARGEST / 1e6:.0f} are good to read: "
            "name fewer genes to draw"
        )
    write_file(out, page, overwrite=overwrite)
    files = (ExportedFile(out.name, len(page), "The report, whole in one file"),)
    return Exported(out, files, (), (f"open {out} in any browser; it needs no network",))


def report_page(run: Run, names: Sequence[str], name: str) -> str:
    """The page."""
    rows, elements = gene_rows(run), run.element_table()
    compared = agreement(run)
    label = compared.label if compared else None
    chosen = [run.find(gene) for gene in names] or most_elements(run, elements)
    return render(
        "report.html",
        heading=run.manifest.heading(name),
        manifest=run.manifest,
        about=provenance(run.manifest),
        remarks=sorted(Counter(flag for flags in rows["flags"].to_pylist() for flag in flags).items()),
        n_elements=elements.num_rows,
        told=[*_told_tracks(run), *_told_arrays(run, elements)],
        agreement=compared,
        scatter=scatter(compared) if compared else None,
        pictures=[_drawn(run, scored) for scored in chosen],
        chosen_by_name=bool(names),
        genes=gene_table(rows, label),
        elements=element_table(elements),
        reading=HOW_TO_READ,
        limits=WHAT_IT_DOES_NOT_SHOW,
        citation=CITATION,
        citation_url=CITATION_URL,
        number=number,
    )


def most_elements(run: Run, elements: pa.Table) -> list[ScoredGene]:
    """The genes with the most elements, in the order of the run where they have as many."""
    counts = Counter(elements["gene_id"].to_pylist())
    places = [
        scored for scored in run.genes.values() if scored.gene.tss < run.manifest.sizes[scored.gene.chrom]
    ]
    return sorted(places, key=lambda scored: -counts[scored.gene.id])[:PICTURES]


def _told_tracks(run: Run) -> list[Told]:
    told = []
    for track, (title, colour) in _TOLD.items():
        entry = run.track(track)
        if entry is None:
            continue
        counted = count_track(run, entry)
        figure = track_histogram(title, entry.unit or "", counted, colour)
        told.append(Told(title, entry.unit or "", entry.decimals or 3, counted.summary(), figure))
    return told


def _told_arrays(run: Run, elements: pa.Table) -> list[Told]:
    lengths = elements["end"].to_numpy() - elements["start"].to_numpy()
    distances = elements["distance"].to_numpy() / 1_000
    expression = np.array([scored.expression for scored in run.genes.values()], np.float64)
    return [
        _told("Element length", "bp", 0, lengths, DISTAL, of="elements", logarithmic=True),
        _told("Distance to the TSS", "kb, negative upstream", 1, distances, DISTAL, of="elements"),
        _told("Predicted expression", "log10(1 + CAGE)", 3, expression, PREDICTED, of="genes"),
    ]


def _told(
    title: str,
    unit: str,
    decimals: int,
    values: Shaped[np.ndarray, " values"],
    colour: str,
    *,
    of: str,
    logarithmic: bool = False,
) -> Told:
    figure = histogram(title, unit, values, colour, of=of, logarithmic=logarithmic)
    return Told(title, unit, decimals, summary_of(values), figure)


def _drawn(run: Run, scored: ScoredGene) -> Figured:
    """The picture of a gene's window."""
    title = scored.gene.name
    about = f"Signals, masks and elements in the window of {title}"
    return Figured(title, about, png_address(picture_png(gene_picture(run, scored, None))))
