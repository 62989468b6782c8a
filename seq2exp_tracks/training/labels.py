"""Measured expression of genes: a column of a table, or transcription starts counted around each TSS.

The published label is log10(1 + CAGE), where CAGE is the sum of the tags within 192 bp of the TSS, three bins
of Enformer.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.features import read_labels as read_column
from seq2exp_tracks.genome import ChromSizes, Gene, Interval, Strand
from seq2exp_tracks.io.bigwig import BigWig, is_bigwig

REACH = 192
"""Bases on either side of a TSS whose transcription starts count as the gene's."""

DEFAULT_COLUMN = "label"

_NAMED = 5  # genes without a label that a message names


@dataclass(frozen=True, slots=True)
class GeneLabels:
    """Measured expression of some genes.

    Attributes:
        source: Where it comes from, for messages.
        values: log10(1 + x) by the id of the gene; finite.
        missing: Genes that have none.
    """

    source: str
    values: Mapping[str, float]
    missing: tuple[Gene, ...]

    @property
    def note(self) -> str | None:
        """What the user should know, in one line; None where every gene has a label."""
        if not self.missing:
            return None
        named = ", ".join(gene.name for gene in self.missing[:_NAMED])
        more = ", …" if len(self.missing) > _NAMED else ""
        count, genes = len(self.missing), len(self.missing) + len(self.values)
        return f"{self.source}: no label for {count:,} of {genes:,} genes ({named}{more}); they are left out"


def read_labels(
    paths: Sequence[str | Path],
    genes: Sequence[Gene],
    sizes: ChromSizes,
    *,
    column: str | None = None,
    counts: bool = False,
) -> GeneLabels:
    """Reads the labels of genes.

    Args:
        paths: A table; or a bigWig of transcription starts, or two of them, plus strand first.
        genes: The genes.
        sizes: Chromosomes of the genome.
        column: The column of a table; `label` if None.
        counts: The table holds counts, of which log10(1 + count) is the label, and not labels as they are.

    Raises:
        InputError: If a file is missing or not what it should be, or no gene has a label.
    """
    files = [Path(path) for path in paths]
    tracks = [is_bigwig(path) for path in files]
    if all(tracks) and 1 <= len(files) <= 2:
        found, source = _from_tracks(files, genes, sizes), " and ".join(map(str, files))
    elif len(files) == 1:
        found, source = _from_table(files[0], genes, column or DEFAULT_COLUMN, counts), str(files[0])
    else:
        raise InputError(
            f"labels are read from one table, or from one bigWig or two (plus and minus strand); "
            f"given: {', '.join(map(str, files)) or 'nothing'}"
        )
    if not found:
        first = ", ".join(gene.name for gene in genes[:3])
        raise InputError(f"{source}: no label for any of the {len(genes):,} genes ({first}, …)")
    return GeneLabels(source, found, tuple(gene for gene in genes if gene.id not in found))


def _from_table(path: Path, genes: Sequence[Gene], column: str, counts: bool) -> dict[str, float]:
    labels = read_column(path, column)
    known = {gene.id: value for gene in genes if (value := labels.of(gene)) is not None}
    if not counts:
        return known
    negative = next((gene_id for gene_id, value in known.items() if value < 0), None)
    if negative is not None:
        raise InputError(
            f"{path}: {column} of {negative} is {known[negative]:g}, which is no count; if the column holds "
            "logarithms, give it as it stands"
        )
    return {gene_id: math.log10(1 + value) for gene_id, value in known.items()}


def _from_tracks(paths: list[Path], genes: Sequence[Gene], sizes: ChromSizes) -> dict[str, float]:
    """One track counts for both strands; of two, each counts for the genes of its strand."""
    if len(paths) == 2 and "minus" in paths[0].name.lower() and "plus" in paths[1].name.lower():
        raise InputError(
            f"{paths[0]}: the track of the plus strand comes first, that of the minus strand second"
        )
    tracks = [_open(path, sizes) for path in paths]
    by_strand = {Strand.PLUS: tracks[0], Strand.MINUS: tracks[-1]}
    counted = {gene.id: starts_near(gene, by_strand[gene.strand], sizes) for gene in genes}
    return {gene_id: math.log10(1 + count) for gene_id, count in counted.items() if count is not None}


def _open(path: Path, sizes: ChromSizes) -> BigWig:
    """Opens a track of counts; below 0 means that it was written for display."""
    try:
        return BigWig(path, sizes)
    except InputError as error:
        BigWig(path, sizes, negatives="clip")  # refuses it too, unless values below 0 are all that is wrong
        raise InputError(
            f"{path}: holds values below 0, but transcription starts are counted from 0 up on either strand: "
            "write it without the sign"
        ) from error


def starts_near(gene: Gene, track: BigWig, sizes: ChromSizes) -> float | None:
    """Transcription starts within `REACH` of a gene's TSS; None where the track cannot know them.

    That is where it lacks the chromosome, or the TSS and all around it lies off the chromosome.
    """
    start, end = max(gene.tss - REACH, 0), min(gene.tss + REACH, sizes[gene.chrom])
    if gene.chrom in track.missing or end <= start:
        return None
    return float(track.read(Interval(gene.chrom, start, end)).sum(dtype="float64"))
