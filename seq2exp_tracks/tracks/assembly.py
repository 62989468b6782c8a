"""Sections to the files of a run: parts are joined by copying, what needs all genes is written at the end."""

from collections.abc import Mapping, Sequence

import numpy as np

from seq2exp_tracks.genome import ChromSizes, Strand
from seq2exp_tracks.io.bed_writer import join_bed, write_bed
from seq2exp_tracks.io.bedpe import BEDPE_COLUMNS
from seq2exp_tracks.io.bigwig_file import join_parts
from seq2exp_tracks.io.bigwig_writer import BigWigWriter
from seq2exp_tracks.io.parquet import write_parquet
from seq2exp_tracks.io.run_folder import RunFolder
from seq2exp_tracks.manifest import FileEntry
from seq2exp_tracks.tracks.elements import ELEMENT_COLUMNS
from seq2exp_tracks.tracks.genes import GeneRow, bed_columns, parquet_rows, parquet_schema
from seq2exp_tracks.tracks.listing import EXPRESSION_TRACKS, list_files
from seq2exp_tracks.tracks.section import TABLES, Section
from seq2exp_tracks.tracks.settings import WriterSettings
from seq2exp_tracks.tracks.summary import RunSummary
from seq2exp_tracks.tracks.track import EXPRESSION_DECIMALS, TRACKS

_COLUMNS: dict[str, Sequence[str]] = dict(zip(TABLES, (ELEMENT_COLUMNS, BEDPE_COLUMNS), strict=True))


def assemble(
    folder: RunFolder,
    sizes: ChromSizes,
    settings: WriterSettings,
    sections: Sequence[Section],
    gene_files: Mapping[str, str],
) -> tuple[tuple[FileEntry, ...], RunSummary]:
    """Writes the files of a run from its sections, whose own files are removed.

    Args:
        folder: The run's folder.
        sizes: Chromosomes of the genome.
        settings: How scores became files.
        sections: The sections in the order of the genome.
        gene_files: Gene id by the name that the files of its own window begin with.

    Returns:
        All files, in a fixed order, and what was found.

    Raises:
        OutputError: If a file cannot be written.
    """
    for spec in TRACKS:
        parts = [section.tracks[spec.name] for section in sections]
        join_parts(folder.path(f"{spec.name}.bw"), sizes, parts, settings.bins.size)
    for name, columns in _COLUMNS.items():
        rows_of = [section.tables[name] for section in sections]
        join_bed(folder.path(name), columns, rows_of, settings.first_line(name))
    rows = [row for section in sections for row in section.rows]
    rows.sort(key=lambda row: (sizes.rank(row.chrom), row.tss, row.gene_id))
    shown = [row for row in rows if row.on_chromosome]
    for strand in Strand:
        _write_expression(folder, sizes, strand, shown)
    lines = (row.bed(settings.labels) for row in shown)
    first = settings.first_line("genes.bed")
    write_bed(folder.path("genes.bed"), bed_columns(settings.labels), lines, first)
    metadata = None if settings.origin is None else settings.origin.metadata()
    path, schema = folder.path("genes.parquet"), parquet_schema(settings.labels)
    write_parquet(path, schema, parquet_rows(rows), metadata)
    lengths = [length for section in sections for length in section.lengths.tolist()]
    summary = RunSummary.of(rows, lengths, sum(section.covered_bases for section in sections))
    return list_files(folder, gene_files, settings), summary


def _write_expression(folder: RunFolder, sizes: ChromSizes, strand: Strand, rows: Sequence[GeneRow]) -> None:
    """Writes the predicted expression at the TSS of one strand, the highest where genes share it."""
    highest: dict[tuple[str, int], float] = {}
    for row in rows:
        if row.strand == strand:
            place = (row.chrom, row.tss)
            highest[place] = max(row.expression, highest.get(place, row.expression))
    path = folder.path(f"{EXPRESSION_TRACKS[strand]}.bw")
    with BigWigWriter(path, sizes, EXPRESSION_DECIMALS) as file:
        for (chrom, tss), value in highest.items():
            file.write(chrom, tss, np.array([value]))
