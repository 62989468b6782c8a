"""Alignment files with a few reads, written with pysam."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pysam

PAIRED, PROPER, REVERSE, FIRST, SECOND = 1, 2, 16, 64, 128
SECONDARY, FAILED, DUPLICATE, SUPPLEMENTARY = 256, 512, 1024, 2048


@dataclass(frozen=True)
class Read:
    """A read: `length` bases of the reference from `start` on."""

    chrom: str
    start: int
    length: int = 36
    flag: int = 0
    mapq: int = 60
    fragment: int = 0
    """Length of the template, as aligners sign it."""
    deleted: int = 0
    """Bases of the reference that the read lacks in its middle; they count to `length`."""

    @property
    def end(self) -> int:
        return self.start + self.length


def write_alignments(
    path: Path,
    sizes: Mapping[str, int],
    reads: Iterable[Read],
    *,
    index: bool = True,
    order: str = "coordinate",
    reference: Path | None = None,
) -> Path:
    """Writes a BAM, or by its name a CRAM; reads are sorted unless `order` says otherwise."""
    header = pysam.AlignmentHeader.from_dict(
        {
            "HD": {"VN": "1.6", "SO": order},
            "SQ": [{"SN": name, "LN": length} for name, length in sizes.items()],
        }
    )
    ranks = {name: rank for rank, name in enumerate(sizes)}
    ordered = list(reads)
    if order == "coordinate":
        ordered.sort(key=lambda read: (ranks[read.chrom], read.start))
    mode = "wc" if path.suffix == ".cram" else "wb"
    filename = None if reference is None else str(reference)
    with pysam.AlignmentFile(str(path), mode, header=header, reference_filename=filename) as file:
        for number, read in enumerate(ordered):
            file.write(_segment(header, number, ranks[read.chrom], read))
    if index:
        pysam.index(str(path))
    return path


def proper_pair(chrom: str, start: int, end: int, length: int = 36, *, mapq: int = 60) -> list[Read]:
    """Both reads of a fragment; the first is the left one."""
    size = end - start
    left = Read(chrom, start, length, PAIRED | PROPER | FIRST, mapq, size)
    return [left, Read(chrom, end - length, length, PAIRED | PROPER | SECOND | REVERSE, mapq, -size)]


def _segment(header: pysam.AlignmentHeader, number: int, rank: int, read: Read) -> pysam.AlignedSegment:
    segment = pysam.AlignedSegment(header)
    segment.query_name = f"read{number}"
    segment.flag = read.flag
    segment.reference_id = rank
    segment.reference_start = read.start
    segment.mapping_quality = read.mapq
    bases = read.length - read.deleted
    left = bases // 2
    gapped = [(0, left), (2, read.deleted), (0, bases - left)]
    segment.cigartuples = gapped if read.deleted else [(0, bases)]
    segment.template_length = read.fragment
    segment.query_sequence = "A" * bases
    segment.query_qualities = pysam.qualitystring_to_array("I" * bases)
    return segment
