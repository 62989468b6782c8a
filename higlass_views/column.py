"""One column of tracks as a HiGlass view config, and what the page says beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import higlass as hg
from higlass_schema import GenomePositionSearchBox, Overlay, OverlayOptions, ValueScaleLock, ValueScaleLocks

from higlass_views.catalog import CHROMOSOMES, GENES
from higlass_views.tilesets import GenomeAxis
from higlass_views.tracks import Caption, DrawnTrack
from seq2exp_tracks.genome import Gene, Interval
from seq2exp_tracks.palette import PROMOTER

SERVER = "api/v1"
"""Where a page's tracks find their tiles: relative, so that a page behind a proxy's prefix works."""

# Half the promoter region around a TSS, as docs/formats.md has it.
_PROMOTER = 1_000


@dataclass(frozen=True, slots=True, eq=False)
class PageView:
    """A view and what the page says of it.

    Attributes:
        viewconf: HiGlass' config of it.
        title: What is shown.
        subtitle: One line more.
        region: The place that it opens at; None for the whole genome.
        captions: Its tracks: title, colour and unit of each.
    """

    viewconf: Any
    title: str
    subtitle: str
    region: Interval | None
    captions: tuple[Caption, ...]

    def config(self) -> dict[str, Any]:
        """The view config as JSON holds it."""
        config: dict[str, Any] = self.viewconf.model_dump(exclude_none=True)
        return config


def over_http(kind: str, uid: str) -> Any:
    """A track whose tiles come from the page's own server (a `tracks.Place`)."""
    return hg.track(kind, server=SERVER, tilesetUid=uid)


@dataclass(frozen=True, slots=True)
class Column:
    """Puts tracks one below the other.

    Attributes:
        axis: The axis of the page.
        searchable: Whether HiGlass' own search for places can reach the page's server.
    """

    axis: GenomeAxis
    searchable: bool

    def view(
        self,
        uid: str,
        drawn: Sequence[DrawnTrack],
        *,
        title: str,
        subtitle: str,
        place: Interval | None = None,
        gene: Gene | None = None,
        scales: Sequence[Sequence[DrawnTrack]] = (),
    ) -> PageView:
        """A view of one column.

        Args:
            uid: What the client knows the view by.
            drawn: The tracks from top to bottom.
            title: What is shown.
            subtitle: One line more.
            place: Where it opens; the whole genome by default.
            gene: The gene whose promoter is marked through all tracks.
            scales: Groups of tracks that share a scale.
        """
        domain = self.axis.absolute(place) if place else (0, self.axis.length)
        tracks = [each.track for each in drawn]
        view = hg.view(
            *((track, "top") for track in tracks),
            uid=uid,
            height=12,
            initialXDomain=domain,
            initialYDomain=domain,
            overlays=[self._promoter(gene, tracks)] if gene else None,
            genomePositionSearchBox=_search_box() if self.searchable else None,
        )
        # The page has its own field for a place; HiGlass' header over each view tells two axes of one.
        config = view.viewconf(viewEditable=False, trackSourceServers=[SERVER] if self.searchable else None)
        if scales:
            config.valueScaleLocks = _locks(uid, scales)
        captions = tuple(caption for each in drawn for caption in each.captions)
        return PageView(config, title, subtitle, place, captions)

    def _promoter(self, gene: Gene, tracks: Sequence[Any]) -> Overlay:
        """A light stripe over the promoter of a gene, through all tracks."""
        offset, size = self.axis.offset(gene.chrom), self.axis.sizes[gene.chrom]
        extent = [offset + min(max(gene.tss + side, 0), size) for side in (-_PROMOTER, _PROMOTER)]
        paint = OverlayOptions(extent=[extent], minWidth=3, fill=PROMOTER, fillOpacity=0.1)
        return Overlay(uid="promoter", includes=[track.uid for track in tracks], options=paint)


def _locks(view: str, scales: Sequence[Sequence[DrawnTrack]]) -> ValueScaleLocks:
    """Scales that tracks share. Written out, as `Viewconf.locks` uses what pydantic gives up."""
    locks = ValueScaleLocks()
    for index, group in enumerate(scales):
        lock = f"scale{index}"
        members = {f"{view}.{each.track.uid}": {"view": view, "track": each.track.uid} for each in group}
        locks.locksDict[lock] = ValueScaleLock(uid=lock, **members)
        locks.locksByViewUid |= dict.fromkeys(members, lock)
    return locks


def _search_box() -> GenomePositionSearchBox:
    """HiGlass' own field for a place or a gene."""
    return GenomePositionSearchBox(
        autocompleteServer=SERVER,
        autocompleteId=GENES,
        chromInfoServer=SERVER,
        chromInfoId=CHROMOSOMES,
        visible=True,
    )
