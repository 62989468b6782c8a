"""Genes of an annotation: GTF and GFF3, as GENCODE, Ensembl, NCBI and UCSC write them.

The TSS is that of the transcript that stands for its gene: MANE Select, else Ensembl's canonical one. A
gene with neither has it at its own 5' end. Both formats are 1-based and inclusive; rows are 0-based.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from seq2exp_tracks.genome import Strand
from seq2exp_tracks.io.gene_rows import TYPE_COLUMNS, GeneRow, five_prime, parse_strand
from seq2exp_tracks.io.text import bad_line, is_position, numbered_lines

# Tags of the transcript that stands for its gene, best first; NCBI writes a space for the underscore.
_REPRESENTATIVE = ("MANE_Select", "Ensembl_canonical")
_NAMES = ("gene_name", "Name", "gene")

# From the beginning of a word only: from everywhere in it, a long one would take the square of its length.
_GTF_ATTRIBUTE = re.compile(r'(?<![^\s;])([^\s;]+)\s+(?:"([^"]*)"|([^\s;"]+))')

_Attributes = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Feature:
    """One line: a gene or a transcript; positions 0-based, half-open."""

    line: int
    chrom: str
    kind: str
    start: int
    end: int
    strand: Strand
    attributes: Mapping[str, str]
    tags: frozenset[str]

    @property
    def tss(self) -> int:
        return five_prime(self.start, self.end, self.strand)


@dataclass(slots=True)
class _Locus:
    """What the lines read so far say of one gene.

    A gene's own line is the authority on where it lies and what it is called; without one (UCSC's GTFs
    have none) it reaches as far as its transcripts.
    """

    gene: _Feature
    declared: bool = False
    representative: tuple[int, int] | None = None

    def take_gene(self, gene: _Feature) -> None:
        self.gene, self.declared = gene, True

    def take_transcript(self, transcript: _Feature) -> None:
        if not self.declared and _upstream(transcript) < _upstream(self.gene):
            self.gene = transcript
        for rank, tag in enumerate(_REPRESENTATIVE):
            if tag in transcript.tags:
                # The 5'-most of several with one tag, so that the order of lines does not matter.
                candidate = (rank, _upstream(transcript))
                self.representative = min(self.representative or candidate, candidate)

    def row(self, gene_id: str) -> GeneRow:
        gene, attributes = self.gene, self.gene.attributes
        tss = abs(self.representative[1]) if self.representative else gene.tss
        name = next((attributes[key] for key in _NAMES if attributes.get(key)), gene_id)
        gene_type = next((attributes[key] for key in TYPE_COLUMNS if attributes.get(key)), None)
        return GeneRow(gene_id, name, gene.chrom, tss, gene.strand, gene_type)


def read_gtf(path: Path) -> list[GeneRow]:
    """Reads the genes of a GTF.

    Raises:
        InputError: If a line is malformed; names file and line.
    """
    loci: dict[tuple[str, str, str], _Locus] = {}
    for feature in _features(path, _gtf_attributes, lambda kind, _: kind in ("gene", "transcript")):
        gene_id = feature.attributes.get("gene_id")
        if not gene_id:
            raise bad_line(path, feature.line, f"a {feature.kind} without gene_id")
        locus = loci.setdefault((gene_id, feature.chrom, feature.strand), _Locus(feature))
        if feature.kind == "gene":
            locus.take_gene(feature)
        else:
            locus.take_transcript(feature)
    return [locus.row(gene_id) for (gene_id, _, _), locus in loci.items()]


def read_gff3(path: Path) -> list[GeneRow]:
    """Reads the genes of a GFF3.

    Raises:
        InputError: If a line is malformed; names file and line.
    """
    loci: dict[tuple[str, str, str], _Locus] = {}
    for feature in _features(path, _gff3_attributes, _tells_of_gene):
        is_gene = feature.kind.endswith("gene")
        owner = feature.attributes.get("ID" if is_gene else "Parent")
        if not owner:
            raise bad_line(path, feature.line, f"a {feature.kind} without {'ID' if is_gene else 'Parent'}")
        locus = loci.setdefault((owner, feature.chrom, feature.strand), _Locus(feature))
        if is_gene:
            locus.take_gene(feature)
        else:
            locus.take_transcript(feature)
    # Tagged exons (NCBI) have a transcript for their parent, which no line declares to be a gene.
    return [
        locus.row(locus.gene.attributes.get("gene_id") or re.sub("^gene[:-]", "", owner) or owner)
        for (owner, _, _), locus in loci.items()
        if locus.declared
    ]


def _upstream(feature: _Feature) -> int:
    """Orders features of one strand from 5' to 3'; its absolute value is the TSS."""
    return feature.tss if feature.strand is Strand.PLUS else -feature.tss


def _tells_of_gene(kind: str, attributes: str) -> bool:
    """Genes and pseudogenes of GFF3, and the transcripts that stand for them."""
    return kind.endswith("gene") or "MANE" in attributes or "Ensembl_canonical" in attributes


def _features(
    path: Path, parse: Callable[[str], _Attributes], wanted: Callable[[str, str], bool]
) -> Iterator[_Feature]:
    """The lines of both formats that are wanted by their kind and attributes."""
    for number, line in numbered_lines(path):
        if line.startswith("##FASTA"):
            return
        if line.startswith("#") or not line.strip():
            continue
        fields = line.split("\t")
        if len(fields) != 9:
            raise bad_line(path, number, f"{len(fields)} columns, GTF and GFF3 have 9, separated by tabs")
        chrom, _, kind, start, end, _, strand, _, text = fields
        if not wanted(kind, text):
            continue
        if not (is_position(start) and is_position(end) and 1 <= int(start) <= int(end)):
            raise bad_line(path, number, f"not an interval: {chrom} {start} {end} (1-based, inclusive)")
        attributes = parse(text)
        tags = [value.replace(" ", "_") for key, value in attributes if key == "tag"]
        yield _Feature(
            line=number,
            chrom=chrom,
            kind=kind,
            start=int(start) - 1,
            end=int(end),
            strand=parse_strand(path, number, strand),
            attributes=dict(attributes),
            tags=frozenset(tag for listed in tags for tag in listed.split(",")),
        )


def _gtf_attributes(text: str) -> _Attributes:
    """`key "value"; key value;` with keys that may repeat."""
    return [(key, quoted or bare) for key, quoted, bare in _GTF_ATTRIBUTE.findall(text)]


def _gff3_attributes(text: str) -> _Attributes:
    """`key=value;key=value` with escapes as in URLs."""
    pairs = (pair.partition("=") for pair in text.strip().split(";") if pair)
    return [(unquote(key.strip()), unquote(value)) for key, _, value in pairs]
