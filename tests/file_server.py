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
    no_length: bool = False  # of the body, whose end is that of the connection
    becomes: bytes | None = None  # what the file is from then on


@dataclass
class Request:
    """A request and how many bytes of the body went out for it."""

    method: str
    path: str
    range: str | None
    sent: int = 0


@dataclass
class FileServer:
    """The files by path, the faults of the next GET of each, and what was asked."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    ranges: bool = True
    tags: bool = True  # whether answers name the state of the file
    no_sizes: bool = False  # what HEAD tells
    no_head: bool = False
    sizes: dict[str, int] = field(default_factory=dict)  # what HEAD says instead of the truth

    def gets(self, path: str) -> list[Request]:
        """The GETs of a file."""
        return [request for request in self.requests if (request.method, request.path) == ("GET", path)]


class _Server(ThreadingHTTPServer):
    """Serves the files that it is given, a thread a connection."""

    daemon_threads = True

    def __init__(self, served: FileServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.served = served


class _Handler(BaseHTTPRequestHandler):
    """Answers the requests of one connection."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 # the name of the base
        pass

    def do_HEAD(self) -> None:  # the name of the base
        no_head = self.server.served.no_head
        self.answer("HEAD", Fault(status=405) if no_head else Fault())

    def do_GET(self) -> None:  # the name of the base
        faults = self.server.served.faults.get(self.path, [])
        self.answer("GET", faults.pop(0) if faults else Fault())

    def answer(self, method: str, fault: Fault) -> None:
        """Answers a request, as far as the fault lets it."""
        served, asked = self.server.served, self.headers.get("Range")
        time.sleep(fault.wait)
        status, headers, body = self.found(fault)
        self.send_response(status)
        told = served.sizes.get(self.path, len(body)) if method == "HEAD" else len(body)
        lengthless = fault.no_length or (method == "HEAD" and served.no_sizes)
        headers |= {"Connection": "close"} if lengthless else {"Content-Length": str(told)}
        for name, value in headers.items():
            self.send_header(name, value)
        request = Request(method, self.path, asked)
        # Before the answer goes out, so that who has it finds the request.
        served.requests.append(request)
        self.end_headers()
        if method == "GET":
            self.send(request, body, fault)
        if fault.becomes is not None:
            served.files[self.path] = fault.becomes

    def found(self, fault: Fault) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body: the whole file, the part of it that is asked for, or nothing."""
        served, asked = self.server.served, self.headers.get("Range")
        body = served.files.get(self.path, b"")
        status = fault.status or (200 if self.path in served.files else 404)
        tag = f'"{hash(body)}"'
        headers = ({"ETag": tag} if served.tags else {}) | fault.headers
        unchanged = self.headers.get("If-Range", tag) == tag
        if asked and served.ranges and unchanged and status == 200:
            start, end = (int(text or len(body) - 1) for text in re.findall(r"(\d*)-(\d*)", asked)[0])
            if start >= len(body):
                return 416, headers | {"Content-Range": f"bytes */{len(body)}"}, b""
            headers["Content-Range"] = f"bytes {start}-{end}/{len(body)}"
            return 206, headers, body[start : end + 1]
        return status, headers, body if status == 200 else b""

    def send(self, request: Request, body: bytes, fault: Fault) -> None:
        """Sends a body, or as much of it as the fault lets through."""
        whole = body if fault.drop_after is None else body[: fault.drop_after]
        try:
            for at in range(0, len(whole), 1 << 16):
                time.sleep(fault.pace if at else 0.0)
                chunk = whole[at : at + (1 << 16)]
                request.sent += len(chunk)  # before it goes out, so that who has it finds it counted
                self.wfile.write(chunk)
        except OSError:
            self.close_connection = True
        if fault.drop_after is not None:
            self.close_connection = True


@contextmanager
def serving() -> Iterator[FileServer]:
    """Serves on a free port until the body ends."""
    served = FileServer()
    server = _Server(served)
    served.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
