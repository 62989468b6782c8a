"""Writes links of elements to genes as BEDPE: bedtools' ten columns and ours after them."""

from pathlib import Path

import pyarrow as pa

from seq2exp_tracks.io.bed_writer import Field, write_bed
from seq2exp_tracks.io.element_rows import Link, read_links

BEDPE_COLUMNS = (
    *("chrom1", "start1", "end1", "chrom2", "start2", "end2", "name", "score", "strand1", "strand2"),
    *("gene_id", "gene_name", "sd", "distance", "contact"),
)
"""The columns of links.bedpe: first the element, then the TSS."""


def bedpe_row(link: Link) -> list[Field]:
    """The row of a link, as `BEDPE_COLUMNS` name it."""
    row = link.element
    return [
        *(row.chrom, row.start, row.end, row.chrom, link.tss, link.tss + 1),
        *(row.name, row.score, ".", row.strand),
        *(row.gene_id, row.gene_name, f"{row.sd:.4f}", row.distance, row.contact_text),
    ]


def write_links_bedpe(path: Path, links: pa.Table, first: str = "") -> None:
    """Writes a table of links as BEDPE, in its order.

    Args:
        path: The file to write; an existing one is replaced when the new one is whole.
        links: Links, with the columns of elements and `tss`.
        first: A line before the names of the columns, which begins with `#`; none if it is empty.

    Raises:
        InputError: If a row is no link.
        OutputError: If the file cannot be written.
    """
    write_bed(path, BEDPE_COLUMNS, (bedpe_row(link) for link in read_links(path, links)), first)
