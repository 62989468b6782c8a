"""A page: the runs that it shows and what it opens with. The one way in for the command and for notebooks."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from higlass_views.catalog import Catalog
from higlass_views.checking import Unwatched, Watcher
from higlass_views.column import PageView
from higlass_views.page_data import Start, choose_start
from higlass_views.shown_run import missing_inputs, open_runs
from higlass_views.views import Views
from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes, Interval
from seq2exp_tracks.io.genes import parse_region
from seq2exp_tracks.io.writing import writing

# A place that goes on to another chromosome: chr1:248,000,000-chr2:500,000.
_ACROSS = re.compile(r"(?P<chrom>.+):(?P<start>[0-9,]+)-(?P<last>.+):[0-9,]+")


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """What is shown.

    Attributes:
        catalog: The tilesets of the runs.
        start: The view that it opens with.
    """

    catalog: Catalog
    start: Start

    @property
    def missing(self) -> tuple[str, ...]:
        """One line for each input that is not shown and the way out."""
        return missing_inputs(self.catalog.runs)


def open_page(
    folders: Sequence[Path],
    *,
    gene: str | None = None,
    region: str | None = None,
    genome: bool = False,
    genes: Path | None = None,
    hic: Path | None = None,
    watcher: Watcher | None = None,
) -> Page:
    """Opens and checks runs, and chooses what to begin with.

    Args:
        folders: Folders of runs on one genome.
        gene: Symbol or id of the gene to open at.
        region: Place to open at, such as `chr22:36,000,000-36,500,000`.
        genome: Open with the whole genome.
        genes: Annotation of genes to show instead of the runs' own.
        hic: Hi-C map to show instead of the runs' own.
        watcher: Who is told how far it is.

    Raises:
        InputError: If a folder holds no whole run, the runs are of different genomes, or there is no such
            gene or place.
    """
    if sum((gene is not None, region is not None, genome)) > 1:
        raise InputError("a page opens at a gene, at a region or with the whole genome; ask for one of them")
    watcher = watcher or Unwatched()
    catalog = Catalog(open_runs(folders, genes=genes, hic=hic, watcher=watcher))
    place = parse_region(region, catalog.axis.sizes) if region is not None else None
    start = choose_start(catalog, gene=gene, region=place, genome=genome)
    catalog.open(watcher)
    return Page(catalog, start)


def save_viewconf(page: Page, path: Path) -> None:
    """Writes HiGlass' config of the view that a page opens with, its server being `api/v1` beside the page.

    Raises:
        OutputError: If the file cannot be written.
    """
    config = start_view(Views(page.catalog), page.start).config()
    with writing(path):
        path.write_text(json.dumps(config, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def start_view(views: Views, start: Start) -> PageView:
    """The view that is asked for by its id.

    Raises:
        InputError: If the gene is unknown, the region lies off the genome, or the view needs one of them.
    """
    if start.view == "genome":
        return views.genome()
    place = _parse_place(start.region, views.catalog.axis.sizes) if start.region else None
    if start.view == "compare":
        return views.compare(start.gene, place)
    if start.view == "gene":
        if start.gene is None:
            raise InputError("a gene view needs a gene, by symbol or id")
        return views.gene(start.gene)
    if place is None:
        raise InputError("a region view needs a region, such as chr22:36,000,000-36,500,000")
    return views.region(place)


def _parse_place(text: str, sizes: ChromSizes) -> Interval:
    """A region; of one that goes on to another chromosome, as pages write them, the part on the first."""
    match = _ACROSS.fullmatch(text.strip())
    if match and sizes.resolve(match["last"]) and (chrom := sizes.resolve(match["chrom"])):
        text = f"{chrom}:{match['start']}-{sizes[chrom]}"
    return parse_region(text, sizes)
