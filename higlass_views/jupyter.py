"""A view of runs in a notebook: a widget whose tiles come from the kernel, with nothing from the network.

The widget of higlass-python loads HiGlass from a CDN; this one brings the bundle that comes with the package.
"""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from higlass._widget import HiGlassWidget

from higlass_views.catalog import Catalog
from higlass_views.column import PageView
from higlass_views.frontend.bundle import dist_folder
from higlass_views.page import Page, open_page, start_view
from higlass_views.tilesets import GenomeTileset
from higlass_views.tracks import Pen, set_height
from higlass_views.views import Views
from seq2exp_tracks.errors import InputError


def show(
    run: str | Path,
    *more_runs: str | Path,
    gene: str | None = None,
    region: str | None = None,
    genome: bool = False,
    genes: str | Path | None = None,
    hic: str | Path | None = None,
    height: int | None = None,
) -> HiGlassWidget:
    """Shows runs in a notebook: the views of `seq2exp-tracks view`.

    Args:
        run: Folder that `score` wrote.
        more_runs: Folders of runs on the same genome, to compare.
        gene: Symbol or id of the gene to show; by default that of the highest predicted expression.
        region: Place to show instead, such as `chr22:36,000,000-36,500,000` (1-based, inclusive).
        genome: Show the whole genome instead.
        genes: Annotation of genes (GTF, GFF3 or BED) to show instead of the runs' own.
        hic: Hi-C map (.hic, .mcool or .cool) to show instead of the runs' own.
        height: Height of all tracks together in pixels.

    Returns:
        The widget; it keeps the files of its tracks open.

    Raises:
        InputError: If a run is not whole or of another genome, there is no such gene or place, or the
            widget's bundle is not there.
    """
    kind = _widget_class()
    page = open_page(
        [Path(run), *map(Path, more_runs)],
        gene=gene,
        region=region,
        genome=genome,
        genes=Path(genes) if genes is not None else None,
        hic=Path(hic) if hic is not None else None,
    )
    place = FromKernel(page.catalog)
    view = start_view(Views(page.catalog, Pen(place), searchable=False), page.start)
    if height is not None:
        fit_height(view, height)
    widget: HiGlassWidget = kind(view, page, place.tilesets)
    return widget


@dataclass(frozen=True, slots=True)
class FromKernel:
    """Tracks whose tiles come from the kernel (a `tracks.Place`).

    higlass-python finds tilesets by weak references; whoever shows a view has to keep them.

    Attributes:
        catalog: Where the tilesets are.
        tilesets: Those that were asked for.
    """

    catalog: Catalog
    tilesets: list[GenomeTileset] = field(default_factory=list)

    def __call__(self, kind: str, uid: str) -> Any:
        """A track of HiGlass' kind `kind` that shows the tileset `uid`."""
        tileset = self.catalog.tileset(uid)
        self.tilesets.append(tileset)
        return tileset.track(kind)


def fit_height(view: PageView, height: int) -> None:
    """Stretches the tracks of a view so that they are `height` pixels high together.

    Raises:
        InputError: If that is not high enough for one pixel a track.
    """
    tracks = [track for column in view.viewconf.views for _, track in column.tracks]
    if height < len(tracks):
        raise InputError(f"{height} pixels are too few for {len(tracks)} tracks; give some hundred")
    whole = sum(track.height for track in tracks)
    for track in tracks:
        set_height(track, max(round(track.height * height / whole), 1))


@cache
def _widget_class() -> type[HiGlassWidget]:
    """The widget with our bundle; made when it is first asked for, because the bundle may be missing."""
    bundle = dist_folder() / "widget.js"
    if not bundle.is_file():
        raise InputError(f"{bundle}: the widget is not built; run `python -m higlass_views.frontend` first")

    class RunWidget(HiGlassWidget):  # type: ignore[misc] # higlass-python ships no types
        """HiGlass in a notebook, with a run's tracks."""

        _esm = bundle

        def __init__(self, view: PageView, page: Page, tilesets: list[GenomeTileset]) -> None:
            super().__init__(viewconf=view.config(), plugin_urls=[])
            self.page = page
            self.tilesets = tilesets

    return RunWidget
