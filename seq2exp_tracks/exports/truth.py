"""Reads elements to compare a run with: a simulated genome's truth, or any BED file."""

from dataclasses import dataclass
from pathlib import Path

from seq2exp_tracks.genome import ChromSizes, Interval
from seq2exp_tracks.io.bed import is_bed_comment, parse_bed_interval
from seq2exp_tracks.io.text import numbered_lines

# Classes of a simulated genome's truth, as people read them.
CLASSES = {
    "promoter": "promoter",
    "enhancer": "distal element",
    "peak_decoy": "open decoy",
    "motif_decoy": "closed decoy",
}
UNCLASSED = "given element"


@dataclass(frozen=True, slots=True)
class GivenElement:
    """An element to compare with.

    Attributes:
        interval: Its bases.
        kind: A value of `CLASSES`, or `UNCLASSED` where the file has no classes.
        gene_id: The gene that it acts on; None where the file does not say, or it acts on none.
    """

    interval: Interval
    kind: str
    gene_id: str | None


def read_given(path: Path, sizes: ChromSizes, interval: Interval) -> list[GivenElement]:
    """Reads the elements of a BED file that overlap an interval.

    Columns named `class` and `gene_id` in a header line give class and gene; a BED file without them gives
    plain elements. `chr1` and `1` are the same chromosome.

    Raises:
        InputError: If the file cannot be read or a row is no row of BED.
    """
    columns: list[str] = []
    found = []
    for number, line in numbered_lines(path):
        fields = line.split("\t")
        if line.startswith("#"):
            columns = [field.strip() for field in line.lstrip("#").split("\t")]
        if is_bed_comment(line):
            continue
        chrom, start, end = parse_bed_interval(path, number, fields)
        place = Interval(sizes.resolve(chrom) or chrom, start, end)
        if place.overlap(interval):
            row = dict(zip(columns, fields, strict=False))
            gene = row.get("gene_id", ".")
            kind = CLASSES.get(row.get("class", ""), UNCLASSED)
            found.append(GivenElement(place, kind, None if gene == "." else gene))
    return found
