"""Writes links of elements to genes as bigInteract: UCSC's 18 fields and four of ours after them.

https://genome.ucsc.edu/goldenPath/help/interact.html describes the format: bed5+13, kept under the name
`interact` by which browsers know it; fields beyond the 18 are shown on the page of an item.
"""

from pathlib import Path

import pyarrow as pa

from seq2exp_tracks import palette
from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.io.bed_writer import Field
from seq2exp_tracks.io.bigbed import rgb
from seq2exp_tracks.io.bigbed_writer import BigBedItems, write_bigbed
from seq2exp_tracks.io.element_rows import read_links
from seq2exp_tracks.origin import Origin, described

BED_FIELDS = 5

AUTOSQL = """table interact
"Elements that Seq2Exp's learned mask points at, linked to the TSS of their gene"
    (
    string chrom;        "Chromosome"
    uint   chromStart;   "First base of element or TSS, whichever comes first, 0-based"
    uint   chromEnd;     "One past the last base of element or TSS"
    string name;         "Symbol of the gene, a dot, number of the element in the gene's window"
    uint   score;        "1000 x mean learned mask score, 0 to 1000"
    double value;        "Mean learned mask score of the element (probability)"
    string exp;          "Symbol of the gene"
    string color;        "Colour of links"
    string sourceChrom;  "Chromosome of the element"
    uint   sourceStart;  "First base of the element"
    uint   sourceEnd;    "One past the last base of the element"
    string sourceName;   "Name of the element"
    string sourceStrand; "An element has no strand: ."
    string targetChrom;  "Chromosome of the TSS"
    uint   targetStart;  "TSS"
    uint   targetEnd;    "TSS + 1"
    string targetName;   "Symbol of the gene"
    string targetStrand; "Strand of the gene"
    string gene_id;      "Gene in whose window the element was called"
    float  sd;           "Root mean square of its bases' standard deviations (probability)"
    int    distance;     "From the TSS to the element's nearest base (bp; negative upstream)"
    string contact;      "Mean Hi-C signal of its bases with the TSS (log10(1 + contact); . for none)"
    )
"""


def write_links_biginteract(
    path: Path, sizes: ChromSizes, links: pa.Table, origin: Origin | None = None
) -> None:
    """Writes a table of links as bigInteract: from the element (source) to the TSS (target).

    Args:
        path: The file to write; an existing one is replaced when the new one is whole.
        sizes: Chromosomes of the genome.
        links: Links, with the columns of elements and `tss`.
        origin: The run that they are of, which the description of the table then names.

    Raises:
        InputError: If there is no link, or a row is none or does not lie on its chromosome.
        OutputError: If the file cannot be written.
    """
    items = BigBedItems()
    colour = rgb(palette.DISTAL)
    for link in read_links(path, links):
        row = link.element
        rest: list[Field] = [
            *(row.name, row.score, f"{row.mean_score:.3f}", row.gene_name, colour),
            *(row.chrom, row.start, row.end, row.name, "."),
            *(row.chrom, link.tss, link.tss + 1, row.gene_name, row.strand),
            *(row.gene_id, f"{row.sd:.4f}", row.distance, row.contact_text),
        ]
        items.add(row.chrom, link.start, link.end, rest)
    write_bigbed(path, sizes, items, described(AUTOSQL, origin), BED_FIELDS)
