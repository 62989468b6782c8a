"""What is known to regulate which gene: planted elements of a simulated genome, or CRISPRi screens.

Both become pairs of an element and a gene, restricted to what the run could see: genes that it scored, and
elements whose middle lies in the gene's window.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes, Gene, Interval
from seq2exp_tracks.io.gene_index import without_version
from seq2exp_tracks.io.tables import Table, read_table
from seq2exp_tracks.io.text import bad_line
from seq2exp_tracks.tracks.elements import PROMOTER_REACH
from seq2exp_tracks.windows import Window

_TRUE, _FALSE = frozenset({"true", "1"}), frozenset({"false", "0"})
_ELSEWHERE = "on chromosomes that the genome lacks"


@dataclass(frozen=True, slots=True)
class Link:
    """A row of a file of truth.

    Attributes:
        element: The element, on the run's genome.
        gene_id: Ensembl id (without version) or other id of the gene; empty where it has none.
        symbol: Symbol of the gene; empty where it has none.
        regulates: Whether the element was found or planted to regulate the gene.
    """

    element: Interval
    gene_id: str
    symbol: str
    regulates: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """An element and a gene that the run scored, with the element in reach.

    Attributes:
        element: The element.
        gene: The gene.
        regulates: Whether the element is known to regulate the gene; it is known not to where this is False.
    """

    element: Interval
    gene: Gene
    regulates: bool

    @property
    def distal(self) -> bool:
        """Whether the element lies off the gene's own promoter, TSS - 1 kb to TSS + 1 kb."""
        return self.element.overlap(promoter(self.gene)) is None


@dataclass(frozen=True, slots=True)
class Truth:
    """What a run's scores are compared with.

    Attributes:
        pairs: Elements in reach of the genes of the run.
        complete: Whether every base outside the elements is known not to regulate, as in a simulation; in a
            screen nothing is known of what was not tested.
        elsewhere: Elements that regulate, but no gene of the run in reach: neither right nor wrong.
        rows: Rows of the file, to be told beside the pairs that are left of them.
    """

    pairs: tuple[Pair, ...]
    complete: bool
    elsewhere: tuple[Interval, ...]
    rows: int


def promoter(gene: Gene) -> Interval:
    """The promoter of a gene; the base at its TSS or the chromosome's first where that lies off it."""
    start = max(gene.tss - PROMOTER_REACH, 0)
    return Interval(gene.chrom, start, max(gene.tss + PROMOTER_REACH, start + 1))


def planted_truth(path: Path, windows: Sequence[Window], sizes: ChromSizes) -> Truth:
    """Reads the planted elements of a simulated genome (`truth.bed`).

    Every planted element in a gene's window is a pair: it regulates where the file gives it an effect on that
    very gene, and does not where it is a decoy or acts on other genes.

    Args:
        path: The file: `chrom`, `start`, `end`, `gene_id` and `effect`, one row an element and gene.
        windows: Windows of the genes of the run.
        sizes: Chromosomes of the genome.

    Raises:
        InputError: If it is not of that kind, or no element lies in a window.
    """
    table = read_table(path)
    genes = table.text(table.require(("gene_id",)))
    effects = table.numbers(table.require(("effect",)))
    elements = list(_elements(table, ("chrom", "start", "end"), sizes))
    acting: dict[Interval, set[str]] = {}
    for element, gene_id, effect in zip(elements, genes, effects, strict=True):
        if element is not None:
            acting.setdefault(element, set()).update({without_version(gene_id)} if abs(effect) > 0 else ())
    links = [Link(element, "", "", False) for element in sorted(acting)]
    pairs = tuple(
        Pair(link.element, window.gene, without_version(window.gene.id) in acting[link.element])
        for window, link in _in_reach(windows, links)
    )
    _refuse_none(path, pairs, len(elements), {_ELSEWHERE: sum(place is None for place in elements)})
    found = {pair.element for pair in pairs if pair.regulates}
    elsewhere = tuple(element for element, genes_of in acting.items() if genes_of and element not in found)
    return Truth(pairs, True, elsewhere, len(elements))


def crispr_truth(
    path: Path, windows: Sequence[Window], sizes: ChromSizes, cell_type: str | None = None
) -> Truth:
    """Reads the pairs of a CRISPRi benchmark in the format of EPCrisprBenchmark.

    Rows whose `ValidConnection` is not TRUE are left out, as its authors do; capitals do not count.

    Args:
        path: The table, plain or gzipped.
        windows: Windows of the genes of the run.
        sizes: Chromosomes of the genome.
        cell_type: Only rows of this `CellType`; must be given where the table has several.

    Raises:
        InputError: If a column is missing, a row that counts does not say whether its element regulates, or
            no pair is left.
    """
    table = read_table(path)
    valid, of_type = _valid(table), _of_cell_type(table, cell_type)
    elements = list(_elements(table, ("chrom", "chromStart", "chromEnd"), sizes))
    ids = _optional(table, "measuredGeneEnsemblId")
    symbols = table.text(table.require(("measuredGeneSymbol",)))
    regulated = table.require(("Regulated",))
    cells = table.text(regulated)
    links = [
        Link(element, without_version(ids[row]), symbols[row], _truth(table, row, regulated, cells[row]))
        for row, element in enumerate(elements)
        if valid[row] and of_type[row] and element is not None
    ]
    pairs = tuple(
        Pair(link.element, window.gene, link.regulates)
        for window, link in _in_reach(windows, links)
        if _names(link, window.gene)
    )
    rows = list(zip(valid, of_type, elements, strict=True))
    left_out = {
        "whose ValidConnection is not TRUE": valid.count(False),
        "of another cell type": sum(counts and not same for counts, same, _ in rows),
        _ELSEWHERE: sum(counts and same and place is None for counts, same, place in rows),
    }
    _refuse_none(path, pairs, len(elements), left_out)
    return Truth(pairs, False, (), len(elements))


def _names(link: Link, gene: Gene) -> bool:
    """Whether a link is of a gene: by id where both have Ensembl's, by symbol otherwise."""
    gene_id = without_version(gene.id)
    if link.gene_id.startswith("ENS") and gene_id.startswith("ENS"):
        return link.gene_id == gene_id
    return link.symbol in (gene.name, gene_id) or link.gene_id == gene_id


def _in_reach(windows: Sequence[Window], links: Sequence[Link]) -> Iterator[tuple[Window, Link]]:
    """Windows with the links whose element has its middle in them."""
    by_chrom: dict[str, list[Link]] = {}
    for link in links:
        by_chrom.setdefault(link.element.chrom, []).append(link)
    for window in windows:
        for link in by_chrom.get(window.inside.chrom, ()):
            if window.inside.contains((link.element.start + link.element.end) // 2):
                yield window, link


def _elements(table: Table, columns: tuple[str, str, str], sizes: ChromSizes) -> Iterator[Interval | None]:
    """The interval of each row; None where the genome lacks its chromosome."""
    cells = [table.text(table.require((column,))) for column in columns]
    for line, name, start, end in zip(table.lines, *cells, strict=True):
        chrom = sizes.resolve(name)
        try:
            yield None if chrom is None else Interval(chrom, int(start), min(int(end), sizes[chrom]))
        except ValueError as error:
            raise bad_line(table.path, line, str(error)) from error


def _valid(table: Table) -> list[bool]:
    """Which rows the authors count as valid connections; all where the table does not say."""
    column = table.find(("ValidConnection",))
    if column is None:
        return [True] * len(table.rows)
    return [cell.casefold() in _TRUE for cell in table.text(column)]


def _of_cell_type(table: Table, cell_type: str | None) -> list[bool]:
    """Which rows are of the cell type."""
    kinds = _optional(table, "CellType")
    present = sorted(set(kinds))
    if cell_type is None and len(present) > 1:
        raise InputError(
            f"{table.path}: pairs of several cell types ({', '.join(present)}); choose one with --cell-type"
        )
    if cell_type is not None and cell_type not in present:
        raise InputError(f"{table.path}: no pair of cell type {cell_type}; it has {', '.join(present)}")
    return [cell_type in (None, kind) for kind in kinds]


def _optional(table: Table, column: str) -> list[str]:
    """The cells of a column; empty ones where the table lacks it."""
    found = table.find((column,))
    return table.text(found) if found else [""] * len(table.rows)


def _truth(table: Table, row: int, column: str, cell: str) -> bool:
    """Whether the element of a row regulates."""
    if cell.casefold() not in _TRUE | _FALSE:
        raise bad_line(table.path, table.lines[row], f"{column} is {cell!r}, neither TRUE nor FALSE")
    return cell.casefold() in _TRUE


def _refuse_none(path: Path, pairs: Sequence[Pair], rows: int, left_out: Mapping[str, int]) -> None:
    """Refuses a file without a pair, and tells how many rows were left out and why."""
    if pairs:
        return
    told = ", ".join(f"{count:,} {why}" for why, count in left_out.items() if count)
    raise InputError(
        f"{path}: none of its {rows:,} rows is an element in the window of a gene of the run"
        f"{f' (left out: {told})' if told else ''}; is it of the same genome, and were its genes scored?"
    )
