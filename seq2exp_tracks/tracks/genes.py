"""The tables of genes that a run writes: one row a gene, for people (BED) and for programs (parquet)."""

import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pyarrow as pa

from seq2exp_tracks.scores import HIGHEST_EXPRESSION, WindowScores
from seq2exp_tracks.tracks.elements import Element
from seq2exp_tracks.tracks.track import EXPRESSION_DECIMALS

FLAGS = {
    "padded": "the window reaches over an end of the chromosome",
    "features_imputed": "at least one of the gene's features was not known and was filled in",
    "no_features": "the gene has no row in the features table: all its features were filled in",
    "no_contacts": "the model uses contacts and was given none of the gene's TSS: they are all 0",
    "tss_off_chromosome": "the TSS lies off the chromosome: the gene is in the parquet table only",
    "implausible": f"predicted expression is above {HIGHEST_EXPRESSION:g}, which no log10(1 + CAGE) is",
}
"""What may be remarked on a gene, in the order in which it is written."""

BED_SCORE_PER_UNIT = 250
"""BED scores end at 1000, so that a predicted log10(1 + CAGE) of 4 and more has the highest."""

_DECIMALS = 4

_SCHEMA: dict[str, pa.DataType] = {
    "gene_id": pa.string(),
    "gene_name": pa.string(),
    "chrom": pa.string(),
    "tss": pa.int64(),
    "strand": pa.string(),
    "expression": pa.float64(),
    "measured": pa.float64(),
    "window_start": pa.int64(),
    "window_end": pa.int64(),
    "pad_left": pa.int64(),
    "pad_right": pa.int64(),
    "scored_bases": pa.int64(),
    "blacklisted_bases": pa.int64(),
    "mean_mask": pa.float64(),
    "kept_share": pa.float64(),
    "n_elements": pa.int64(),
    "median_element_length": pa.float64(),
    "flags": pa.list_(pa.string()),
    "imputed": pa.list_(pa.string()),
}


@dataclass(frozen=True, slots=True)
class GeneRow:
    """What a run says of one gene; the attributes are the columns of the parquet table.

    Attributes:
        gene_id: Unique identifier.
        gene_name: Symbol.
        chrom: Name of the chromosome.
        tss: Transcription start site, 0-based.
        strand: `+` or `-`.
        expression: Predicted log10(1 + CAGE).
        measured: Measured expression, as the labels have it; None where they have none.
        window_start: First base of the window on the chromosome, 0-based.
        window_end: One past its last base on the chromosome.
        pad_left: Bases of the window before the chromosome's start.
        pad_right: Bases of the window after the chromosome's end.
        scored_bases: Bases of the window on the chromosome that are not on the blacklist.
        blacklisted_bases: Bases of the window that are on the blacklist.
        mean_mask: Mean learned score of the scored bases; None where there are none.
        kept_share: Mean of the applied mask over the window on the chromosome: for hard models the share
            of bases that the predictor read.
        n_elements: Elements that were called.
        median_element_length: In bp; None where there are no elements.
        flags: Remarks, of `FLAGS`.
        imputed: Names of the gene's features that were filled in.
    """

    gene_id: str
    gene_name: str
    chrom: str
    tss: int
    strand: str
    expression: float
    measured: float | None
    window_start: int
    window_end: int
    pad_left: int
    pad_right: int
    scored_bases: int
    blacklisted_bases: int
    mean_mask: float | None
    kept_share: float
    n_elements: int
    median_element_length: float | None
    flags: tuple[str, ...]
    imputed: tuple[str, ...]

    @property
    def on_chromosome(self) -> bool:
        """Tells whether the TSS is a base of the chromosome."""
        return "tss_off_chromosome" not in self.flags

    def bed(self, labels: bool) -> list[str | int | float | None]:
        """The row of genes.bed: the TSS base, and what is known of the gene."""
        score = min(1000, max(0, round(self.expression * BED_SCORE_PER_UNIT)))
        return [
            *(self.chrom, self.tss, self.tss + 1, self.gene_name, score, self.strand),
            *(self.gene_id, f"{self.expression:.{EXPRESSION_DECIMALS}f}"),
            *((self.measured,) if labels else ()),
            *(self.window_start, self.window_end, self.pad_left, self.pad_right),
            *(self.n_elements, ",".join(self.flags)),
        ]


def bed_columns(labels: bool) -> list[str]:
    """The columns of genes.bed; that of measured expression is there only where labels were given."""
    return [
        *("chrom", "start", "end", "name", "score", "strand", "gene_id", "expression"),
        *(("measured",) if labels else ()),
        *("window_start", "window_end", "pad_left", "pad_right", "n_elements", "flags"),
    ]


def parquet_schema(labels: bool) -> dict[str, pa.DataType]:
    """The columns of genes.parquet and their types."""
    return {name: kind for name, kind in _SCHEMA.items() if labels or name != "measured"}


def parquet_rows(rows: Sequence[GeneRow]) -> list[dict[str, object]]:
    """The rows as mappings."""
    return [asdict(row) for row in rows]


def gene_row(
    scores: WindowScores,
    elements: Sequence[Element],
    chrom_length: int,
    measured: float | None,
    flags: Sequence[str],
) -> GeneRow:
    """Gathers what a run says of one gene.

    Args:
        scores: Scores of its window.
        elements: Elements called in it.
        chrom_length: Length of its chromosome in bp.
        measured: Its measured expression, if there is one.
        flags: Remarks that the scores do not tell of themselves: `no_features`, `no_contacts`.

    Raises:
        ValueError: If a flag is not one of `FLAGS`.
    """
    window, gene = scores.window, scores.window.gene
    scored = ~scores.excluded
    lengths = [len(element.interval) for element in elements]
    own = {
        "padded": window.pad_left + window.pad_right > 0,
        "features_imputed": len(scores.imputed) > 0,
        "tss_off_chromosome": not 0 <= gene.tss < chrom_length,
        "implausible": scores.expression > HIGHEST_EXPRESSION,
    }
    raised = {flag for flag, holds in own.items() if holds} | set(flags)
    if unknown := raised - FLAGS.keys():
        raise ValueError(f"unknown flags of gene {gene.id}: {sorted(unknown)}")
    return GeneRow(
        gene_id=gene.id,
        gene_name=gene.name,
        chrom=gene.chrom,
        tss=gene.tss,
        strand=str(gene.strand),
        expression=round(float(scores.expression), EXPRESSION_DECIMALS) + 0.0,
        measured=measured,
        window_start=window.inside.start,
        window_end=window.inside.end,
        pad_left=window.pad_left,
        pad_right=window.pad_right,
        scored_bases=int(scored.sum()),
        blacklisted_bases=int(scores.excluded.sum()),
        mean_mask=round(_mean(scores.learned[scored]), _DECIMALS) if scored.any() else None,
        kept_share=round(_mean(scores.applied), _DECIMALS),
        n_elements=len(elements),
        median_element_length=float(np.median(lengths)) if lengths else None,
        flags=tuple(flag for flag in FLAGS if flag in raised),
        # The same few names for every gene: rows are kept until all are written.
        imputed=tuple(map(sys.intern, scores.imputed)),
    )


def _mean(values: np.ndarray) -> float:
    return float(values.mean(dtype=np.float64))
