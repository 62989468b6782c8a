"""Scores to files: takes the windows one by one, in the order of the genome, and writes all that a run holds.

Memory is bounded by the overlap of windows and one row a gene. The manifest is not written here: it also
tells what the run was made from, which the pipeline knows.
"""

import heapq
from array import array
from collections.abc import Sequence
from contextlib import ExitStack
from types import TracebackType

import numpy as np

from seq2exp_tracks.genome import ChromSizes, Strand
from seq2exp_tracks.io.bed_writer import BedWriter, write_bed
from seq2exp_tracks.io.bedpe import BEDPE_COLUMNS, bedpe_row
from seq2exp_tracks.io.bigwig_writer import BigWigWriter
from seq2exp_tracks.io.parquet import write_parquet
from seq2exp_tracks.io.run_folder import RunFolder
from seq2exp_tracks.manifest import FileEntry
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.tracks.elements import ELEMENT_COLUMNS, Element, ElementSettings, call_elements
from seq2exp_tracks.tracks.gene_files import gene_file_stem
from seq2exp_tracks.tracks.genes import GeneRow, bed_columns, gene_row, parquet_rows, parquet_schema
from seq2exp_tracks.tracks.links import link_of
from seq2exp_tracks.tracks.listing import EXPRESSION_TRACKS, list_files
from seq2exp_tracks.tracks.merge import MergeRule, StreamingMerge, Stretch
from seq2exp_tracks.tracks.summary import RunSummary
from seq2exp_tracks.tracks.track import EXPRESSION_DECIMALS, TRACKS


class RunWriter:
    """Writes the files of a run into its folder; a context manager.

    Args:
        folder: The folder, entered.
        sizes: Chromosomes of the genome.
        merge: Rule for bases of several windows.
        elements: Which elements are called.
        per_gene: Whether each gene's own window is written as well, before merging.
        labels: Whether there is measured expression.
    """

    def __init__(
        self,
        folder: RunFolder,
        sizes: ChromSizes,
        *,
        merge: MergeRule,
        elements: ElementSettings,
        per_gene: bool,
        labels: bool,
    ) -> None:
        self._folder = folder
        self._sizes = sizes
        self._settings = elements
        self._per_gene = per_gene
        self._labels = labels
        self._merge = StreamingMerge(merge, sizes, TRACKS)
        self._rows: dict[str, GeneRow] = {}
        self._gene_files: dict[str, str] = {}
        self._lengths = array("L")
        # Elements that a later window's may still come before, the first of the genome on top, with their
        # number in the gene's window.
        self._waiting: list[tuple[tuple[int, int, int, str], Element, int]] = []
        self._open = ExitStack()
        self._tracks: dict[str, BigWigWriter] = {}

    def __enter__(self) -> "RunWriter":
        with ExitStack() as opening:
            for spec in TRACKS:
                writer = BigWigWriter(self._folder.path(f"{spec.name}.bw"), self._sizes, spec.decimals)
                self._tracks[spec.name] = opening.enter_context(writer)
            self._elements = opening.enter_context(
                BedWriter(self._folder.path("elements.bed"), ELEMENT_COLUMNS)
            )
            self._links = opening.enter_context(BedWriter(self._folder.path("links.bedpe"), BEDPE_COLUMNS))
            self._open = opening.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.__exit__(kind, error, trace)

    def add(self, scores: WindowScores, measured: float | None = None, flags: Sequence[str] = ()) -> GeneRow:
        """Writes one gene.

        Args:
            scores: Its scores; genes come in the order of `merge_order`.
            measured: Its measured expression, as the labels have it.
            flags: Remarks of `genes.FLAGS` that the scores do not tell of themselves.

        Returns:
            What was found, for a report of progress.

        Raises:
            ValueError: If the gene is out of order or was there before, or a score is not finite.
            OutputError: If a file cannot be written.
        """
        gene, inside = scores.window.gene, scores.window.inside
        if gene.id in self._rows:
            raise ValueError(f"gene {gene.id} was written before")
        self._write_stretches(self._merge.add(scores))
        elements = call_elements(scores, self._settings)
        self._lengths.extend(len(element.interval) for element in elements)
        self._write_elements_before((self._sizes.rank(inside.chrom), inside.start))
        for number, element in enumerate(elements, start=1):
            self._keep(element, number)
        row = gene_row(scores, elements, self._sizes[gene.chrom], measured, flags)
        self._rows[gene.id] = row
        if self._per_gene:
            self._write_gene(scores)
        return row

    def finish(self) -> tuple[tuple[FileEntry, ...], RunSummary]:
        """Writes what is left; returns all files, in a fixed order, and the summary."""
        self._write_stretches(self._merge.finish())
        self._write_elements_before((len(self._sizes), 0))
        self._open.close()
        covered = self._tracks[TRACKS[0].name].n_bases
        rows = sorted(
            self._rows.values(), key=lambda row: (self._sizes.rank(row.chrom), row.tss, row.gene_id)
        )
        shown = [row for row in rows if row.on_chromosome]
        for strand in Strand:
            self._write_expression(strand, shown)
        write_bed(
            self._folder.path("genes.bed"),
            bed_columns(self._labels),
            (row.bed(self._labels) for row in shown),
        )
        table = parquet_rows(rows)
        write_parquet(self._folder.path("genes.parquet"), parquet_schema(self._labels), table)
        summary = RunSummary.of(rows, self._lengths, covered)
        return list_files(self._folder, self._gene_files), summary

    def _write_stretches(self, stretches: list[Stretch]) -> None:
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
        while self._waiting and self._waiting[0][0][:2] < place:
            _, element, number = heapq.heappop(self._waiting)
            self._elements.write(element.row(number).bed())
            link = link_of(element, number, self._sizes[element.interval.chrom])
            if link is not None:
                self._links.write(bedpe_row(link))

    def _write_gene(self, scores: WindowScores) -> None:
        """Writes the files of one gene's own window."""
        gene, inside = scores.window.gene, scores.window.inside
        stem = gene_file_stem(gene.id, self._gene_files)
        self._gene_files[stem] = gene.id
        for spec in TRACKS:
            if spec.file_suffix is not None:
                path = self._folder.path(f"genes/{stem}.{spec.file_suffix}.bw")
                with BigWigWriter(path, self._sizes, spec.decimals) as file:
                    file.write(inside.chrom, inside.start, spec.take(scores))

    def _write_expression(self, strand: Strand, rows: list[GeneRow]) -> None:
        """Writes the predicted expression at the TSS of one strand, the highest where genes share it."""
        highest: dict[tuple[str, int], float] = {}
        for row in rows:
            if row.strand == strand:
                place = (row.chrom, row.tss)
                highest[place] = max(row.expression, highest.get(place, row.expression))
        path = self._folder.path(f"{EXPRESSION_TRACKS[strand]}.bw")
        with BigWigWriter(path, self._sizes, EXPRESSION_DECIMALS) as file:
            for (chrom, tss), value in highest.items():
                file.write(chrom, tss, np.array([value]))
