"""Picture: what a drawing of a stretch of genome holds, panel by panel. No file, no matplotlib."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Shaped

from seq2exp_tracks.genome import Gene


@dataclass(frozen=True, slots=True, eq=False)
class CurvePanel:
    """Values along the genome.

    Attributes:
        label: Name of the track.
        unit: Unit of the values, shown below the name.
        colour: Colour of the curve.
        values: One value for each base of the picture, NaN where there is none; None where the track cannot
            be shown at all.
        message: Shown in the place of a track that cannot be shown.
        spread: Standard deviation of the values, drawn as a band; None for no band.
        ceiling: Top of the axis; None to take the greatest value.
        hatched: Whether bases without a value are marked as not scored.
        height: Height in inches.
    """

    label: str
    unit: str
    colour: str
    values: Shaped[np.ndarray, " bases"] | None
    message: str = ""
    spread: Shaped[np.ndarray, " bases"] | None = None
    ceiling: float | None = None
    hatched: bool = False
    height: float = 0.72


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of a panel of elements.

    Attributes:
        start: First base, 0-based.
        end: One past the last base.
        kind: Name of its kind, a key of the panel's colours.
        faint: Whether it stands back, such as an element of another gene.
    """

    start: int
    end: int
    kind: str
    faint: bool = False


@dataclass(frozen=True, slots=True)
class BlockPanel:
    """Elements along the genome.

    Attributes:
        label: Name of the panel.
        unit: Shown below the name.
        blocks: The elements.
        colours: Colour of each kind, in the order of the legend.
        hollow: Kinds that are drawn as an outline.
        message: Shown where there are no blocks.
        height: Height in inches.
    """

    label: str
    unit: str
    blocks: tuple[Block, ...]
    colours: dict[str, str]
    hollow: tuple[str, ...] = ()
    message: str = ""
    height: float = 0.42


@dataclass(frozen=True, slots=True)
class GenePanel:
    """TSSs along the genome.

    Attributes:
        label: Name of the panel.
        unit: Shown below the name.
        genes: The genes.
        focus: Id of the gene that the picture is of; None for a picture of a place.
    """

    label: str
    unit: str
    genes: tuple[Gene, ...]
    focus: str | None


Panel = CurvePanel | BlockPanel | GenePanel


@dataclass(frozen=True, slots=True)
class Picture:
    """A stretch of genome with its panels, from the top.

    Attributes:
        title: First line, large.
        subtitle: Lines below it.
        chrom: Chromosome.
        chrom_length: Its length in bp.
        start: First base shown, 0-based; negative where the picture begins before the chromosome.
        end: One past the last base shown; it may lie beyond the chromosome.
        tss: Base marked in all panels, or None.
        panels: The panels.
    """

    title: str
    subtitle: Sequence[str]
    chrom: str
    chrom_length: int
    start: int
    end: int
    tss: int | None
    panels: tuple[Panel, ...]

    @property
    def beyond(self) -> list[tuple[int, int]]:
        """The stretches of the picture that lie off the chromosome."""
        ends = [(self.start, min(0, self.end)), (max(self.chrom_length, self.start), self.end)]
        return [(start, end) for start, end in ends if end > start]

    @property
    def hatched(self) -> bool:
        """Whether a stretch of some panel is marked as not scored."""
        curves = [panel for panel in self.panels if isinstance(panel, CurvePanel) and panel.hatched]
        return bool(self.beyond) or any(
            panel.values is not None and np.isnan(panel.values).any() for panel in curves
        )
