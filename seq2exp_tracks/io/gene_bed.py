"""Genes of a BED file: one row a gene (BED6 and more), or one row a transcript (BED12)."""

from pathlib import Path
from typing import Literal

from seq2exp_tracks.genome import Strand
from seq2exp_tracks.io.bed import is_bed_comment, parse_bed_interval
from seq2exp_tracks.io.gene_index import ID_COLUMNS
from seq2exp_tracks.io.gene_rows import TYPE_COLUMNS, GeneRow, five_prime, parse_strand
from seq2exp_tracks.io.text import bad_line, numbered_lines

BedTss = Literal["strand", "middle"]

_BED6, _BED12 = 6, 12


def read_bed_genes(path: Path, tss: BedTss) -> list[GeneRow]:
    """Reads the genes of a BED file.

    A header line that begins with `#` may name columns after the sixth, such as `Ensembl_ID` and
    `gene_type`. Of BED12, rows of one name, chromosome and strand are transcripts of one gene, whose
    TSS is the 5'-most.

    Args:
        path: BED file, plain or gzipped.
        tss: `strand` for the 5' end of a row, `middle` for its middle: promoter windows.

    Raises:
        InputError: If a line is malformed or, where the TSS goes by strand, has none.
    """
    header: list[str] = []
    rows: list[GeneRow] = []
    transcripts = False
    for number, line in numbered_lines(path):
        if is_bed_comment(line):
            header = line.lstrip("#").split("\t") if line.startswith("#") else header
            continue
        fields = line.split("\t")
        rows.append(_gene(path, number, fields, _extra(header, fields), tss))
        transcripts = transcripts or (len(fields) >= _BED12 and len(header) != len(fields))
    return _five_prime_most(rows) if transcripts else rows


def _gene(path: Path, number: int, fields: list[str], extra: dict[str, str], tss: BedTss) -> GeneRow:
    chrom, start, end = parse_bed_interval(path, number, fields)
    strand = _strand(path, number, fields, tss)
    name = fields[3] if len(fields) > 3 and fields[3] not in ("", ".") else f"{chrom}_{start}_{end}"
    return GeneRow(
        id=next((extra[key] for key in ID_COLUMNS if extra.get(key)), name),
        name=name,
        chrom=chrom,
        tss=(start + end) // 2 if tss == "middle" else five_prime(start, end, strand),
        strand=strand,
        gene_type=next((extra[key] for key in TYPE_COLUMNS if key in extra), None),
    )


def _extra(header: list[str], fields: list[str]) -> dict[str, str]:
    """Cells after the sixth by the header's name for them, where the header fits."""
    if len(header) != len(fields):
        return {}
    names = (name.strip().casefold() for name in header)
    return dict(list(zip(names, fields, strict=True))[_BED6:])


def _strand(path: Path, number: int, fields: list[str], tss: BedTss) -> Strand:
    """The strand of a row; plus where there is none and the TSS does not depend on it."""
    text = fields[5] if len(fields) >= _BED6 else "."
    if text != ".":
        return parse_strand(path, number, text)
    if tss == "middle":
        return Strand.PLUS
    raise bad_line(
        path,
        number,
        "no strand in column 6, so its TSS is not known; use --bed-tss middle if the TSS is in the middle",
    )


def _five_prime_most(rows: list[GeneRow]) -> list[GeneRow]:
    """One row of each name, chromosome and strand: the one that begins first on its strand."""
    best: dict[tuple[str, str, Strand], GeneRow] = {}
    for row in rows:
        first = best.setdefault((row.id, row.chrom, row.strand), row)
        upstream = row.tss < first.tss if row.strand is Strand.PLUS else row.tss > first.tss
        if upstream:
            best[row.id, row.chrom, row.strand] = row
    return list(best.values())
