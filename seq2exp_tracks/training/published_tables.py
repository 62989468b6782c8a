"""The tables of the authors' data folder: genes with features and labels, and the folds of the split."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import numpy as np
from jaxtyping import Float64

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.features import FEATURES, GeneFeatures
from seq2exp_tracks.genome import Gene, Strand
from seq2exp_tracks.io.gene_index import GeneIndex
from seq2exp_tracks.io.tables import Table, read_table

TABLES = "promo_enhan_inter"
"""The folder inside the data folder that holds all but the sequence and the masks."""

EXPRESSION_TABLE = "GM12878_K562_18377_gene_expr_fromXpresso.csv"
SPLIT_TABLE = "leave_chrom_out_crossvalidation_split_18377genes.csv"
"""Its tables of genes with labels and features, and of the folds."""

_ACTIVITY = ("H3K27ac.RPM.TSS1Kb", "DHS.RPM.TSS1Kb")


class Expression(StrEnum):
    """Which measurement is predicted."""

    CAGE = "CAGE"  # log10(1 + sum around the TSS)
    RNA = "RNA"  # as it stands in the table


@dataclass(frozen=True, slots=True)
class CellType:
    """Where the data of a cell type are, inside `TABLES`.

    Attributes:
        name: Its name, also of its columns.
        h3k27ac: The track of H3K27ac.
        dnase: The track of accessibility.
        gene_list: ABC's table of genes.
    """

    name: str
    h3k27ac: Path
    dnase: Path
    gene_list: Path

    @classmethod
    def of(cls, name: str, h3k27ac: str, dnase: str, links: str, neighborhoods: str) -> "CellType":
        """The published layout, by the accession numbers that differ."""
        return cls(
            name,
            Path("H3K27ac", name, f"{h3k27ac}.bigWig"),
            Path("DNase-seq", name, f"{dnase}.bigWig"),
            Path(
                f"{name}_DNase_{neighborhoods}_hic_{links}_1MB_ABC_nominated",
                f"DNase_{neighborhoods}_Neighborhoods",
                "GeneList.txt",
            ),
        )

    @property
    def contacts(self) -> Path:
        """The folder of the Hi-C vectors."""
        return Path("HiC", self.name)

    @property
    def peaks(self) -> Path:
        """The MACS3 peaks of the accessibility, as a track."""
        return Path("DNase-seq", self.name, "peaks", "peaks_bigWig", "macs3.bigWig")


CELL_TYPES = {
    cell.name: cell
    for cell in (
        CellType.of("K562", "ENCFF465GBD", "ENCFF414OGC", "4DNFITUOMFUQ", "ENCFF257HEE"),
        CellType.of("GM12878", "ENCFF798KYP", "ENCFF960FMM", "4DNFI1UEG1HD", "ENCFF020WZB"),
    )
}
"""The cell types of the paper's main table; the third, H1, has a layout of its own and is not read."""


@dataclass(frozen=True, slots=True, eq=False)
class PublishedGenes:
    """The genes of the data folder.

    Attributes:
        genes: Those that have a TSS, features and a label, in the order of the split.
        features: Their features.
        labels: Their labels, by id.
        missing: Ids of the split that lack one of these.
    """

    genes: tuple[Gene, ...]
    features: GeneFeatures
    labels: dict[str, float]
    missing: tuple[str, ...]


def read_published_genes(folder: Path, cell: CellType, expression: Expression) -> PublishedGenes:
    """Reads the genes of one cell type.

    Args:
        folder: The folder of the tables.
        cell: The cell type.
        expression: Which label.

    Raises:
        InputError: If a table is missing, or lacks a column, or no gene is whole.
    """
    wanted = read_table(folder / SPLIT_TABLE)
    ids = wanted.text(wanted.require(("ENSID",)))
    names = dict(zip(ids, wanted.text(wanted.require(("Gene name",))), strict=True))
    places, activity = _read_gene_list(folder / cell.gene_list)
    rows, half_life, measured = _read_expression(folder / EXPRESSION_TABLE, cell.name, expression)
    values = {
        gene_id: np.append(half_life[rows[gene_id]], activity[gene_id])
        for gene_id in ids
        if gene_id in rows and gene_id in places
    }
    whole = {
        gene_id: row
        for gene_id, row in values.items()
        if not (np.isnan(row).any() or np.isnan(measured[rows[gene_id]]))
    }
    if not whole:
        raise InputError(f"{folder}: none of its {len(ids):,} genes has a TSS, features and a label")
    table = np.stack(list(whole.values()))
    index = GeneIndex({}, {gene_id: row for row, gene_id in enumerate(whole)}, {})
    medians = np.median(table, axis=0)
    return PublishedGenes(
        tuple(replace(places[gene_id], name=names[gene_id] or gene_id) for gene_id in whole),
        GeneFeatures(table.astype(np.float32), medians.astype(np.float32), index),
        {gene_id: float(measured[rows[gene_id]]) for gene_id in whole},
        tuple(gene_id for gene_id in ids if gene_id not in whole),
    )


def read_fold(folder: Path, fold: int, genes: Sequence[Gene]) -> dict[str, tuple[Gene, ...]]:
    """The genes of each part (train, valid, test) of a fold.

    Args:
        folder: The folder of the tables.
        fold: Number of the fold, from 1; the paper's is 11.
        genes: Genes to put into parts.

    Raises:
        InputError: If there is no such fold, or a gene has no part in it.
    """
    table = read_table(folder / SPLIT_TABLE)
    column = table.require((f"fold_{fold}",))
    part_of = dict(zip(table.text(table.require(("ENSID",))), table.text(column), strict=True))
    parts: dict[str, list[Gene]] = {"train": [], "valid": [], "test": []}
    for gene in genes:
        part = part_of.get(gene.id, "")
        if part not in parts:
            raise InputError(
                f"{table.path}: {column} of {gene.id} is {part!r}; it should be train, valid or test"
            )
        parts[part].append(gene)
    return {part: tuple(members) for part, members in parts.items()}


def _read_gene_list(path: Path) -> tuple[dict[str, Gene], dict[str, float]]:
    """Places and promoter activities by Ensembl id, which ABC's table holds in its column of symbols."""
    table = read_table(path)
    columns = (table.text(table.require((name,))) for name in ("symbol", "chr", "tss", "strand"))
    h3k27ac, dhs = (table.numbers(table.require((name,))) for name in _ACTIVITY)
    activity = np.sqrt(h3k27ac * dhs)
    places: dict[str, Gene] = {}
    activities: dict[str, float] = {}
    for line, gene_id, chrom, tss, strand, value in zip(table.lines, *columns, activity, strict=True):
        if gene_id in places:
            continue
        try:
            places[gene_id] = Gene(gene_id, gene_id, chrom, int(float(tss)), Strand(strand))
        except ValueError as error:
            raise InputError(f"{path}:{line}: not a gene: {error}") from error
        activities[gene_id] = float(value)
    return places, activities


def _read_expression(
    path: Path, cell: str, expression: Expression
) -> tuple[dict[str, int], Float64[np.ndarray, "genes 8"], Float64[np.ndarray, " genes"]]:
    """Rows by id, the eight half-life features of each, and its label."""
    table: Table = read_table(path)
    ids = table.text(table.require(("ENSID",)))
    half_life = np.stack([table.numbers(table.require((name,))) for name in FEATURES[:-1]], axis=1)
    if expression is Expression.CAGE:
        label = np.log10(table.numbers(table.require((f"{cell}_CAGE_128*3_sum",))) + 1)
    else:
        label = table.numbers(table.require((f"Actual_{cell}",)))
    return {gene_id: row for row, gene_id in reversed(list(enumerate(ids)))}, half_life, label
