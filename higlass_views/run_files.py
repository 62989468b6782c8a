"""The files of the runs over HTTP, for programs that read parts of them: IGV, UCSC, pyBigWig.

Only what a manifest lists is there, each under an address made of the run's number and the manifest's own
path. An address is looked up and never joined to a folder, so that none leads out of a run.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from higlass_views.shown_run import ShownRun

_MEDIA_TYPES = {
    ".json": "application/json",
    ".bed": "text/plain; charset=utf-8",
    ".tsv": "text/tab-separated-values; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    etag: str


class RunFiles:
    """Answers `/files/ID`, with Range and ETag.

    Args:
        runs: The runs of the page.
    """

    def __init__(self, runs: Sequence[ShownRun]) -> None:
        self._files: dict[str, _File] = {}
        for index, shown in enumerate(runs):
            for entry in shown.run.manifest.files:
                # The checksum of the manifest: whoever has the file needs it only once.
                file = _File(shown.run.folder / entry.path, f'"{entry.sha256}"')
                self._files[file_id(index, entry.path)] = file

    def routes(self) -> list[Route]:
        """The one address, relative to `/files`."""
        return [Route("/{id:path}", self.file)]

    def file(self, request: Request) -> Response:
        """A file of a run, or the part that was asked for."""
        file = self._files.get(request.path_params["id"])
        if file is None or not file.path.is_file():
            raise HTTPException(404, "no such file in the manifests of this page")
        headers = {"etag": file.etag, "cache-control": "no-cache"}
        if file.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        media_type = _MEDIA_TYPES.get(file.path.suffix, "application/octet-stream")
        return FileResponse(file.path, headers=headers, media_type=media_type)


def file_id(index: int, path: str) -> str:
    """The id of a file: the number of its run on the page, and its path in the manifest."""
    return f"r{index}/{path}"


def listed_files(runs: Sequence[ShownRun]) -> list[dict[str, Any]]:
    """What the page offers: all files but those of single genes, of which there may be thousands."""
    return [
        {
            "title": f"{shown.name}: {entry.path}" if len(runs) > 1 else entry.path,
            "url": f"files/{file_id(index, entry.path)}",
            "bytes": entry.bytes,
        }
        for index, shown in enumerate(runs)
        for entry in shown.run.manifest.files
        if entry.gene_id is None
    ]
