"""GeneRow: a gene as an annotation file has it, before it is checked against the genome."""

from dataclasses import dataclass
from pathlib import Path

from seq2exp_tracks.genome import Strand
from seq2exp_tracks.io.text import bad_line

# Headers under which annotations keep what kind of gene it is.
TYPE_COLUMNS = ("gene_type", "gene_biotype", "biotype")

# BioMart writes strands as numbers.
_STRANDS = {"+": Strand.PLUS, "-": Strand.MINUS, "1": Strand.PLUS, "-1": Strand.MINUS}


@dataclass(frozen=True, slots=True)
class GeneRow:
    """A gene with the file's own names.

    Attributes:
        id: Identifier, as in the file.
        name: Symbol; the id where there is none.
        chrom: Chromosome, as the file calls it.
        tss: Transcription start site, 0-based.
        strand: Strand.
        gene_type: Biotype such as `protein_coding`; None where the file does not say.
    """

    id: str
    name: str
    chrom: str
    tss: int
    strand: Strand
    gene_type: str | None


def five_prime(start: int, end: int, strand: Strand) -> int:
    """The first base that is transcribed of an interval (0-based, half-open)."""
    return start if strand is Strand.PLUS else end - 1


def parse_strand(path: Path, number: int, text: str) -> Strand:
    """A strand as annotations write it.

    Raises:
        InputError: If it is none; names file and line.
    """
    if text not in _STRANDS:
        raise bad_line(path, number, f"not a strand: {text!r}; it is + or -")
    return _STRANDS[text]
