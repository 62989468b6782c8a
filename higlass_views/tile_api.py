"""The addresses under `/api/v1/` that the HiGlass client asks.

There is no reference for them; this is what the client of HiGlass 2.3 sends and understands. Tiles are cut in
threads, so that one slow file does not keep the others waiting.
"""

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from higlass_views.catalog import CHROMOSOMES, Catalog, UnknownTilesetError
from higlass_views.tilesets import BadTileId, ChromSizesTiles, GenomeTileset

MOST_IDS = 200
"""Most ids of one request; the client sends at most 15 at a time."""

_MOST_SUGGESTIONS = 10
_LONGEST_SEARCH = 100


class TileApi:
    """Answers the HiGlass client.

    Args:
        catalog: The tilesets of the page.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def routes(self) -> list[Route]:
        """The addresses, relative to `/api/v1`."""
        return [
            Route("/tileset_info/", self.tileset_info),
            Route("/tiles/", self.tiles, methods=["GET", "POST"]),
            Route("/chrom-sizes/", self.chrom_sizes),
            Route("/suggest/", self.suggest),
            Route("/tilesets/", self.tilesets),
            Route("/available-chrom-sizes/", self.available_chrom_sizes),
        ]

    def tileset_info(self, request: Request) -> Response:
        """`?d=UID&d=UID`: what the client has to know of tilesets; an unknown one gets an `error`."""
        return JSONResponse({uid: self._info(uid) for uid in _ids(request)})

    async def tiles(self, request: Request) -> Response:
        """`?d=UID.z.x&d=…`: tiles by id.

        The client posts where the data of a track have options: the same ids in the address, and a body
        `[{"tilesetUid": …, "tileIds": ["z.x", …], "options": …}, …]`, for an address without ids.
        """
        if request.method == "POST" and "d" not in request.query_params:
            return await run_in_threadpool(self._tiles, _posted_ids(await request.body()))
        return await run_in_threadpool(self._tiles, _ids(request))

    def chrom_sizes(self, request: Request) -> Response:
        """`?id=chromosomes`: names and lengths as TSV."""
        uid = request.query_params.get("id", CHROMOSOMES)
        tileset = self._tileset(uid)
        if not isinstance(tileset, ChromSizesTiles):
            raise HTTPException(400, f"{uid[:80]!r} holds no chromosome sizes; ask for {CHROMOSOMES!r}")
        return PlainTextResponse(tileset.tsv())

    def suggest(self, request: Request) -> Response:
        """`?d=genes&ac=myh`: genes whose names begin so."""
        text = request.query_params.get("ac", "")[:_LONGEST_SEARCH].strip()
        return JSONResponse(self._catalog.genes.search(text, _MOST_SUGGESTIONS) if text else [])

    def tilesets(self, request: Request) -> Response:
        """`?dt=vector&dt=…`: the tilesets of these kinds, for the dialog that adds tracks."""
        kinds = set(request.query_params.getlist("dt"))
        listed = [
            {"uuid": uid, "name": tileset.name, "datatype": tileset.datatype, "coordSystem": ""}
            for uid, tileset in ((uid, self._catalog.tileset(uid)) for uid in self._catalog.uids)
            if not kinds or tileset.datatype in kinds
        ]
        return JSONResponse({"count": len(listed), "next": None, "previous": None, "results": listed})

    def available_chrom_sizes(self, request: Request) -> Response:
        """The one set of chromosomes that there is."""
        return JSONResponse({"count": 1, "results": [{"uuid": CHROMOSOMES, "datatype": "chromsizes"}]})

    def _info(self, uid: str) -> dict[str, Any]:
        try:
            return self._catalog.tileset(uid).info()
        except UnknownTilesetError as error:
            return {"error": str(error)}

    def _tileset(self, uid: str) -> GenomeTileset:
        try:
            return self._catalog.tileset(uid)
        except UnknownTilesetError as error:
            raise HTTPException(400, str(error)) from error

    def _tiles(self, ids: Sequence[str]) -> Response:
        try:
            return JSONResponse(dict(self._cut(ids)))
        except BadTileId as error:
            raise HTTPException(400, str(error)) from error

    def _cut(self, ids: Sequence[str]) -> Iterator[tuple[str, Any]]:
        """The tiles, those of one tileset together."""
        for uid, group in groupby(sorted(set(ids)), key=lambda text: text.split(".", 1)[0]):
            yield from self._tileset(uid).tiles(list(group))


def _ids(request: Request) -> list[str]:
    return _few(request.query_params.getlist("d"))


def _posted_ids(body: bytes) -> list[str]:
    """The ids in the body of a POST."""
    try:
        ids = [f"{part['tilesetUid']}.{tile}" for part in json.loads(body) for tile in part["tileIds"]]
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        raise HTTPException(400, "the body is no JSON list of {tilesetUid, tileIds}") from error
    return _few(ids)


def _few(ids: list[str]) -> list[str]:
    if not ids:
        raise HTTPException(400, "no id asked for; name tilesets or tiles by d=")
    if len(ids) > MOST_IDS:
        raise HTTPException(400, f"{len(ids):,} ids in one request; ask for at most {MOST_IDS}")
    return ids
