"""The views of a page: a gene's window, a region, the whole genome, and runs side by side."""

from dataclasses import dataclass, field
from itertools import zip_longest

from higlass_views.catalog import CHROMOSOMES, GENES, Catalog
from higlass_views.column import Column, PageView, over_http
from higlass_views.run_tracks import PREDICTED_UNIT, RunTracks, measured_unit
from higlass_views.shown_run import find_gene
from higlass_views.tracks import DrawnTrack, Pen
from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import Interval
from seq2exp_tracks.run_reader import ScoredGene

MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True, slots=True)
class Views:
    """Makes the views of a page.

    Attributes:
        catalog: The tilesets of the page.
        pen: Draws them.
        searchable: Whether HiGlass' own search for places can reach the page's server.
    """

    catalog: Catalog
    pen: Pen = field(default_factory=lambda: Pen(over_http))
    searchable: bool = True

    def gene(self, name: str) -> PageView:
        """The window of one gene: what the model read of it, what it learned, what was called.

        Raises:
            InputError: If no run has such a gene.
        """
        scored = find_gene(self.catalog.runs, name)
        run = next(run for run in self._runs() if scored.gene.id in run.shown.ranks)
        drawn = [
            *self._axis(),
            *run.signals().values(),
            *run.contact(scored),
            *run.contact_map(),
            *run.mask(scored),
            *(run.applied() if run.shown.run.manifest.model.setting == "hard" else ()),
            *run.elements(scored),
            *run.links(scored),
            *run.expression(),
        ]
        return self._column.view(
            "gene",
            drawn,
            title=scored.gene.name,
            subtitle=_about(run, scored),
            place=run.shown.window(scored.gene).inside,
            gene=scored.gene,
        )

    def region(self, interval: Interval) -> PageView:
        """A stretch of the genome with what is known of all its genes.

        Raises:
            InputError: If it lies off the genome.
        """
        self._check(interval)
        drawn = self._axis()
        for run in self._runs():
            drawn += [*run.signals().values(), *run.contact_map(), *run.mask(None), *run.applied()]
            drawn += [*run.elements(None), *run.links(None), *run.expression()]
        genes = {gene.id for run in self._runs() for gene in run.shown.run.genes_in(interval)}
        subtitle = f"{len(genes):,} scored genes have their TSS in {interval}"
        return self._column.view("region", drawn, title="Region", subtitle=subtitle, place=interval)

    def genome(self) -> PageView:
        """The whole genome: the largest value of each bin, so that no peak is lost."""
        drawn = self._axis()
        for run in self._runs():
            drawn += [*run.signals().values(), *run.mask(None), *run.applied()]
            drawn += [*run.elements(None), *run.expression()]
        axis = self.catalog.axis
        return self._column.view(
            "genome",
            drawn,
            title=f"Genome {self.catalog.runs[0].run.manifest.genome}",
            subtitle=f"{axis.length:,} bp, chromosomes: {len(axis.sizes):,}",
        )

    def compare(self, gene: str | None = None, region: Interval | None = None) -> PageView:
        """Two or more runs, the same track of each below the other, and the difference of the first two.

        All tracks lie in one HiGlass view, so that they cannot be moved against each other; signals of one
        name share their scale, masks and expression have a fixed one.

        Args:
            gene: The gene whose own masks are shown and where it opens.
            region: Where it opens; masks are merged. Without either the whole genome.

        Raises:
            InputError: If there is one run only, no such gene, or the region lies off the genome.
        """
        if len(self.catalog.runs) < 2:
            raise InputError("a comparison needs two runs; name both after `view`")
        scored = find_gene(self.catalog.runs, gene) if gene else None
        place = self._window(scored) if scored else region
        if place:
            self._check(place)
        runs = self._runs()
        signals = [run.signals() for run in runs]
        by_name = [
            [tracks[name] for tracks in signals if name in tracks]
            for name in dict.fromkeys(name for tracks in signals for name in tracks)
        ]
        contacts = [track for run in runs for track in (run.contact(scored) if scored else ())]
        drawn = [
            *self._axis(),
            *(track for group in by_name for track in group),
            *contacts,
            *(track for run in runs for track in run.mask(scored)),
            *self._difference(scored),
            *(track for run in runs for track in run.elements(scored)),
            *(track for kind in zip_longest(*(run.expression() for run in runs)) for track in kind if track),
        ]
        return self._column.view(
            "compare",
            drawn,
            title=" against ".join(run.shown.name for run in runs),
            subtitle=f"at {scored.gene.name}" if scored else str(place or "the whole genome"),
            place=place,
            gene=scored.gene if scored else None,
            scales=[group for group in (*by_name, contacts) if len(group) > 1],
        )

    @property
    def _column(self) -> Column:
        return Column(self.catalog.axis, self.searchable)

    def _runs(self) -> list[RunTracks]:
        return [RunTracks(self.catalog, self.pen, index) for index in range(len(self.catalog.runs))]

    def _axis(self) -> list[DrawnTrack]:
        title = "Genes" if self.catalog.annotation else "Scored genes (no annotation)"
        return [self.pen.chromosomes(CHROMOSOMES), self.pen.genes(GENES, title)]

    def _difference(self, scored: ScoredGene | None) -> list[DrawnTrack]:
        """The difference of the first two runs: of the gene's own masks, else of the merged ones."""
        own = self.catalog.uid_of_difference(scored.gene.id) if scored else None
        uid = own or self.catalog.uid_of_difference(None)
        first, second = (shown.name for shown in self.catalog.runs[:2])
        whose = f"in the window of {scored.gene.name}" if own and scored else "merged over genes"
        title = f"Learned mask of {first} less {second}, {whose}"
        return [self.pen.difference(uid, title, (first, second))] if uid else []

    def _window(self, scored: ScoredGene) -> Interval:
        shown = next(shown for shown in self.catalog.runs if scored.gene.id in shown.ranks)
        return shown.window(scored.gene).inside

    def _check(self, interval: Interval) -> None:
        length = self.catalog.axis.sizes.get(interval.chrom, 0)
        if interval.end > length:
            raise InputError(f"{interval}: not on the genome, whose {interval.chrom} has {length:,} bp")


def _about(run: RunTracks, scored: ScoredGene) -> str:
    """Expression, id and strand of a gene in one line."""
    gene = scored.gene
    parts = [f"predicted {scored.expression:.2f} {PREDICTED_UNIT}".replace("-", MINUS)]
    if scored.measured is not None:
        parts.append(f"measured {scored.measured:.2f} ({measured_unit(run.shown)})")
    parts += [gene.id, f"TSS {gene.chrom}:{gene.tss + 1:,}", f"{str(gene.strand).replace('-', MINUS)} strand"]
    return " · ".join(parts)
