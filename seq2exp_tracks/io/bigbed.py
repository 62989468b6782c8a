"""Writes called elements as bigBed: BED 9, coloured by class, and the columns of ours."""

from pathlib import Path

import pyarrow as pa

from seq2exp_tracks import palette
from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.io.bed_writer import Field
from seq2exp_tracks.io.bigbed_writer import BigBedItems, write_bigbed
from seq2exp_tracks.io.element_rows import read_element_rows
from seq2exp_tracks.origin import Origin, described

BED_FIELDS = 9

AUTOSQL = """table seq2expElement
"Elements that Seq2Exp's learned mask points at, each in the window of one gene"
    (
    string chrom;       "Chromosome"
    uint   chromStart;  "First base, 0-based"
    uint   chromEnd;    "One past the last base"
    string name;        "Symbol of the gene, a dot, number of the element in the gene's window"
    uint   score;       "1000 x mean learned mask score, 0 to 1000"
    char[1] strand;     "Strand of the gene"
    uint   thickStart;  "First base"
    uint   thickEnd;    "One past the last base"
    uint   itemRgb;     "Colour of the class"
    string gene_id;     "Gene in whose window the element was called"
    string gene_name;   "Symbol of the gene"
    float  mean_score;  "Mean learned mask score of its bases (probability)"
    float  sd;          "Root mean square of its bases' standard deviations (probability)"
    int    distance;    "From the TSS to the nearest base (bp; negative upstream, 0 on the TSS)"
    string class;       "promoter: within 1 kb of the TSS; else distal"
    string contact;     "Mean Hi-C signal of its bases with the TSS (log10(1 + contact); . for none)"
    )
"""

_COLOURS = {"promoter": palette.PROMOTER, "distal": palette.DISTAL}


def write_elements_bigbed(
    path: Path, sizes: ChromSizes, elements: pa.Table, origin: Origin | None = None
) -> None:
    """Writes a table of elements as bigBed.

    Args:
        path: The file to write; an existing one is replaced when the new one is whole.
        sizes: Chromosomes of the genome.
        elements: Elements, with the columns of `run_reader.ELEMENT_COLUMNS`.
        origin: The run that they are of, which the description of the table then names.

    Raises:
        InputError: If there is no element, or a row is none or does not lie on its chromosome.
        OutputError: If the file cannot be written.
    """
    items = BigBedItems()
    for row in read_element_rows(path, elements):
        colour = rgb(_COLOURS.get(row.kind, palette.DECOY))
        rest: list[Field] = [
            *(row.name, row.score, row.strand, row.start, row.end, colour, row.gene_id, row.gene_name),
            *(f"{row.mean_score:.3f}", f"{row.sd:.4f}", row.distance, row.kind, row.contact_text),
        ]
        items.add(row.chrom, row.start, row.end, rest)
    write_bigbed(path, sizes, items, described(AUTOSQL, origin), BED_FIELDS)


def rgb(colour: str) -> str:
    """A colour such as `#D55E00` as UCSC writes it: `213,94,0`."""
    return ",".join(str(value) for value in bytes.fromhex(colour.removeprefix("#")))
