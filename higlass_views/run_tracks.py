"""The tracks of one run as its views show them: which tilesets, under which titles."""

from collections.abc import Sequence
from dataclasses import dataclass

from higlass_views.catalog import Catalog
from higlass_views.shown_run import ShownRun
from higlass_views.tracks import Caption, DrawnTrack, Pen
from seq2exp_tracks.palette import MEASURED, PREDICTED
from seq2exp_tracks.run_reader import ScoredGene

PREDICTED_UNIT = "log10(1 + CAGE)"


@dataclass(frozen=True, slots=True)
class RunTracks:
    """Draws the tracks of a run; what the run did not write or cannot show any more is no track.

    Attributes:
        catalog: The tilesets of the page.
        pen: Draws them.
        index: Which run of the page.
    """

    catalog: Catalog
    pen: Pen
    index: int

    @property
    def shown(self) -> ShownRun:
        """The run."""
        return self.catalog.runs[self.index]

    def signals(self) -> dict[str, DrawnTrack]:
        """Every signal that the model read and that is still there, by name."""
        names = self.shown.inputs.signals
        return {
            name: self.pen.signal(f"r{self.index}-signal{place}", name, self._title(name))
            for place, name in enumerate(names)
        }

    def contact(self, gene: ScoredGene) -> list[DrawnTrack]:
        """Contact with a gene's TSS."""
        uid = self.catalog.uid_of_gene(self.index, gene.gene.id, "contact")
        title = self._title(f"Hi-C contact with the TSS of {gene.gene.name}")
        return [self.pen.contact(uid, title)] if uid else []

    def contact_map(self) -> list[DrawnTrack]:
        """The Hi-C map."""
        uid = self._uid("map")
        # The tileset's own name, which says from which zoom on the file has no contacts.
        return [self.pen.contact_map(uid, self._title(self.catalog.tileset(uid).name))] if uid else []

    def mask(self, gene: ScoredGene | None) -> list[DrawnTrack]:
        """The learned mask: a gene's own where it was written, else merged over genes, and labelled so."""
        if gene is not None and (own := self.catalog.uid_of_gene(self.index, gene.gene.id, "mask")):
            band = (self._of_gene(gene, "upper"), self._of_gene(gene, "lower"))
            return [self._mask(own, band, f"Learned mask in the window of {gene.gene.name}")]
        merged = self._uid("mask")
        if merged is None:
            return []
        rule = self.shown.run.manifest.merge
        band = (self._uid("upper"), self._uid("lower"))
        return [self._mask(merged, band, f"Learned mask, merged over genes by {rule}")]

    def applied(self) -> list[DrawnTrack]:
        """The mask that the predictor saw, merged over genes."""
        uid = self._uid("applied")
        rule = self.shown.run.manifest.merge
        title = self._title(f"Mask that the predictor saw, merged over genes by {rule}")
        return [self.pen.applied(uid, title)] if uid else []

    def elements(self, gene: ScoredGene | None) -> list[DrawnTrack]:
        """Called elements, of one gene or of all."""
        promoters, distal = (self._calls(gene, name) for name in ("promoters", "distal"))
        if promoters is None or distal is None:
            return []
        return [self.pen.elements(promoters, distal, self._title(f"Elements {_whose(gene)}"))]

    def links(self, gene: ScoredGene | None) -> list[DrawnTrack]:
        """Arcs from elements to genes, of one gene or of all."""
        uid = self._calls(gene, "links")
        return [self.pen.links(uid, self._title(f"Links {_whose(gene)}"))] if uid else []

    def expression(self) -> list[DrawnTrack]:
        """Predicted expression at every TSS, and what was measured where labels were given."""
        captions = {
            "predicted": Caption(self._title("Predicted expression"), PREDICTED, PREDICTED_UNIT),
            "measured": Caption(self._title("Measured expression"), MEASURED, measured_unit(self.shown)),
        }
        scored = [each for shown in self.catalog.runs for each in shown.run.genes.values()]
        values = {
            "predicted": [each.expression for each in scored],
            "measured": [each.measured for each in scored if each.measured is not None],
        }
        return [
            self.pen.expression(uid, caption, _scale_of(values[name]))
            for name, caption in captions.items()
            if (uid := self._uid(name))
        ]

    def _mask(self, uid: str, band: tuple[str | None, str | None], title: str) -> DrawnTrack:
        upper, lower = band
        return self.pen.mask(uid, (upper, lower) if upper and lower else None, self._title(title))

    def _uid(self, name: str) -> str | None:
        uid = f"r{self.index}-{name}"
        return uid if uid in self.catalog.uids else None

    def _of_gene(self, gene: ScoredGene, name: str) -> str | None:
        return self.catalog.uid_of_gene(self.index, gene.gene.id, name)

    def _calls(self, gene: ScoredGene | None, name: str) -> str | None:
        return self._uid(name) if gene is None else self._of_gene(gene, name)

    def _title(self, title: str) -> str:
        """A title that also names the run where the page shows several."""
        return title if len(self.catalog.runs) == 1 else f"{self.shown.name}: {title}"


def _scale_of(values: Sequence[float]) -> tuple[float, float]:
    """A scale that holds 0 and all values of all runs, with some room, so that no point is cut."""
    low, high = min([0.0, *values]), max([0.0, *values])
    room = max(high - low, 0.1) / 10
    return low - room, high + room


def measured_unit(shown: ShownRun) -> str:
    """What is known of the unit of measured expression: the name of the labels' column."""
    return str(shown.run.manifest.settings.get("label_column") or "as in the labels")


def _whose(gene: ScoredGene | None) -> str:
    return f"of {gene.gene.name}" if gene else "of all genes"
