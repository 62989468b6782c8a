"""The tilesets of one run: by name, those of the whole run and those of a gene's own window."""

import threading
from collections.abc import Callable
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from higlass_views.shown_run import ShownRun
from higlass_views.tilesets import (
    BandTiles,
    BigWigTiles,
    ContactProfileTiles,
    ElementTiles,
    GenomeAxis,
    GenomeTileset,
    LinkTiles,
    PointTiles,
)
from higlass_views.tilesets.contact_map import ContactMapTiles
from seq2exp_tracks.io.contact_files import TRAINED_NORMALIZATION
from seq2exp_tracks.io.contact_maps import READING
from seq2exp_tracks.io.contacts import Contacts

Make = Callable[[], GenomeTileset]

CLASSES = {"promoters": "promoter", "distal": "distal"}
"""Tilesets of elements, by the class of element that each holds."""


class RunTilesets:
    """Makes the tilesets of a run, each when it is asked for.

    Args:
        shown: The run.
        axis: The axis of the page.
    """

    def __init__(self, shown: ShownRun, axis: GenomeAxis) -> None:
        self._shown = shown
        self._axis = axis
        self._opening_contacts = threading.Lock()
        self._contacts: Contacts | None = None

    def of_run(self) -> dict[str, Make]:
        """What makes each tileset of all genes, by name."""
        shown, inputs = self._shown, self._shown.inputs
        made: dict[str, Make] = self._masks(None)
        if shown.run.track("mask.applied") is not None:
            made["applied"] = lambda: self._bigwig("mask.applied", "Applied mask", None)
        for index, (name, path) in enumerate(inputs.signals.items()):
            made[f"signal{index}"] = partial(BigWigTiles, path, self._axis, name)
        if (contacts := inputs.contact_map) is not None:
            title = f"Hi-C map, {self._normalization}"
            made["map"] = partial(ContactMapTiles, contacts, self._axis, self._normalization, title)
        made["predicted"] = lambda: self._points("expression", "Predicted expression")
        if shown.labelled:
            made["measured"] = lambda: self._points("measured", "Measured expression")
        return made | self._calls(None)

    def of_gene(self, gene_id: str) -> dict[str, Make]:
        """What makes each tileset of one gene's window, by name."""
        made = self._masks(gene_id) | self._calls(gene_id)
        if self._shown.inputs.contacts is not None:
            made["contact"] = lambda: self._contact(gene_id)
        return made

    @property
    def _normalization(self) -> str:
        return str(self._shown.run.manifest.settings.get("contacts") or TRAINED_NORMALIZATION)

    def _masks(self, gene_id: str | None) -> dict[str, Make]:
        """The learned mask and its band, as far as they were written."""
        run = self._shown.run
        mask, sd = run.track("mask", gene_id), run.track("mask.sd", gene_id)
        if mask is None:
            return {}
        made: dict[str, Make] = {"mask": lambda: self._bigwig("mask", "Learned mask", gene_id)}
        if sd is not None:
            paths = run.folder / mask.path, run.folder / sd.path
            made["upper"] = lambda: BandTiles(*paths, 1, self._axis, "Learned mask + sd")
            made["lower"] = lambda: BandTiles(*paths, -1, self._axis, "Learned mask - sd")
        return made

    def _calls(self, gene_id: str | None) -> dict[str, Make]:
        """The called elements of each class, and the links."""
        made: dict[str, Make] = {name: partial(self._elements, name, gene_id) for name in CLASSES}
        made["links"] = lambda: LinkTiles(self._rows(self._shown.links, gene_id), self._axis, "Links")
        return made

    def _bigwig(self, track: str, title: str, gene_id: str | None) -> BigWigTiles:
        entry = self._shown.run.track(track, gene_id)
        assert entry is not None  # only tracks that were written are offered
        return BigWigTiles(self._shown.run.folder / entry.path, self._axis, title)

    def _points(self, column: str, title: str) -> PointTiles:
        """One value at each TSS; genes without a value are left out."""
        table = self._shown.gene_table.filter(~pc.field(column).is_null())
        sizes = self._axis.sizes
        # A TSS off its chromosome would be drawn on a neighbour.
        rows = [row for row in table.to_pylist() if 0 <= row["tss"] < sizes[row["chrom"]]]
        places = [self._axis.offset(row["chrom"]) + row["tss"] for row in rows]
        values = [row[column] for row in rows]
        return PointTiles(np.array(places, np.int64), np.array(values, float), self._axis, title)

    def _elements(self, name: str, gene_id: str | None) -> ElementTiles:
        kind = CLASSES[name]
        table = self._rows(self._shown.elements, gene_id).filter(pc.field("class") == kind)
        # The strand is the gene's; HiGlass would draw each element as an arrow.
        strand = table.column_names.index("strand")
        table = table.set_column(strand, "strand", pa.array(["."] * len(table)))
        return ElementTiles(table, self._axis, f"Elements: {kind}")

    def _rows(self, table: pa.Table, gene_id: str | None) -> pa.Table:
        return table if gene_id is None else self._shown.of_gene(table, gene_id)

    def _contact(self, gene_id: str) -> ContactProfileTiles:
        """Contact with a gene's TSS, computed as the model was given it."""
        gene = self._shown.run.genes[gene_id].gene
        window = self._shown.window(gene)
        with self._opening_contacts:
            if self._contacts is None:
                path = self._shown.inputs.contacts
                assert path is not None  # only offered where there is one
                with READING:
                    self._contacts = Contacts(path, self._axis.sizes, normalization=self._normalization)
            title = f"Hi-C contact with {gene.name}"
            return ContactProfileTiles(gene, window, self._contacts, self._axis, title)
