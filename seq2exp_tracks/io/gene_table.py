"""Genes of a table with a column for the TSS and one for the strand."""

from pathlib import Path

from seq2exp_tracks.io.gene_index import ID_COLUMNS, SYMBOL_COLUMNS
from seq2exp_tracks.io.gene_rows import TYPE_COLUMNS, GeneRow, parse_strand
from seq2exp_tracks.io.tables import read_table
from seq2exp_tracks.io.text import bad_line, is_position

_CHROM_COLUMNS = ("chrom", "chr", "chromosome", "seqname")


def read_table_genes(path: Path) -> list[GeneRow]:
    """Reads the genes of a TSV or CSV.

    The columns are found by name: the chromosome, `tss` (0-based, taken as it stands), `strand`, an id
    or a symbol or both, and the type of gene where there is one.

    Raises:
        InputError: If a column is missing or a cell malformed.
    """
    table = read_table(path)
    columns = [table.text(table.require(names)) for names in (_CHROM_COLUMNS, ("tss",), ("strand",))]
    symbol_column = table.find(SYMBOL_COLUMNS)
    id_column = table.find(ID_COLUMNS) or symbol_column or table.require((*ID_COLUMNS, *SYMBOL_COLUMNS))
    type_column = table.find(TYPE_COLUMNS)
    ids = table.text(id_column)
    names = table.text(symbol_column) if symbol_column else ids
    types = table.text(type_column) if type_column else [None] * len(ids)
    rows = []
    for line, chrom, tss, strand, gene_id, name, gene_type in zip(
        table.lines, *columns, ids, names, types, strict=True
    ):
        if not is_position(tss.removeprefix("-")):
            raise bad_line(path, line, f"tss is {tss!r}, which is no position")
        if not (gene_id or name):
            raise bad_line(path, line, "a gene with neither id nor symbol")
        place = parse_strand(path, line, strand)
        rows.append(GeneRow(gene_id or name, name or gene_id, chrom, int(tss), place, gene_type))
    return rows
