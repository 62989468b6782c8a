"""What a run found, in a few numbers for people."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from seq2exp_tracks.scores import HIGHEST_EXPRESSION
from seq2exp_tracks.tracks.genes import GeneRow


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What a run found.

    Attributes:
        genes: Genes that were scored.
        elements: Elements that were called; one that two genes have counts twice.
        elements_per_gene: Median over genes.
        element_length: Median over elements in bp; None where there are none.
        covered_bases: Bases of the genome that have a score.
        off_chromosome: Genes whose TSS lies off the chromosome.
        shared_tss: Genes that the expression tracks do not show, as another gene of their strand has the
            same TSS and at least the same predicted expression.
        implausible: Genes whose predicted expression cannot be one.
    """

    genes: int
    elements: int
    elements_per_gene: float
    element_length: float | None
    covered_bases: int
    off_chromosome: int
    shared_tss: int
    implausible: int

    @classmethod
    def of(cls, rows: Sequence[GeneRow], lengths: Sequence[int], covered_bases: int) -> "RunSummary":
        """Sums up a run.

        Args:
            rows: All genes.
            lengths: Lengths of all elements in bp.
            covered_bases: Bases that have a score.
        """
        shown = [row for row in rows if row.on_chromosome]
        places = {(row.chrom, row.tss, row.strand) for row in shown}
        return cls(
            genes=len(rows),
            elements=len(lengths),
            elements_per_gene=float(median(row.n_elements for row in rows)) if rows else 0.0,
            element_length=float(median(lengths)) if lengths else None,
            covered_bases=covered_bases,
            off_chromosome=len(rows) - len(shown),
            shared_tss=len(shown) - len(places),
            implausible=sum("implausible" in row.flags for row in rows),
        )

    def notes(self) -> tuple[str, ...]:
        """What a reader of the files has to be told, for the manifest."""
        notes = list(self.warnings())
        if self.off_chromosome:
            notes.append(
                f"{self.off_chromosome} genes have their TSS off the chromosome: "
                "they are in genes.parquet, not in genes.bed and the expression tracks"
            )
        if self.shared_tss:
            notes.append(
                f"{self.shared_tss} genes share TSS and strand with another: "
                "the expression tracks hold the highest predicted value"
            )
        return tuple(notes)

    def warnings(self) -> tuple[str, ...]:
        """Those of the notes that tell of a mistake, which whoever waits for the run should hear at once."""
        if not self.implausible:
            return ()
        return (
            f"predicted expression is above {HIGHEST_EXPRESSION:g} in {self.implausible:,} of {self.genes:,} "
            "genes: no log10(1 + CAGE) is; features or signals are on another scale than in training "
            "(seq2exp-tracks doctor finds which)",
        )
