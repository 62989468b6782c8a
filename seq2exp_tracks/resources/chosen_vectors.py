"""Whether the authors' stored contact is read in place of a .hic, and of which chromosomes."""

from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.io.gene_selection import parse_region, select_genes
from seq2exp_tracks.io.genes import read_genes
from seq2exp_tracks.io.tables import read_table
from seq2exp_tracks.resources.asked import Asked
from seq2exp_tracks.resources.catalog import AUTHORS_TABLES, Catalog, Part, cell_parts
from seq2exp_tracks.resources.presets import CellPreset

# Places of the authors' genes are on their genome, whose lengths are not known before it is fetched.
_LONGEST = 2**31 - 1


def chosen_vectors(asked: Asked, cells: CellPreset, catalog: Catalog) -> list[Part]:
    """The files of stored contact that a run reads, none where it reads a .hic.

    The vectors are those of the authors' genes, at their TSS. So they are taken with these genes only, and
    only where each chromosome of a gene that is asked for has a file. Which these are is told by the authors'
    two tables, which are fetched for it; they are small.

    Raises:
        TracksError: If the tables cannot be had, or none of their genes is asked for.
    """
    if asked.genes is not None or asked.contacts_norm not in (None, cells.contacts_norm):
        return []
    if not catalog.vector_parts(cells) or not catalog.has_authors_genes(cells):
        return []
    files = catalog.bring(part for part in cell_parts(cells) if part.role in AUTHORS_TABLES)
    table = catalog.joined_genes(cells.name, files)
    if table is None:
        return []
    sizes = ChromSizes(dict.fromkeys(read_table(table).text("chrom"), _LONGEST))
    region = None if asked.region is None else parse_region(asked.region, sizes)
    genes = read_genes(table, sizes).genes
    chosen = select_genes(
        genes, sizes, chroms=asked.chroms, names=asked.names, region=region, listed_in=str(table)
    )
    return catalog.vector_parts(cells, {gene.chrom for gene in chosen})
