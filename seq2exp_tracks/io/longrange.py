"""Writes links of elements to genes in WashU's longrange format: bgzipped and indexed by tabix.

A line is one end of a link, and names the other end and the score; so a link is two lines.
https://epgg.github.io describes the format.
"""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pysam

from seq2exp_tracks.errors import OutputError
from seq2exp_tracks.io.element_rows import Link, read_links
from seq2exp_tracks.io.whole_file import whole_file


def write_links_longrange(path: Path, links: pa.Table, first: str = "") -> None:
    """Writes a table of links as longrange, sorted, with the index `PATH.tbi` beside it.

    Args:
        path: The file to write; its name ends in `.gz`, else readers do not take it for compressed.
        links: Links, with the columns of elements and `tss`; the score is the mean learned mask.
        first: A line before all others, which begins with `#`; none if it is empty.

    Raises:
        InputError: If a row is no link.
        OutputError: If a file cannot be written.
    """
    lines = sorted(line for link in read_links(path, links) for line in _both_ends(link))
    index = path.with_name(f"{path.name}.tbi")
    with whole_file(path) as partial, whole_file(index) as partial_index:
        # The text comes first: if there is room for it, there is room for the compressed file.
        with partial_index.open("w", encoding="utf-8", newline="\n") as text:
            text.write(f"{first}\n" if first else "")
            text.writelines(f"{chrom}\t{start}\t{end}\t{other}\n" for chrom, start, end, other in lines)
        verbosity = pysam.set_verbosity(0)
        try:
            pysam.tabix_compress(str(partial_index), str(partial), force=True)
            pysam.tabix_index(str(partial), preset="bed", index=str(partial_index), force=True)
        finally:
            pysam.set_verbosity(verbosity)
        _check_written(path, partial, partial_index, len(lines))


def _both_ends(link: Link) -> Iterator[tuple[str, int, int, str]]:
    row, tss = link.element, link.tss
    yield row.chrom, row.start, row.end, f"{row.chrom}:{tss}-{tss + 1},{row.mean_score:.3f}"
    yield row.chrom, tss, tss + 1, f"{row.chrom}:{row.start}-{row.end},{row.mean_score:.3f}"


def _check_written(path: Path, partial: Path, index: Path, lines: int) -> None:
    """Reads all lines again by the index: htslib does not tell of all that goes wrong on a full disk."""
    with pysam.TabixFile(str(partial), index=str(index)) as file:
        written = sum(1 for chrom in file.contigs for _ in file.fetch(chrom))
    if written != lines:
        raise OutputError(
            f"{path}: cannot be written ({written:,} of {lines:,} lines arrived); free some space"
        )
