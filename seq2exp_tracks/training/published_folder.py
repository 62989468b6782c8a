"""The authors' data folder as a dataset: their genes, tracks, features, labels and black list as they are."""

from pathlib import Path

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.inputs import InputReader
from seq2exp_tracks.io.bigwig import BigWig
from seq2exp_tracks.io.contact_vectors import ContactVectors
from seq2exp_tracks.io.fasta import Fasta
from seq2exp_tracks.model.config import SIGNALS
from seq2exp_tracks.resources.registry import GenomeEntry
from seq2exp_tracks.signals import CONTACT_SIGNAL, Alignment, BigWigSignal, SignalSet
from seq2exp_tracks.stored_contacts import StoredContactSignal
from seq2exp_tracks.training.published_masks import read_mask_pickle
from seq2exp_tracks.training.published_tables import (
    CELL_TYPES,
    EXPRESSION_TABLE,
    SPLIT_TABLE,
    TABLES,
    CellType,
    Expression,
    read_fold,
    read_published_genes,
)
from seq2exp_tracks.training.splits import Split

PUBLISHED_FOLD = 11
"""The fold of the paper's results."""

_GENOME = Path("hg38", "hg38.ml.fa")
_BLACKLISTS = "hg38_blacklist_dict_*.pkl"


class PublishedFolder:
    """One cell type of the data folder: its reader reads what the published dataset gives of a gene.

    Args:
        folder: The data folder, which holds `hg38` and `promo_enhan_inter`.
        cell_type: `K562` or `GM12878`.
        window: Length of the window in bp, at most what the Hi-C vectors hold.
        expression: Which label.
        alignment: `published` for contact as the authors trained on it, which is shifted against the
            sequence near the ends of chromosomes; `correct` for contact where it belongs.
        with_peaks: The MACS3 peaks are given as a mask, for a model that needs one.

    Attributes:
        genes: The genes in the order of the folder's table.
        missing: Ids of genes that the folder names but does not describe in full; left out.
        labels: The label of each gene, by its id.
        reader: Reads the windows of the genes.
        peaks: The MACS3 peaks, if they were asked for.

    Raises:
        InputError: If the folder lacks a file, or a file is damaged or unsafe.
    """

    def __init__(
        self,
        folder: str | Path,
        cell_type: str,
        window: int = 200_000,
        *,
        expression: Expression = Expression.CAGE,
        alignment: Alignment = "published",
        with_peaks: bool = False,
    ) -> None:
        self.folder = Path(folder)
        cell = _cell_type(cell_type)
        self._tables = self.folder / TABLES
        published = read_published_genes(self._tables, cell, expression)
        fasta = Fasta(self.folder / _GENOME)
        vectors = ContactVectors.open(self._tables / cell.contacts)
        self.genes = published.genes
        self.missing = published.missing
        self.labels = published.labels
        self.peaks = BigWig(self._tables / cell.peaks, fasta.sizes) if with_peaks else None
        for gene in self.genes:
            if gene.chrom not in fasta.sizes:
                raise InputError(f"{self.folder / _GENOME}: no chromosome {gene.chrom}, where {gene.id} lies")
        self.reader = InputReader(
            fasta,
            SignalSet(
                [
                    BigWigSignal("H3K27ac", BigWig(self._tables / cell.h3k27ac, fasta.sizes)),
                    BigWigSignal("DNase", BigWig(self._tables / cell.dnase, fasta.sizes)),
                    StoredContactSignal(CONTACT_SIGNAL, vectors, alignment, whole=True),
                ],
                SIGNALS,
            ),
            published.features,
            read_mask_pickle(_blacklist(self.folder)),
            window,
        )

    def split(self, fold: int = PUBLISHED_FOLD) -> Split:
        """The genes of a fold that train, validate and test.

        Raises:
            InputError: If the folder's table has no such fold.
        """
        parts = read_fold(self._tables, fold, self.genes)
        return Split(parts["train"], parts["valid"], parts["test"])


def published_genome(folder: Path, cell_type: str) -> GenomeEntry:
    """The folder's genome, with the genes of a cell type.

    Raises:
        InputError: If the cell type is unknown, or the black list missing.
    """
    genes = folder / TABLES / _cell_type(cell_type).gene_list
    return GenomeEntry(f"published {cell_type}", folder / _GENOME, genes, _blacklist(folder))


def published_files(folder: Path, cell_type: str, *, with_peaks: bool) -> dict[str, Path]:
    """What else is read of the folder, by role; all but the vectors of Hi-C, which are many and large.

    Raises:
        InputError: If the cell type is unknown.
    """
    cell, tables = _cell_type(cell_type), folder / TABLES
    files = {
        "labels": tables / EXPRESSION_TABLE,
        "folds": tables / SPLIT_TABLE,
        "signal:H3K27ac": tables / cell.h3k27ac,
        "signal:DNase": tables / cell.dnase,
    }
    return files | ({"peaks": tables / cell.peaks} if with_peaks else {})


def _cell_type(name: str) -> CellType:
    if name not in CELL_TYPES:
        raise InputError(
            f"cell type {name!r}: the data folder is read for {' and '.join(CELL_TYPES)}; of others give the "
            "files themselves (--genome, --signal, --contacts, --labels)"
        )
    return CELL_TYPES[name]


def _blacklist(folder: Path) -> Path:
    """The one black list of the folder."""
    found = sorted(folder.glob(_BLACKLISTS))
    if len(found) != 1:
        listed = ", ".join(path.name for path in found) or "none"
        raise InputError(f"{folder}: needs one black list ({_BLACKLISTS}); there: {listed}")
    return found[0]
