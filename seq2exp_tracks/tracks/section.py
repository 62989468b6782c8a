"""Scores of whole chromosomes to the parts of a run's files: merged, called and compressed.

Each part has a file of its own, until `assembly` puts them together. Memory is bounded
by the overlap of windows and one row a gene. No section knows another: several processes may write them.
"""

import heapq
from array import array
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Int64

from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.io.bed_writer import bed_line
from seq2exp_tracks.io.bedpe import bedpe_row
from seq2exp_tracks.io.bigwig_file import BigWigPart
from seq2exp_tracks.io.bigwig_part import BigWigPartWriter
from seq2exp_tracks.io.bigwig_writer import BigWigWriter
from seq2exp_tracks.io.writing import writing
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.tracks.bins import Binner
from seq2exp_tracks.tracks.elements import Element, call_elements
from seq2exp_tracks.tracks.genes import GeneRow, gene_row
from seq2exp_tracks.tracks.links import link_of
from seq2exp_tracks.tracks.merge import StreamingMerge, Stretch
from seq2exp_tracks.tracks.settings import WriterSettings
from seq2exp_tracks.tracks.track import TRACKS

TABLES = ("elements.bed", "links.bedpe")
"""The tables whose rows a section writes as it goes."""


@dataclass(frozen=True, slots=True, eq=False)
class ScoredGene:
    """A gene as it is handed to the writers.

    Attributes:
        scores: Scores of its window.
        measured: Its measured expression, as the labels have it.
        flags: Remarks of `genes.FLAGS` that the scores do not tell of themselves.
        stem: What the names of its own files begin with; None where it has none.
    """

    scores: WindowScores
    measured: float | None
    flags: tuple[str, ...]
    stem: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """What was written of some chromosomes.

    Attributes:
        tracks: Part of each track, by its name.
        tables: File with the rows of each of `TABLES`, by its name.
        rows: What there is to say of each gene.
        lengths: Length in bp of each element.
        covered_bases: Bases that have a score.
    """

    tracks: dict[str, BigWigPart]
    tables: dict[str, Path]
    rows: list[GeneRow]
    lengths: Int64[np.ndarray, " elements"]
    covered_bases: int


class SectionWriter:
    """Writes a section; `finish` or `abort` has to be called.

    Args:
        folder: Where a run's files are until it is whole.
        number: Tells the section's files from those of others.
        sizes: Chromosomes of the genome.
        settings: How scores become files.

    Raises:
        OutputError: If a file cannot be written, also later, when the disk is full.
    """

    def __init__(self, folder: Path, number: int, sizes: ChromSizes, settings: WriterSettings) -> None:
        self._folder = folder
        self._sizes = sizes
        self._settings = settings
        self._merge = StreamingMerge(settings.merge, sizes, TRACKS)
        self._binner = Binner(settings.bins)
        self._rows: list[GeneRow] = []
        self._lengths = array("q")
        self._covered = 0
        # Elements that a later window's may still come before, the first of the genome on top, with their
        # number in the gene's window.
        self._waiting: list[tuple[tuple[int, int, int, str], Element, int]] = []
        self._tracks = {
            spec.name: BigWigPartWriter(
                folder / f".{spec.name}.{number}",
                folder / f"{spec.name}.bw",
                sizes,
                settings.decimals(spec),
                settings.bins.size,
            )
            for spec in TRACKS
        }
        self._tables = {name: folder / f".{name}.{number}" for name in TABLES}
        with writing(folder):
            self._files = {
                name: path.open("w", encoding="utf-8", newline="\n") for name, path in self._tables.items()
            }

    def add(self, gene: ScoredGene) -> None:
        """Writes one gene.

        Args:
            gene: The gene; genes come in the order of `merge_order`, and nothing of it is kept.

        Raises:
            ValueError: If the gene is out of order, or a score is not finite.
            OutputError: If a file cannot be written.
        """
        scores = gene.scores
        inside = scores.window.inside
        self._write_stretches(self._merge.add(scores))
        elements = call_elements(scores, self._settings.elements)
        self._lengths.extend(len(element.interval) for element in elements)
        self._write_elements_before((self._sizes.rank(inside.chrom), inside.start))
        for number, element in enumerate(elements, start=1):
            self._keep(element, number)
        self._rows.append(gene_row(scores, elements, self._sizes[inside.chrom], gene.measured, gene.flags))
        if gene.stem is not None:
            self._write_gene(scores, gene.stem)

    def finish(self) -> Section:
        """Writes what is left and tells what the section holds."""
        self._write_stretches(self._merge.finish())
        self._write_bins(self._binner.finish())
        self._write_elements_before((len(self._sizes), 0))
        for name, file in self._files.items():
            with writing(self._folder / name):
                file.close()
        parts = {name: writer.finish() for name, writer in self._tracks.items()}
        return Section(parts, self._tables, self._rows, np.array(self._lengths, np.int64), self._covered)

    def abort(self) -> None:
        """Removes the unfinished files."""
        for writer in self._tracks.values():
            writer.abort()
        for name, file in self._files.items():
            # Closing writes what is buffered, which fails once more on a full disk.
            with suppress(OSError):
                file.close()
            self._tables[name].unlink(missing_ok=True)

    def _write_stretches(self, stretches: Sequence[Stretch]) -> None:
        for stretch in stretches:
            self._covered += len(stretch)
            self._write_bins(self._binner.add(stretch))

    def _write_bins(self, stretches: Sequence[Stretch]) -> None:
        for stretch in stretches:
            for name, values in stretch.values.items():
                self._tracks[name].write(stretch.chrom, stretch.start, values)

    def _keep(self, element: Element, number: int) -> None:
        """Puts an element among those that wait for their turn in the file."""
        place = element.interval
        key = (self._sizes.rank(place.chrom), place.start, place.end, element.gene.id)
        heapq.heappush(self._waiting, (key, element, number))

    def _write_elements_before(self, place: tuple[int, int]) -> None:
        """Writes what starts before a place, given as rank of the chromosome and position; and its links."""
        rows: dict[str, list[str]] = {name: [] for name in TABLES}
        while self._waiting and self._waiting[0][0][:2] < place:
            _, element, number = heapq.heappop(self._waiting)
            rows["elements.bed"].append(bed_line(element.row(number).bed()))
            link = link_of(element, number, self._sizes[element.interval.chrom])
            if link is not None:
                rows["links.bedpe"].append(bed_line(bedpe_row(link)))
        for name, lines in rows.items():
            with writing(self._folder / name):
                self._files[name].writelines(lines)

    def _write_gene(self, scores: WindowScores, stem: str) -> None:
        """Writes the files of one gene's own window."""
        inside, bins = scores.window.inside, self._settings.bins
        own = Stretch(inside.chrom, inside.start, {spec.name: spec.take(scores) for spec in TRACKS})
        binner = Binner(bins)
        stretches = [*binner.add(own), *binner.finish()]
        for spec in TRACKS:
            if spec.file_suffix is not None:
                path = self._folder / "genes" / f"{stem}.{spec.file_suffix}.bw"
                with BigWigWriter(path, self._sizes, self._settings.decimals(spec), bins.size) as file:
                    for stretch in stretches:
                        file.write(stretch.chrom, stretch.start, stretch.values[spec.name])
