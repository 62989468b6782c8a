"""Genes with their exons as HiGlass' gene tracks draw them."""

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from jaxtyping import Float64

from higlass_views.tilesets.axis import GenomeAxis
from higlass_views.tilesets.gene_search import GeneSearch
from higlass_views.tilesets.items import ItemIndex
from higlass_views.tilesets.rows import Places, numbers, whole
from higlass_views.tilesets.tileset import GenomeTileset, TileId
from seq2exp_tracks.genome import Gene
from seq2exp_tracks.io.gene_models import GENE_MODEL_COLUMNS, read_gene_models

MOST_GENES = 50
"""Genes of a tile: as many as the client draws."""

# What is shown first where not all fit: the genes asked for, then genes that are translated.
_FOREMOST, _TRANSLATED, _LISTED = 2.0, 1.0, 0.0
_LONGEST = 1e8


class GeneTiles(GenomeTileset):
    """Genes of an annotation, or of a run where no annotation is at hand.

    Where a tile has too many genes, those in `foremost` are shown first, then those that are translated, and
    of equals the ones with the most exonic bases.

    Args:
        genes: GTF, GFF3 or BED; or genes that are no more than a TSS, such as those of a run.
        axis: The axis of the run.
        name: Title shown to people.
        foremost: Ids or names of genes to show before all others, such as those that were scored.
        most: Most genes of a tile.

    Raises:
        InputError: If the file cannot be read or does not fit the genome.
    """

    datatype: ClassVar[str] = "gene-annotation"

    def __init__(
        self,
        genes: str | Path | Iterable[Gene],
        axis: GenomeAxis,
        name: str,
        foremost: Collection[str] = (),
        most: int = MOST_GENES,
    ) -> None:
        super().__init__(axis, name)
        if isinstance(genes, (str, Path)):
            self._models = read_gene_models(genes, axis.sizes)
        else:
            self._models = _of_tss(genes, axis)
        self._most = most
        self._offsets = Places.of(self._models, axis, name).offsets
        self._importance = _importance(self._models, frozenset(foremost))
        starts, ends = (self._offsets + whole(self._models[column]) for column in ("start", "end"))
        self._index = ItemIndex.of(starts, ends, self._importance)
        names, ids = (self._models[column].to_pylist() for column in ("name", "gene_id"))
        self._search = GeneSearch(names, ids, self._importance)

    def tile(self, place: TileId) -> list[dict[str, Any]]:
        """The genes that touch a tile."""
        width = self.axis.tile_width(place.zoom)
        start = place.places[0] * width
        rows = self._index.foremost(start, start + width, self._most)
        return [
            self._item(row, record)
            for row, record in zip(rows.tolist(), self._models.take(rows).to_pylist(), strict=True)
        ]

    def search(self, text: str, limit: int = 10) -> list[dict[str, Any]]:
        """Genes by their name or id, upper and lower case alike, as HiGlass' `suggest` address lists them.

        Genes of that very name or id come first, then names that begin with the text, then those that hold
        it; among these the most important first.

        Args:
            text: What to look for; nothing is found for an empty text.
            limit: Most genes to return.
        """
        rows = self._search.rows(text, limit)
        found = self._models.take(pa.array(rows, pa.int64()))
        return [
            {
                "chr": gene["chrom"],
                "txStart": gene["start"],
                "txEnd": gene["end"],
                "score": float(self._importance[row]),
                "geneName": gene["name"],
            }
            for row, gene in zip(rows, found.to_pylist(), strict=True)
        ]

    def _item(self, row: int, gene: dict[str, Any]) -> dict[str, Any]:
        """A gene as the client wants it: columns of UCSC's refGene tables, and exons as lists in text."""
        offset = int(self._offsets[row])
        importance = round(float(self._importance[row]), 4)
        fields = [gene["chrom"], gene["start"], gene["end"], gene["name"], importance, gene["strand"]]
        fields += [gene["gene_id"], gene["gene_id"], gene["gene_type"] or "", ""]
        fields += [gene["thick_start"], gene["thick_end"]]
        fields += [",".join(map(str, gene[column])) for column in ("exon_starts", "exon_ends")]
        return {
            "uid": str(row),
            "xStart": offset + gene["start"],
            "xEnd": offset + gene["end"],
            "chrOffset": offset,
            "importance": importance,
            "fields": [str(field) for field in fields],
        }


def _importance(models: pa.Table, foremost: frozenset[str]) -> Float64[np.ndarray, " genes"]:
    """The class of each gene, and within it a fraction that grows with the exonic bases."""
    names = zip(models["gene_id"].to_pylist(), models["name"].to_pylist(), strict=True)
    wanted = np.array([not foremost.isdisjoint(pair) for pair in names], bool)
    translated = numbers(models["thick_end"]) > numbers(models["thick_start"])
    translated |= np.array([kind == "protein_coding" for kind in models["gene_type"].to_pylist()], bool)
    classes = np.where(wanted, _FOREMOST, np.where(translated, _TRANSLATED, _LISTED))
    starts, ends = models["exon_starts"].combine_chunks(), models["exon_ends"].combine_chunks()
    lengths = ends.flatten().to_numpy() - starts.flatten().to_numpy()
    reach = np.concatenate([[0], np.cumsum(lengths)])
    exonic = reach[starts.offsets.to_numpy()[1:]] - reach[starts.offsets.to_numpy()[:-1]]
    importance: Float64[np.ndarray, " genes"] = classes + np.log1p(exonic) / np.log(_LONGEST)
    return importance


def _of_tss(genes: Iterable[Gene], axis: GenomeAxis) -> pa.Table:
    """Genes of which no more than the TSS is known; one off its chromosome cannot be shown."""
    on_chromosome = [gene for gene in genes if 0 <= gene.tss < axis.sizes.get(gene.chrom, 0)]
    rows = [
        {
            "gene_id": gene.id,
            "name": gene.name,
            "gene_type": None,
            "chrom": gene.chrom,
            "start": gene.tss,
            "end": gene.tss + 1,
            "strand": gene.strand.value,
            "thick_start": gene.tss,
            "thick_end": gene.tss,
            "exon_starts": [gene.tss],
            "exon_ends": [gene.tss + 1],
        }
        for gene in on_chromosome
    ]
    return pa.Table.from_pylist(rows, pa.schema(list(GENE_MODEL_COLUMNS.items())))
