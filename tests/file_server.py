"""A server of a few files on loopback that can be told to fail, and remembers what it was asked and sent."""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Fault:
    """What goes wrong at one request: only what is named."""

    drop_after: int | None = None  # bytes of the body, after which the connection is closed
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    wait: float = 0.0  # seconds before the answer
    pace: float = 0.0  # seconds between pieces of 64 KiB


@dataclass(frozen=True)
class Request:
    """A request and how many bytes of the body went out for it."""

    method: str
    path: str
    range: str | None
    sent: int


@dataclass
class FileServer:
    """The files by path, the faults of the next GET of each, and what was asked."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    ranges: bool = True
    no_head: bool = False
    sizes: dict[str, int] = field(default_factory=dict)  # what HEAD says instead of the truth

    def gets(self, path: str) -> list[Request]:
        """The GETs of a file."""
        return [request for request in self.requests if (request.method, request.path) == ("GET", path)]


@contextmanager
def serving() -> Iterator[FileServer]:
    """Serves on a free port until the body ends."""
    served = FileServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 # the name of the base
            pass

        def do_HEAD(self) -> None:  # the name of the base
            self.answer("HEAD", None)

        def do_GET(self) -> None:  # the name of the base
            faults = served.faults.get(self.path, [])
            self.answer("GET", faults.pop(0) if faults else None)

        def answer(self, method: str, fault: Fault | None) -> None:
            if method == "HEAD" and served.no_head:
                fault = Fault(status=405)
            fault = fault or Fault()
            asked = self.headers.get("Range")
            time.sleep(fault.wait)
            body = served.files.get(self.path, b"")
            status = fault.status or (200 if self.path in served.files else 404)
            headers = {"ETag": f'"{hash(body)}"', **fault.headers}
            start = 0
            unchanged = self.headers.get("If-Range", headers["ETag"]) == headers["ETag"]
            if asked and served.ranges and unchanged and status == 200:
                start, end = (int(text or len(body) - 1) for text in re.findall(r"(\d*)-(\d*)", asked)[0])
                status = 206 if start < len(body) else 416
                headers["Content-Range"] = (
                    f"bytes {start}-{end}/{len(body)}" if status == 206 else f"bytes */{len(body)}"
                )
                body = body[start : end + 1]
            elif status != 200:
                body = b""
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            told = served.sizes.get(self.path, len(body)) if method == "HEAD" else len(body)
            self.send_header("Content-Length", str(told))
            if method == "HEAD" or not body:
                # Before the answer goes out, so that who has it finds the request.
                served.requests.append(Request(method, self.path, asked, 0))
                self.end_headers()
                return
            self.end_headers()
            self.send(asked, body, fault)

        def send(self, asked: str | None, body: bytes, fault: Fault) -> None:
            sent = 0
            whole = body if fault.drop_after is None else body[: fault.drop_after]
            try:
                for at in range(0, len(whole), 1 << 16):
                    sent += self.wfile.write(whole[at : at + (1 << 16)])
                    time.sleep(fault.pace)
            except OSError:
                self.close_connection = True
            served.requests.append(Request("GET", self.path, asked, sent))
            if fault.drop_after is not None:
                self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    served.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
