"""Gene models of a BED file: one row a gene (BED4 and more), or one row a transcript (BED12)."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from seq2exp_tracks.io.bed import is_bed_comment, parse_bed_interval
from seq2exp_tracks.io.gene_index import ID_COLUMNS
from seq2exp_tracks.io.gene_rows import TYPE_COLUMNS
from seq2exp_tracks.io.text import bad_line, is_position, numbered_lines

_BED6, _BED12 = 6, 12


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of the file: a gene, or one of its transcripts."""

    gene_id: str
    name: str
    gene_type: str | None
    chrom: str
    start: int
    end: int
    strand: str
    thick: tuple[int, int]
    exons: tuple[tuple[int, int], ...]

    @property
    def exonic(self) -> int:
        return sum(end - start for start, end in self.exons)


def read_bed_models(path: Path) -> pa.Table:
    """Reads the genes of a BED file.

    A header line that begins with `#` may name columns after the sixth, such as `Ensembl_ID` and `gene_type`.
    Rows of one name and strand that overlap are transcripts of one gene, which reaches as far as they do. Of
    those that are translated, if any, the one with the most exonic bases stands for it.

    Returns:
        A table with the columns of `gene_models.GENE_MODEL_COLUMNS`.

    Raises:
        InputError: If a line is malformed; names file and line.
    """
    rows = sorted(_rows(path), key=lambda row: (row.chrom, row.gene_id, row.name, row.strand, row.start))
    genes = [_gene(transcripts) for transcripts in _overlapping(rows)]
    columns = ("gene_id", "name", "gene_type", "chrom", "start", "end", "strand")
    made: dict[str, list[Any]] = {column: [getattr(gene, column) for gene in genes] for column in columns}
    made["thick_start"] = [gene.thick[0] for gene in genes]
    made["thick_end"] = [gene.thick[1] for gene in genes]
    made["exon_starts"] = [[start for start, _ in gene.exons] for gene in genes]
    made["exon_ends"] = [[end for _, end in gene.exons] for gene in genes]
    return pa.table(made)


def _rows(path: Path) -> Iterator[_Row]:
    header: list[str] = []
    for number, line in numbered_lines(path):
        if is_bed_comment(line):
            header = line.lstrip("#").split("\t") if line.startswith("#") else header
            continue
        fields = line.split("\t")
        named = header if len(header) == len(fields) else []
        yield _row(path, number, fields, [name.strip().casefold() for name in named])


def _row(path: Path, number: int, fields: list[str], header: list[str]) -> _Row:
    chrom, start, end = parse_bed_interval(path, number, fields)
    extra = dict(list(zip(header, fields, strict=False))[_BED6:])
    name = fields[3] if len(fields) > 3 and fields[3] not in ("", ".") else f"{chrom}_{start}_{end}"
    blocks = len(fields) >= _BED12 and not header
    return _Row(
        gene_id=next((extra[key] for key in ID_COLUMNS if extra.get(key)), name),
        name=name,
        gene_type=next((extra[key] for key in TYPE_COLUMNS if extra.get(key)), None),
        chrom=chrom,
        start=start,
        end=end,
        strand="-" if len(fields) >= _BED6 and fields[5] == "-" else "+",
        thick=_thick(path, number, fields, start, end) if blocks else (start, start),
        exons=_blocks(path, number, fields, start, end) if blocks else ((start, end),),
    )


def _thick(path: Path, number: int, fields: list[str], start: int, end: int) -> tuple[int, int]:
    thick = fields[6:8]
    if not (all(map(is_position, thick)) and start <= int(thick[0]) <= int(thick[1]) <= end):
        raise bad_line(path, number, f"not a thick part of {start}-{end}: {thick[0]} {thick[1]}")
    return int(thick[0]), int(thick[1])


def _blocks(path: Path, number: int, fields: list[str], start: int, end: int) -> tuple[tuple[int, int], ...]:
    """The blocks of BED12: lengths, and starts relative to the row's start."""
    lengths, starts = (cell.strip(",").split(",") for cell in fields[10:12])
    if len(lengths) != len(starts) or not all(map(is_position, (*lengths, *starts))):
        raise bad_line(path, number, f"not the blocks of BED12: {fields[10]} {fields[11]}")
    blocks = [
        (start + int(at), start + int(at) + int(length)) for at, length in zip(starts, lengths, strict=True)
    ]
    if max(last for _, last in blocks) > end:
        raise bad_line(path, number, f"a block reaches over the row's end {end}: {fields[10]} {fields[11]}")
    return tuple(sorted(blocks))


def _overlapping(rows: list[_Row]) -> Iterator[list[_Row]]:
    """Groups sorted rows of one gene that overlap; some names, such as Y_RNA, stand at many places."""
    group: list[_Row] = []
    reach = 0
    for row in rows:
        same = group and (row.chrom, row.gene_id, row.name, row.strand) == (
            *(group[0].chrom, group[0].gene_id, group[0].name, group[0].strand),
        )
        if group and not (same and row.start < reach):
            yield group
            group, reach = [], 0
        group.append(row)
        reach = max(reach, row.end)
    if group:
        yield group


def _gene(transcripts: list[_Row]) -> _Row:
    """The transcript that stands for a gene, as far as all of them reach."""
    chosen = max(transcripts, key=lambda row: (row.thick[1] > row.thick[0], row.exonic))
    return _Row(
        *(chosen.gene_id, chosen.name, chosen.gene_type, chosen.chrom),
        start=min(row.start for row in transcripts),
        end=max(row.end for row in transcripts),
        strand=chosen.strand,
        thick=chosen.thick,
        exons=chosen.exons,
    )
