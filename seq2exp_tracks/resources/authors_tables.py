"""The genes of the authors' dataset: two of its tables joined into one of genes with their features."""

from pathlib import Path

import numpy as np

from seq2exp_tracks.io.feature_columns import DHS_RPM, H3K27AC_RPM, HALF_LIFE_FEATURES, PROMOTER_ACTIVITY
from seq2exp_tracks.io.gene_index import without_version
from seq2exp_tracks.io.tables import read_table
from seq2exp_tracks.io.whole_file import whole_file
from seq2exp_tracks.io.writing import writing
from seq2exp_tracks.resources.store import Store


def joined_table(store: Store, cells: str, half_life: Path, gene_list: Path) -> Path:
    """The joined table of a cell type in the store, made at its first use.

    Args:
        store: The store.
        cells: Name of the cell type.
        half_life: Their table of genes.
        gene_list: ABC's list of genes for the cell type.

    Raises:
        InputError: If a table lacks a column or holds what is no number.
        OutputError: If it cannot be written.
    """
    digests = "-".join(store.digest(path)[:8] for path in (half_life, gene_list))
    to = store.folder / "joined" / f"{cells}.genes.{digests}.tsv"
    if not to.exists():
        with store.locked():
            # Another process may have joined them meanwhile, and have begun to read them.
            if not to.exists():
                join_authors_tables(half_life, gene_list, to)
    return to


def join_authors_tables(half_life: Path, gene_list: Path, to: Path) -> int:
    """Writes the genes that both tables have, in the order of the gene list.

    Args:
        half_life: Their table of genes with the eight features of the mRNA, by Ensembl id.
        gene_list: ABC's list of genes for the cell type, with the Ensembl id in its column `symbol`, the
            TSS, and the reads per million about it. Of a repeated gene the first row counts.
        to: The table to write: chrom, tss (0-based, as in the list), strand, gene_id, symbol, nine features.

    Returns:
        How many genes it has.

    Raises:
        InputError: If a table lacks a column or holds what is no number.
        OutputError: If it cannot be written.
    """
    features, places = read_table(half_life), read_table(gene_list)
    ids = [without_version(text) for text in features.text(features.require(("ENSID", "gene_id")))]
    named = features.find(("Gene name", "gene_name"))
    names = features.text(named) if named else ids
    columns = [features.text(features.require((name,))) for name in HALF_LIFE_FEATURES]
    row_of = {gene_id: row for row, gene_id in reversed(list(enumerate(ids)))}
    chroms, strands, symbols = (places.text(places.require((name,))) for name in ("chr", "strand", "symbol"))
    tss = places.numbers(places.require(("tss",)))
    h3k27ac, dhs = (places.numbers(places.require(names)) for names in (H3K27AC_RPM, DHS_RPM))
    activity = np.sqrt(h3k27ac * dhs)
    header = ("chrom", "tss", "strand", "gene_id", "symbol", *HALF_LIFE_FEATURES, PROMOTER_ACTIVITY)
    lines, written = ["\t".join(header)], set[str]()
    for place, gene_id in enumerate(map(without_version, symbols)):
        row = row_of.get(gene_id)
        if row is None or gene_id in written or np.isnan(tss[place]):
            continue
        written.add(gene_id)
        cells = (chroms[place], str(int(tss[place])), strands[place], gene_id, names[row] or gene_id)
        lines.append("\t".join((*cells, *(column[row] for column in columns), repr(float(activity[place])))))
    with writing(to):
        to.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(to) as partial:
        partial.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(written)
