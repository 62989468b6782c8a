"""The rows that files of elements and of links are written from, checked on the way out of a table.

A link joins a distal element to the TSS of the gene in whose window it was called.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.io.bed_writer import Field

_BATCH = 50_000


@dataclass(frozen=True, slots=True)
class ElementRow:
    """An element as files have it; docs/formats.md describes the columns of elements.bed.

    Attributes:
        chrom: Chromosome.
        start: First base, 0-based.
        end: One past the last base.
        name: The gene's symbol, a dot, and a number.
        score: 1000 x mean learned score, rounded.
        strand: Strand of the gene.
        gene_id: The gene in whose window it was called.
        gene_name: Symbol of the gene.
        mean_score: Mean learned score of its bases.
        sd: Root mean square of its bases' standard deviations.
        distance: bp from the TSS, negative upstream.
        kind: `promoter` or `distal`.
        contact: Mean Hi-C signal of its bases, log10(1 + contact with the TSS); None where there is none.
    """

    chrom: str
    start: int
    end: int
    name: str
    score: int
    strand: str
    gene_id: str
    gene_name: str
    mean_score: float
    sd: float
    distance: int
    kind: str
    contact: float | None

    @property
    def contact_text(self) -> str:
        """The contact as files have it: 4 decimals, `.` for none."""
        return "." if self.contact is None else f"{self.contact:.4f}"

    def bed(self) -> list[Field]:
        """The row of elements.bed."""
        return [
            *(self.chrom, self.start, self.end, self.name, self.score, self.strand),
            *(self.gene_id, self.gene_name, f"{self.mean_score:.3f}", f"{self.sd:.4f}"),
            *(self.distance, self.kind, self.contact_text),
        ]


@dataclass(frozen=True, slots=True)
class Link:
    """A distal element and the TSS of its gene.

    Attributes:
        element: The element.
        tss: Transcription start site of its gene, 0-based, on the element's chromosome.
    """

    element: ElementRow
    tss: int

    @property
    def start(self) -> int:
        """First base of the stretch from the element to the TSS."""
        return min(self.element.start, self.tss)

    @property
    def end(self) -> int:
        """One past the last base of that stretch."""
        return max(self.element.end, self.tss + 1)


def read_element_rows(path: Path, table: pa.Table) -> Iterator[ElementRow]:
    """The rows of a table of elements, in its order.

    Args:
        path: The file to be written, for the message.
        table: Elements, with the columns of `run_reader.ELEMENT_COLUMNS`.

    Raises:
        InputError: If a row is no element: a field is missing, not finite or out of range.
    """
    for row in _rows(table):
        yield _element(path, row)


def read_links(path: Path, table: pa.Table) -> Iterator[Link]:
    """The rows of a table of links, in its order.

    Args:
        path: The file to be written, for the message.
        table: Links: the columns of elements, and `tss`.

    Raises:
        InputError: If a row is no link.
    """
    for row in _rows(table):
        tss = row["tss"]
        if tss is None or tss < 0:
            raise _not_writable(path, row, f"its TSS {tss} is no base of the chromosome")
        yield Link(_element(path, row), tss)


def _rows(table: pa.Table) -> Iterator[dict[str, Any]]:
    for batch in table.to_batches(max_chunksize=_BATCH):
        yield from batch.to_pylist()


def _element(path: Path, row: Mapping[str, Any]) -> ElementRow:
    missing = [name for name, value in row.items() if value is None and name not in ("contact", "gene_name")]
    if missing:
        raise _not_writable(path, row, f"it has no {missing[0]}")
    if not 0 <= row["start"] < row["end"]:
        raise _not_writable(path, row, "its start does not lie before its end")
    if not 0 <= row["score"] <= 1000:
        raise _not_writable(path, row, f"its score {row['score']} is not one of 0 to 1000")
    contact = row["contact"]
    if not all(math.isfinite(value) for value in (row["mean_score"], row["sd"], contact or 0.0)):
        raise _not_writable(path, row, "a value is not a finite number")
    return ElementRow(
        chrom=row["chrom"],
        start=row["start"],
        end=row["end"],
        name=row["name"],
        score=row["score"],
        strand=row["strand"],
        gene_id=row["gene_id"],
        gene_name=row["gene_name"] or row["gene_id"],
        mean_score=row["mean_score"],
        sd=row["sd"],
        distance=row["distance"],
        kind=row["class"],
        contact=contact,
    )


def _not_writable(path: Path, row: Mapping[str, Any], problem: str) -> InputError:
    place = f"{row['name']} at {row['chrom']}:{row['start']}-{row['end']}"
    return InputError(f"{path}: cannot be written: element {place}: {problem}; was elements.bed edited?")
