"""The application that serves a page: its addresses, and what it refuses.

Whoever opens a page in a browser lets every web site that is open beside it send requests to this machine. So
only names of this machine are answered (no DNS rebinding), no other site may read an answer unless it was
named, and nothing but the files of the runs can be had.
"""

from collections.abc import Sequence
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount

from higlass_views.catalog import Catalog
from higlass_views.guards import BodyLimit, SecurityHeaders
from higlass_views.page_api import PageApi
from higlass_views.page_data import Start
from higlass_views.run_files import RunFiles
from higlass_views.tile_api import TileApi
from seq2exp_tracks.errors import TracksError

LOCAL_HOSTS = ("127.0.0.1", "localhost")


def make_app(
    catalog: Catalog,
    start: Start,
    *,
    hosts: Sequence[str] = (),
    origins: Sequence[str] = (),
) -> Starlette:
    """The application that serves a page.

    Args:
        catalog: The tilesets of the page.
        start: What it opens with.
        hosts: Names by which it may be asked beside those of this machine.
        origins: Web sites whose pages may read the answers, such as `https://igv.org`.
    """
    page = PageApi(catalog, start)
    # Files are not compressed: a range is one of their bytes as they are.
    compressed = [Middleware(GZipMiddleware, minimum_size=1_000, compresslevel=1)]
    api = [Mount("/v1", routes=TileApi(catalog).routes()), *page.json_routes()]
    middleware = [
        Middleware(SecurityHeaders),
        Middleware(TrustedHostMiddleware, allowed_hosts=[*LOCAL_HOSTS, *hosts], www_redirect=False),
        Middleware(BodyLimit),
    ]
    if origins:
        readable = ["Content-Length", "Content-Range", "Accept-Ranges", "ETag"]
        middleware.append(
            Middleware(
                CORSMiddleware, allow_origins=list(origins), allow_headers=["Range"], expose_headers=readable
            )
        )
    return Starlette(
        routes=[
            Mount("/api", routes=api, middleware=compressed),
            Mount("/files", routes=RunFiles(catalog.runs).routes()),
            *page.page_routes(),
        ],
        middleware=middleware,
        exception_handlers={HTTPException: _refused, TracksError: _mistaken, Exception: _failed},
    )


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": error.detail}, status_code=error.status_code, headers=error.headers)


async def _mistaken(request: Request, error: Exception) -> Response:
    """What a user can mend is one line, here as on the command line."""
    return JSONResponse({"error": str(error)}, status_code=HTTPStatus.BAD_REQUEST)


async def _failed(request: Request, error: Exception) -> Response:
    """A bug: the traceback is logged by the server, and not shown to whoever asked."""
    message = "this is a bug of seq2exp-tracks; the terminal that it runs in shows where"
    return JSONResponse({"error": message}, status_code=HTTPStatus.INTERNAL_SERVER_ERROR)
