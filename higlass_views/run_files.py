"""The files of the runs over HTTP, for programs that read parts of them: IGV, UCSC, pyBigWig.

Only what a manifest lists is there, each under an address made of the run's number and the manifest's own
path. An address is looked up and never joined to a folder, so that none leads out of a run.
"""

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from higlass_views.shown_run import ShownRun
from seq2exp_tracks.errors import InputError

_MEDIA_TYPES = {
    ".json": "application/json",
    ".bed": "text/plain; charset=utf-8",
    ".tsv": "text/tab-separated-values; charset=utf-8",
}


_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _File:
    """A file of a run.

    Attributes:
        path: Where it is.
        etag: What a browser knows its content by.
        seen: What it was like when the page was opened; None if it was not there.
    """

    path: Path
    etag: str
    seen: os.stat_result | None


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
                path = shown.run.folder / entry.path
                self._files[file_id(index, entry.path)] = _File(path, f'"{entry.sha256}"', _stat(path))

    def routes(self) -> list[Route]:
        """The one address, relative to `/files`."""
        return [Route("/{id:path}", self.file)]

    def file(self, request: Request) -> Response:
        """A file of a run, or the part that was asked for."""
        file = self._files.get(request.path_params["id"])
        now = None if file is None else _stat(file.path)
        if file is None or now is None:
            raise HTTPException(404, "no such file in the manifests of this page")
        if file.seen is None or _is_changed(file.seen, now):
            raise InputError(f"{file.path}: changed since it was opened; start again")
        headers = {"etag": file.etag, "cache-control": "no-cache"}
        if file.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        media_type = _MEDIA_TYPES.get(file.path.suffix, "application/octet-stream")
        return _FileAnswer(file.path, headers=headers, media_type=media_type, stat_result=now)


class _FileAnswer(FileResponse):
    """A file; if it goes away or shrinks while it is sent, its connection ends, and a line says why."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the file."""
        left = 0

        async def send_counted(message: Message) -> None:
            nonlocal left
            if message["type"] == "http.response.start":
                left = int(Headers(raw=message["headers"]).get("content-length", 0))
            else:
                left -= len(message.get("body", b""))
                if left and not message.get("more_body") and scope["method"] != "HEAD":
                    raise OSError(f"{left:,} bytes are missing")
            await send(message)

        try:
            await super().__call__(scope, receive, send_counted)
        except (OSError, RuntimeError) as error:
            _log.warning("%s: changed while it was sent: %s", self.path, error)


def _stat(path: Path) -> os.stat_result | None:
    """What a file is like; None where there is none."""
    try:
        return path.stat()
    except OSError:
        return None


def _is_changed(before: os.stat_result, now: os.stat_result) -> bool:
    return any(getattr(before, what) != getattr(now, what) for what in ("st_ino", "st_size", "st_mtime_ns"))


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
