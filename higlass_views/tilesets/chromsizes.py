"""The chromosomes themselves: what the labels along the axis and the search for places are drawn from."""

from typing import Any, ClassVar

from higlass_views.tilesets.axis import GenomeAxis
from higlass_views.tilesets.tileset import GenomeTileset, TileId


class ChromSizesTiles(GenomeTileset):
    """Names and lengths of the chromosomes.

    Args:
        axis: The axis of the run.
        name: Title shown to people.
    """

    datatype: ClassVar[str] = "chromsizes"

    def __init__(self, axis: GenomeAxis, name: str = "Chromosomes") -> None:
        super().__init__(axis, name)

    def tile(self, place: TileId) -> list[Any]:
        """An empty tile: everything is in `info`."""
        return []

    def tsv(self) -> str:
        """One line a chromosome, name and length between tabs, as HiGlass' `chrom-sizes` address sends it."""
        return "".join(f"{name}\t{length}\n" for name, length in self.axis.sizes.items())
