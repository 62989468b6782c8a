"""Tilesets of HiGlass: what a run wrote and what stands beside it, cut into tiles of one axis."""

from higlass_views.tilesets.axis import BINS_PER_TILE, GenomeAxis
from higlass_views.tilesets.band import BandTiles
from higlass_views.tilesets.bigwig import BigWigTiles
from higlass_views.tilesets.chromsizes import ChromSizesTiles
from higlass_views.tilesets.contact_map import ContactMapTiles
from higlass_views.tilesets.contact_profile import ContactProfileTiles
from higlass_views.tilesets.dense import Aggregation
from higlass_views.tilesets.difference import DifferenceTiles
from higlass_views.tilesets.elements import ElementTiles
from higlass_views.tilesets.genes import GeneTiles
from higlass_views.tilesets.links import LinkTiles
from higlass_views.tilesets.points import PointTiles
from higlass_views.tilesets.tileset import BadTileId, GenomeTileset

__all__ = [
    "BINS_PER_TILE",
    "Aggregation",
    "BadTileId",
    "BandTiles",
    "BigWigTiles",
    "ChromSizesTiles",
    "ContactMapTiles",
    "ContactProfileTiles",
    "DifferenceTiles",
    "ElementTiles",
    "GeneTiles",
    "GenomeAxis",
    "GenomeTileset",
    "LinkTiles",
    "PointTiles",
]
