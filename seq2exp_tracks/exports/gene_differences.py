"""What two runs predict of the same genes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from seq2exp_tracks.genome import Gene
from seq2exp_tracks.io.bed_writer import bed_text
from seq2exp_tracks.io.writing import writing
from seq2exp_tracks.run_reader import Run

COLUMNS = ("gene_id", "gene_name", "chrom", "tss", "strand", "expression_a", "expression_b", "difference")
"""The columns of genes.difference.tsv."""


@dataclass(frozen=True, slots=True)
class GeneDifference:
    """A gene that two runs have.

    Attributes:
        gene: The gene.
        a: Predicted log10(1 + CAGE) in the first run.
        b: The same in the second.
    """

    gene: Gene
    a: float
    b: float

    @property
    def difference(self) -> float:
        """A - B, to the four decimals of expression."""
        return round(self.a - self.b, 4) + 0.0

    @property
    def row(self) -> tuple[str, ...]:
        """The row of genes.difference.tsv, as `COLUMNS` name it."""
        gene = self.gene
        return (
            *(bed_text(gene.id), bed_text(gene.name), gene.chrom, str(gene.tss), str(gene.strand)),
            *(f"{self.a:.4f}", f"{self.b:.4f}", f"{self.difference:.4f}"),
        )


@dataclass(frozen=True, slots=True)
class SharedGenes:
    """The genes of two runs.

    Attributes:
        genes: Those that both have at the same TSS, in the order of the first run.
        only_a: How many the first has alone.
        only_b: How many the second has alone.
        moved: How many both have, with another TSS or strand.
    """

    genes: tuple[GeneDifference, ...]
    only_a: int
    only_b: int
    moved: int

    @classmethod
    def of(cls, a: Run, b: Run) -> "SharedGenes":
        """Matches the genes of two runs by their id."""
        both = a.genes.keys() & b.genes.keys()
        shared = tuple(_shared(a, b))
        return cls(shared, len(a.genes) - len(both), len(b.genes) - len(both), len(both) - len(shared))

    def most_different(self, number: int) -> list[GeneDifference]:
        """The genes whose predictions differ most, the largest difference first."""
        return sorted(self.genes, key=lambda one: -abs(one.difference))[:number]

    def notes(self) -> list[str]:
        """What the table leaves out, one line each."""
        lines = (
            (self.only_a, ("is", "are"), "in run A alone"),
            (self.only_b, ("is", "are"), "in run B alone"),
            (self.moved, ("has", "have"), "another TSS in run B"),
        )
        return [
            f"1 gene {verbs[0]} {what}: it is not in the table"
            if number == 1
            else f"{number:,} genes {verbs[1]} {what}: they are not in the table"
            for number, verbs, what in lines
            if number
        ]


def write_genes(path: Path, genes: Sequence[GeneDifference]) -> None:
    """Writes genes.difference.tsv.

    Raises:
        OutputError: If the file cannot be written.
    """
    with writing(path), path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("\t".join(COLUMNS) + "\n")
        file.writelines("\t".join(one.row) + "\n" for one in genes)


def _shared(a: Run, b: Run) -> Iterator[GeneDifference]:
    for gene_id, first in a.genes.items():
        second = b.genes.get(gene_id)
        if second is None:
            continue
        places = {(gene.chrom, gene.tss, gene.strand) for gene in (first.gene, second.gene)}
        if len(places) == 1:
            yield GeneDifference(first.gene, first.expression, second.expression)
