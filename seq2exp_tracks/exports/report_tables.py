"""The tables of the report: genes and elements, the foremost of them where there are many."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.run_reader import Run

# Rows of a table: more than that is for a table program, not for a page.
ROWS = 200


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        title: Its heading.
        unit: Unit of its values, or nothing.
        field: Name in the data.
        decimals: Decimals of its numbers; None for text.
    """

    title: str
    unit: str
    field: str
    decimals: int | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: what is shown, and what it is sorted by."""

    text: str
    key: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the page.

    Attributes:
        columns: Its columns.
        rows: Its rows.
        total: Rows that there would be without the limit.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: int


def gene_rows(run: Run) -> pa.Table:
    """The run's table of genes.

    Raises:
        InputError: If the run has none that can be read.
    """
    for entry in run.manifest.files:
        if entry.content == "genes" and entry.kind == "parquet":
            path = run.folder / entry.path
            try:
                return pq.read_table(path)
            except (OSError, pa.ArrowInvalid) as error:
                raise InputError(f"{path}: cannot be read; was the run copied whole?") from error
    raise InputError(f"{run.folder}: the manifest lists no table of genes; run `score` again")


def gene_table(genes: pa.Table, label: str | None) -> Table:
    """The genes with the highest predicted expression.

    Args:
        genes: The run's table of genes.
        label: Name of the labels' column; None where there were none.
    """
    measured = [Column("Measured", label, "measured", 3)] if label else []
    columns = (
        Column("Gene", "", "gene_name"),
        Column("Id", "", "gene_id"),
        Column("Chromosome", "", "chrom"),
        Column("TSS", "1-based", "place", 0),
        Column("Strand", "", "strand"),
        Column("Predicted", "log10(1 + CAGE)", "expression", 3),
        *measured,
        Column("Elements", "", "n_elements", 0),
        Column("Mean mask", "0 to 1", "mean_mask", 3),
        Column("Remarks", "", "flags"),
    )
    top = genes.sort_by([("expression", "descending")]).slice(0, ROWS)
    top = top.append_column("place", pc.add(top["tss"], 1))
    return Table(columns, _cells(columns, top), genes.num_rows)


def element_table(elements: pa.Table) -> Table:
    """The distal elements with the highest mean learned mask."""
    columns: tuple[Column, ...] = (
        Column("Element", "", "name"),
        Column("Gene", "", "gene_name"),
        Column("Chromosome", "", "chrom"),
        Column("First base", "1-based", "place", 0),
        Column("Length", "bp", "length", 0),
        Column("Distance to TSS", "bp", "distance", 0),
        Column("Mean mask", "0 to 1", "mean_score", 3),
        Column("sd", "0 to 1", "sd", 4),
        Column("Hi-C contact", "log10(1 + contact)", "contact", 3),
    )
    distal = elements.filter(pc.field("class") == "distal")
    top = distal.sort_by([("mean_score", "descending")]).slice(0, ROWS)
    top = top.append_column("place", pc.add(top["start"], 1))
    top = top.append_column("length", pc.subtract(top["end"], top["start"]))
    if top["contact"].null_count == top.num_rows:
        columns = columns[:-1]
    return Table(columns, _cells(columns, top), distal.num_rows)


def _cells(columns: Sequence[Column], data: pa.Table) -> tuple[tuple[Cell, ...], ...]:
    rows = data.select([column.field for column in columns]).to_pylist()
    return tuple(tuple(_cell(row[column.field], column.decimals) for column in columns) for row in rows)


def _cell(value: Any, decimals: int | None) -> Cell:
    if value is None:
        return Cell("\N{EN DASH}", "")
    if decimals is None:
        text = ", ".join(value) if isinstance(value, list) else str(value)
        return Cell(text, text)
    return Cell(number(value, decimals), repr(float(value)))


def number(value: float, decimals: int) -> str:
    """A number for people, with a minus sign instead of a hyphen."""
    return f"{value:,.{decimals}f}".replace("-", "\N{MINUS SIGN}")
