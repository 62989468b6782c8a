"""Transcripts that are translated, with their exons: all of them, not only the one that stands for its gene.

Who draws genes takes `gene_models`, who scores them `genes`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes, Strand
from seq2exp_tracks.io.annotation_kinds import (
    GENE_NAMES,
    is_gene,
    is_kind,
    may_be_transcript,
    of_gff3,
    of_gtf,
)
from seq2exp_tracks.io.annotation_lines import Wanted, read_lines
from seq2exp_tracks.io.bed import is_bed_comment, parse_bed_interval
from seq2exp_tracks.io.gene_index import without_version
from seq2exp_tracks.io.gene_rows import parse_strand
from seq2exp_tracks.io.text import bad_line, is_position, numbered_lines

_BED12 = 12


class NotTranslatedError(InputError):
    """An annotation tells of no translated transcript; another one, or a table of features, may."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """A transcript that is translated.

    Attributes:
        gene_id: Its gene, an Ensembl id without version where the annotation has one.
        gene_name: Symbol of its gene; the id where there is none.
        chrom: Name of the chromosome, as in the genome.
        strand: Strand.
        exons: Starts and ends, ascending (0-based, half-open).
        coding: First base and one past the last base of the coding sequence as the file has it: with the stop
            codon (GFF3 and BED12) or without (GTF).
    """

    gene_id: str
    gene_name: str
    chrom: str
    strand: Strand
    exons: tuple[tuple[int, int], ...]
    coding: tuple[int, int]


def read_transcripts(path: str | Path, sizes: ChromSizes) -> list[Transcript]:
    """Reads the translated transcripts of a GTF, GFF3 or BED12, plain or gzipped, that lie on a genome.

    Raises:
        NotTranslatedError: If the file is of none of these formats, or no transcript is translated.
        InputError: If a line is malformed, or a transcript reaches over its chromosome's end.
    """
    path = Path(path)
    suffix = Path(path.name.lower().removesuffix(".gz").removesuffix(".bgz")).suffix
    if suffix not in _READERS:
        raise NotTranslatedError(
            f"{path}: exons and coding sequences are read from {', '.join(_READERS)} (also gzipped); "
            "name an annotation with them"
        )
    found = _READERS[suffix](path)
    if not found:
        raise NotTranslatedError(
            f"{path}: no transcript in it has a coding sequence (CDS lines of GTF and GFF3, the thick part "
            "of BED12), so half-life features cannot be derived; name a full annotation"
        )
    placed = [_on_genome(path, transcript, chrom, sizes[chrom]) for transcript in found
              if (chrom := sizes.resolve(transcript.chrom))]  # fmt: skip
    if not placed:
        raise InputError(
            f"{path}: none of its {len(found):,} translated transcripts lies on a chromosome of the genome; "
            "are the names of the chromosomes those of the FASTA?"
        )
    return placed


def _on_genome(path: Path, transcript: Transcript, chrom: str, length: int) -> Transcript:
    end = transcript.exons[-1][1]
    if end > length:
        raise InputError(
            f"{path}: a transcript of {transcript.gene_name} ends at {chrom}:{end:,}, past the end of the "
            f"chromosome ({length:,} bp): the file belongs to another assembly"
        )
    return Transcript(
        without_version(transcript.gene_id),
        without_version(transcript.gene_name),
        chrom,
        transcript.strand,
        transcript.exons,
        transcript.coding,
    )


def _read_gtf(path: Path) -> list[Transcript]:
    names = {f"name_{key}": of_gtf(key) for key in GENE_NAMES}
    of_exon = {"transcript": of_gtf("transcript_id"), "gene": of_gtf("gene_id")} | names
    lines = read_lines(
        path,
        {
            "exons": Wanted(is_kind("exon"), of_exon),
            "coding": Wanted(is_kind("CDS"), {"transcript": of_gtf("transcript_id")}),
        },
    )
    exons = lines["exons"]
    named = pc.coalesce(*(exons[name] for name in names), exons["gene"])
    return _joined(path, exons.append_column("name", named), lines["coding"])


def _read_gff3(path: Path) -> list[Transcript]:
    names = {f"name_{key}": of_gff3(key) for key in GENE_NAMES}
    lines = read_lines(
        path,
        {
            "genes": Wanted(is_gene, {"gene": of_gff3("ID"), "id": of_gff3("gene_id")} | names),
            "transcripts": Wanted(
                may_be_transcript, {"gene": of_gff3("Parent"), "transcript": of_gff3("ID")}
            ),
            "exons": Wanted(is_kind("exon"), {"transcript": of_gff3("Parent")}),
            "coding": Wanted(is_kind("CDS"), {"transcript": of_gff3("Parent")}),
        },
    )
    genes, transcripts, exons = lines["genes"], lines["transcripts"], lines["exons"]
    ids = pc.coalesce(genes["id"], pc.replace_substring_regex(genes["gene"], "^gene[:-]", "")).to_pylist()
    symbols = pc.coalesce(*(genes[name] for name in names)).to_pylist()
    known = {
        key: (gene_id, unquote(symbol or gene_id))
        for key, gene_id, symbol in zip(genes["gene"].to_pylist(), ids, symbols, strict=True)
        if key and gene_id
    }
    owners = dict(zip(transcripts["transcript"].to_pylist(), transcripts["gene"].to_pylist(), strict=True))
    # An exon whose parent is no transcript of a gene is nobody's.
    of_exon = [known.get(owners.get(parent), (None, None)) for parent in exons["transcript"].to_pylist()]
    exons = exons.append_column("gene", pa.array([gene_id for gene_id, _ in of_exon], pa.string()))
    exons = exons.append_column("name", pa.array([name for _, name in of_exon], pa.string()))
    return _joined(path, exons.filter(pc.is_valid(exons["gene"])), lines["coding"])


def _joined(path: Path, exons: pa.Table, coding: pa.Table) -> list[Transcript]:
    """Transcripts of their exons and CDS lines; an id may stand on two chromosomes (pseudoautosomal)."""
    spans = coding.group_by(["place", "transcript"], use_threads=False).aggregate(
        [("start", "min"), ("end", "max")]
    )
    keys = zip(spans["place"].to_pylist(), spans["transcript"].to_pylist(), strict=True)
    bounds = zip(spans["start_min"].to_pylist(), spans["end_max"].to_pylist(), strict=True)
    translated = dict(zip(keys, bounds, strict=True))
    parts: dict[tuple[str, str], list[tuple[int, int]]] = {}
    genes: dict[tuple[str, str], tuple[str, str, str, str]] = {}
    columns = ("place", "transcript", "start", "end", "gene", "name", "chrom", "strand")
    for place, name, start, end, *gene in zip(
        *(exons[column].to_pylist() for column in columns), strict=True
    ):
        if (place, name) in translated:
            parts.setdefault((place, name), []).append((start, end))
            genes.setdefault((place, name), tuple(gene))
    made = []
    for key, pieces in parts.items():
        gene_id, symbol, chrom, strand = genes[key]
        if not gene_id:
            raise InputError(f"{path}: the exons of {key[1]} have no gene_id; add it to every exon")
        if strand not in tuple(Strand):
            raise InputError(f"{path}: the exons of {key[1]} have the strand {strand!r}; it is + or -")
        made.append(
            Transcript(gene_id, symbol, chrom, Strand(strand), tuple(sorted(pieces)), translated[key])
        )
    return made


def _read_bed12(path: Path) -> list[Transcript]:
    """One row a transcript; its name is that of the gene."""
    found = []
    for number, line in numbered_lines(path):
        if is_bed_comment(line):
            continue
        fields = line.split("\t")
        chrom, start, end = parse_bed_interval(path, number, fields)
        if len(fields) < _BED12:
            raise bad_line(path, number, f"{len(fields)} columns, BED12 has 12: exons are in the last two")
        thick = fields[6:8]
        if not (all(map(is_position, thick)) and start <= int(thick[0]) <= int(thick[1]) <= end):
            raise bad_line(path, number, f"not a thick part of {start}-{end}: {thick[0]} {thick[1]}")
        if int(thick[0]) == int(thick[1]):
            continue  # is not translated
        strand = parse_strand(path, number, fields[5])
        exons = _blocks(path, number, fields, start, end)
        found.append(Transcript(fields[3], fields[3], chrom, strand, exons, (int(thick[0]), int(thick[1]))))
    return found


def _blocks(path: Path, number: int, fields: list[str], start: int, end: int) -> tuple[tuple[int, int], ...]:
    lengths, starts = (cell.strip(",").split(",") for cell in fields[10:12])
    if len(lengths) != len(starts) or not all(map(is_position, (*lengths, *starts))):
        raise bad_line(path, number, f"not the blocks of BED12: {fields[10]} {fields[11]}")
    pairs = zip(starts, lengths, strict=True)
    blocks = sorted((start + int(at), start + int(at) + int(length)) for at, length in pairs)
    if blocks[-1][1] > end:
        raise bad_line(path, number, f"a block reaches over the row's end {end}: {fields[10]} {fields[11]}")
    return tuple(blocks)


_READERS: dict[str, Callable[[Path], list[Transcript]]] = {
    ".gtf": _read_gtf,
    ".gff": _read_gff3,
    ".gff3": _read_gff3,
    ".bed": _read_bed12,
    ".bed12": _read_bed12,
}
