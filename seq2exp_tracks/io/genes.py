"""The genes to score: read from an annotation and checked against the genome.

Which format an annotation has is told by its name; the formats themselves are in `gtf`, `gene_bed` and
`gene_table`.
"""

import dataclasses
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes, Gene, Strand
from seq2exp_tracks.io.gene_bed import BedTss, read_bed_genes
from seq2exp_tracks.io.gene_index import without_version
from seq2exp_tracks.io.gene_rows import GeneRow
from seq2exp_tracks.io.gene_selection import genome_order, parse_region, select_genes
from seq2exp_tracks.io.gene_table import read_table_genes
from seq2exp_tracks.io.gtf import read_gff3, read_gtf

__all__ = ["ALL_GENE_TYPES", "GeneTable", "parse_region", "read_genes", "select_genes"]

DEFAULT_GENE_TYPES = ("protein_coding",)
ALL_GENE_TYPES = ("all",)

_READERS: dict[str, Callable[[Path], list[GeneRow]]] = {
    ".gtf": read_gtf,
    ".gff": read_gff3,
    ".gff3": read_gff3,
    ".tsv": read_table_genes,
    ".csv": read_table_genes,
    ".txt": read_table_genes,
}
_ANNOTATIONS = (".gtf", ".gff", ".gff3")
_BEDS = (".bed", ".bed6", ".bed12")

_OFF_GENOME = "rows on chromosomes that the FASTA lacks"
_REPEATED = "rows that repeat another's id, TSS and strand"

_UNSAFE_IN_FILE_NAMES = re.compile(r"[^A-Za-z0-9._-]|^[.-]")
_LONGEST_ID = 100


@dataclass(frozen=True, slots=True)
class GeneTable:
    """The genes of an annotation that lie on the genome.

    Attributes:
        genes: In genome order: chromosome, TSS, strand, id. Ids are unique, also where upper and lower
            case count the same, and safe as names of files.
        dropped: Number of rows left out, by reason.
        renamed: Ids that several genes had; all but the first in genome order got the suffix `_2`,
            `_3`, ...
        types: Biotypes that were taken; empty for every gene.
    """

    genes: tuple[Gene, ...]
    dropped: dict[str, int]
    renamed: tuple[str, ...]
    types: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Gene]:
        return iter(self.genes)

    def __len__(self) -> int:
        return len(self.genes)


def read_genes(
    path: str | Path,
    sizes: ChromSizes,
    *,
    gene_types: Sequence[str] | None = None,
    bed_tss: BedTss = "strand",
) -> GeneTable:
    """Reads the genes of a GTF, GFF3, BED or table, plain or gzipped, that lie on a genome.

    Ids lose their Ensembl version, and characters that file names should not have become `_`.

    Args:
        path: The annotation; its suffix tells the format.
        sizes: Chromosomes of the genome; `chr1` and `1` are the same chromosome.
        gene_types: Biotypes to take, `("all",)` for every gene. By default protein-coding genes of GTF
            and GFF3, and all rows of the other formats.
        bed_tss: Where the TSS of a BED row is: its 5' end by strand, or its middle.

    Raises:
        InputError: If a line is malformed, the file does not tell types that are asked for, or no gene
            is left.
    """
    path = Path(path)
    suffix = _suffix(path)
    rows = read_bed_genes(path, bed_tss) if suffix in _BEDS else _READERS[suffix](path)
    if gene_types is None and suffix in _ANNOTATIONS:
        gene_types = DEFAULT_GENE_TYPES
    if not rows:
        raise InputError(f"{path}: no gene in it")
    types = tuple(gene_types or ALL_GENE_TYPES)
    if set(ALL_GENE_TYPES) & set(types):
        types = ()
    rows = _of_types(path, rows, types)
    genes, dropped = _on_genome(path, rows, sizes)
    unique, renamed = _with_unique_ids(genes)
    return GeneTable(tuple(unique), dropped, renamed, types)


def _suffix(path: Path) -> str:
    """The suffix that tells the format, without that of a compression."""
    name = path.name.lower().removesuffix(".gz").removesuffix(".bgz")
    suffix = Path(name).suffix
    if suffix not in _BEDS and suffix not in _READERS:
        known = ", ".join((*_ANNOTATIONS, *_BEDS, ".tsv", ".csv"))
        raise InputError(f"{path}: genes are read from {known} (also gzipped); rename the file if it is one")
    return suffix


def _of_types(path: Path, rows: list[GeneRow], types: tuple[str, ...]) -> list[GeneRow]:
    """Takes the rows of the types asked for; all where there are none."""
    if not types:
        return rows
    present = sorted({row.gene_type for row in rows if row.gene_type})
    if not present:
        raise InputError(
            f"{path}: does not tell the types of its genes, so {', '.join(types)} cannot be chosen; "
            "use --gene-type all to take every gene"
        )
    chosen = [row for row in rows if row.gene_type in types]
    if not chosen:
        raise InputError(f"{path}: no gene of type {', '.join(types)}; its types are {', '.join(present)}")
    return chosen


def _on_genome(path: Path, rows: list[GeneRow], sizes: ChromSizes) -> tuple[list[Gene], dict[str, int]]:
    """The genes on chromosomes of the genome, in its order, each once; and the rows left out."""
    placed = {_gene(path, row, chrom) for row in rows if (chrom := sizes.resolve(row.chrom))}
    if not placed:
        raise InputError(
            f"{path}: none of its {len(rows):,} genes lies on a chromosome of the genome; "
            "are the names of the chromosomes those of the FASTA?"
        )
    genes: dict[tuple[str, str, int, Strand], Gene] = {}
    for gene in sorted(placed, key=genome_order(sizes)):
        genes.setdefault((gene.id, gene.chrom, gene.tss, gene.strand), gene)
    on_genome = sum(sizes.resolve(row.chrom) is not None for row in rows)
    dropped = {_OFF_GENOME: len(rows) - on_genome, _REPEATED: on_genome - len(genes)}
    return list(genes.values()), {reason: count for reason, count in dropped.items() if count}


def _gene(path: Path, row: GeneRow, chrom: str) -> Gene:
    """A row under the genome's name of its chromosome, with an id fit to name a file."""
    gene_id = _UNSAFE_IN_FILE_NAMES.sub("_", without_version(row.id))
    if len(gene_id) > _LONGEST_ID:
        raise InputError(
            f"{path}: the id {gene_id[:30]}… has {len(gene_id)} letters; files are named after it"
        )
    return Gene(gene_id, without_version(row.name), chrom, row.tss, row.strand)


def _with_unique_ids(genes: list[Gene]) -> tuple[list[Gene], tuple[str, ...]]:
    """Tells genes apart that share an id: the first keeps it, the others get `_2`, `_3`, ...

    Some annotations give one Ensembl id to several genes. Upper and lower case count the same, as they
    do in the file names of some systems.
    """
    taken = {gene.id.casefold() for gene in genes}
    seen: set[str] = set()
    unique, renamed = [], []
    for gene in genes:
        gene_id = gene.id
        if gene_id.casefold() in seen:
            candidates = (f"{gene.id}_{copy}" for copy in itertools.count(2))
            gene_id = next(name for name in candidates if name.casefold() not in taken)
            taken.add(gene_id.casefold())
            renamed.append(gene.id)
        seen.add(gene.id.casefold())
        unique.append(dataclasses.replace(gene, id=gene_id))
    return unique, tuple(dict.fromkeys(renamed))
