"""Genes with their exons as HiGlass' gene tracks draw them, and the search for a gene by name."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from higlass_views.tilesets.axis import GenomeAxis
from higlass_views.tilesets.items import ItemIndex
from higlass_views.tilesets.tileset import GenomeTileset, TileId
from seq2exp_tracks.genome import Gene
from seq2exp_tracks.io.genes import ALL_GENE_TYPES, read_genes

MOST_GENES = 50


class GeneTiles(GenomeTileset):
    """Genes."""

    datatype: ClassVar[str] = "gene-annotation"

    def __init__(self, genes: str | Path | Iterable[Gene], axis: GenomeAxis, name: str) -> None:
        super().__init__(axis, name)
        if isinstance(genes, (str, Path)):
            genes = read_genes(genes, axis.sizes, gene_types=ALL_GENE_TYPES)
        self._genes = list(genes)
        starts = np.array([axis.offset(g.chrom) + g.tss for g in self._genes], np.int64)
        self._index = ItemIndex.of(starts, starts + 1, np.zeros(len(starts)))

    def tile(self, place: TileId) -> list[dict[str, Any]]:
        width = self.axis.tile_width(place.zoom)
        start = place.places[0] * width
        items = []
        for row in self._index.foremost(start, start + width, MOST_GENES).tolist():
            gene, offset = self._genes[row], self.axis.offset(self._genes[row].chrom)
            begin, end = gene.tss, gene.tss + 1
            items.append(
                {
                    "uid": str(row),
                    "xStart": offset + begin,
                    "xEnd": offset + end,
                    "chrOffset": offset,
                    "importance": 1.0,
                    "fields": [
                        gene.chrom,
                        str(begin),
                        str(end),
                        gene.name,
                        "1",
                        gene.strand.value,
                        gene.id,
                        gene.id,
                        "",
                        "",
                        str(begin),
                        str(end),
                        str(begin),
                        str(end),
                    ],
                }
            )
        return items

    def search(self, text: str, limit: int = 10) -> list[dict[str, Any]]:
        found = [g for g in self._genes if text.casefold() in g.name.casefold()]
        found.sort(key=lambda g: not g.name.casefold().startswith(text.casefold()))
        return [
            {"chr": g.chrom, "txStart": g.tss, "txEnd": g.tss + 1, "score": 1.0, "geneName": g.name}
            for g in found[:limit]
        ]
