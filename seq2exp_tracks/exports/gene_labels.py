"""Draws TSSs as bent arrows with names that do not run into each other."""

from matplotlib.axes import Axes

from seq2exp_tracks.exports.picture import GenePanel
from seq2exp_tracks.genome import Gene, Strand
from seq2exp_tracks.palette import FAINT, INK

ROWS = 4  # rows of names at most; a gene for which there is no room stays without a name
ROW, FOOT = 0.17, 0.22  # height of a row, and of the arrows below the last, in inches
# As fractions of the picture's width.
ARROW = 0.012
LETTER = 0.0082  # width of a letter of a name
GAP = 0.012  # between two names

_FOCUS, _OTHER = 8.5, 7.5  # size of letters in points


def panel_height(panel: GenePanel, limits: tuple[int, int]) -> float:
    """Height of a panel of genes in inches: as many rows as its names need."""
    return FOOT + ROW * _count_rows(place_names(panel, limits))


def draw_genes(axis: Axes, panel: GenePanel, limits: tuple[int, int]) -> None:
    """Draws an arrow at each TSS, pointing where the gene is read, and its name beside it."""
    axis.spines["bottom"].set_visible(False)
    width = limits[1] - limits[0]
    rows = place_names(panel, limits)
    count = _count_rows(rows)
    axis.set_ylim(-FOOT / ROW, count)
    for gene in panel.genes:
        focus = gene.id == panel.focus
        forward = 1 if gene.strand is Strand.PLUS else -1
        colour, weight = (INK, 1.5) if focus else (FAINT, 1.0)
        row = rows.get(gene.id)
        height = (0 if row is None else count - row - 1) + 0.4
        tip = gene.tss + forward * ARROW * width
        axis.plot(
            [gene.tss, gene.tss], [-FOOT / ROW, height], color=colour, linewidth=weight, solid_capstyle="butt"
        )
        arrow = {"arrowstyle": "-|>,head_width=0.18,head_length=0.32", "color": colour, "linewidth": weight}
        axis.annotate("", (tip, height), (gene.tss, height), arrowprops=arrow | {"shrinkA": 0, "shrinkB": 0})
        if row is not None:
            axis.annotate(
                gene.name,
                (tip, height),
                (3 * forward, 0),
                textcoords="offset points",
                ha="left" if forward > 0 else "right",
                va="center",
                fontsize=_FOCUS if focus else _OTHER,
                fontweight="bold" if focus else "normal",
                color=colour,
            )


def place_names(panel: GenePanel, limits: tuple[int, int]) -> dict[str, int]:
    """The row of each gene's name, from the top, by gene id; a name without room is left out.

    The gene in focus is placed first, then the others from the left, each in the first row where it fits.
    """
    taken: list[list[tuple[float, float]]] = [[] for _ in range(ROWS)]
    rows: dict[str, int] = {}
    for gene in sorted(panel.genes, key=lambda gene: (gene.id != panel.focus, gene.tss, gene.id)):
        low, high = _extent(gene, limits[1] - limits[0])
        for row, names in enumerate(taken):
            if all(high < start or low > end for start, end in names):
                names.append((low, high))
                rows[gene.id] = row
                break
    return rows


def _extent(gene: Gene, width: int) -> tuple[float, float]:
    """Bases that an arrow with its name covers in a picture of so many bases, with the gap to the next."""
    length = (ARROW + LETTER * len(gene.name) + GAP) * width
    return (gene.tss, gene.tss + length) if gene.strand is Strand.PLUS else (gene.tss - length, gene.tss)


def _count_rows(rows: dict[str, int]) -> int:
    return max(rows.values(), default=0) + 1
