"""Which row of a table belongs to a gene: by Ensembl id without version, else by symbol."""

import re
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self, TypeVar

from seq2exp_tracks.genome import Gene
from seq2exp_tracks.io.tables import Table

_Name = TypeVar("_Name", bound=Hashable)

# Headers under which tables of this field (ABC, Xpresso, BioMart, GENCODE) keep what names a gene.
ID_COLUMNS = ("ensembl_id", "gene_id", "gene stable id", "ensid", "id")
SYMBOL_COLUMNS = ("symbol", "gene_name", "gene name", "gene", "name")

# Ensembl's ids (ENSG, ENSMUSG, ...) end in a version, which GENCODE's lift-overs extend by _N. Other ids
# may hold a point that is part of the name, such as AC012345.6.
_VERSION = re.compile(r"^(ENS[A-Z]*G\d{6,})\.\d+(?:_\d+)?")


def without_version(gene_id: str) -> str:
    """An Ensembl id without its version; other ids as they are. `_PAR_Y` is kept.

    >>> without_version("ENSG00000100292.18")
    'ENSG00000100292'
    """
    return _VERSION.sub(r"\1", gene_id)


@dataclass(frozen=True, slots=True, eq=False)
class GeneIndex:
    """Rows of a table by gene.

    Some tables give one Ensembl id to several genes (readthrough, lncRNA clusters); there the row with
    the gene's symbol too is its own, and the first of the id stands for genes with another symbol.

    Attributes:
        by_both: Row by id without version and symbol.
        by_id: First row of each id without version.
        by_symbol: Row of each symbol that names one gene only.
    """

    by_both: Mapping[tuple[str, str], int]
    by_id: Mapping[str, int]
    by_symbol: Mapping[str, int]

    @classmethod
    def of_table(cls, table: Table) -> Self:
        """Looks for the columns that name genes.

        Raises:
            InputError: If the table has none of them.
        """
        id_column = table.find(ID_COLUMNS)
        symbol_column = table.find(SYMBOL_COLUMNS) if id_column else table.require(SYMBOL_COLUMNS)
        unnamed = [""] * len(table.rows)
        ids = [without_version(cell) for cell in table.text(id_column)] if id_column else unnamed
        symbols = [without_version(cell) for cell in table.text(symbol_column)] if symbol_column else unnamed
        return cls(
            _first_rows(zip(ids, symbols, strict=True)),
            _first_rows(ids),
            _first_rows(symbols, leave_out=_shared_symbols(ids, symbols)),
        )

    def row(self, gene: Gene) -> int | None:
        """The row of a gene, or None where the table lacks it."""
        gene_id = without_version(gene.id)
        found = self.by_both.get((gene_id, gene.name))
        if found is None:
            found = self.by_id.get(gene_id)
        if found is None:
            found = self.by_symbol.get(gene.name)
        # A table of EPInformer or ABC may keep the ids in its column of symbols.
        return self.by_symbol.get(gene_id) if found is None else found


def _first_rows(names: Iterable[_Name], leave_out: Collection[_Name] = ()) -> dict[_Name, int]:
    first: dict[_Name, int] = {}
    for row, name in enumerate(names):
        if name and name not in leave_out:
            first.setdefault(name, row)
    return first


def _shared_symbols(ids: Sequence[str], symbols: Sequence[str]) -> set[str]:
    """Symbols of rows with several ids: they name no one gene."""
    first: dict[str, str] = {}
    return {
        symbol
        for gene_id, symbol in zip(ids, symbols, strict=True)
        if first.setdefault(symbol, gene_id) != gene_id
    }
