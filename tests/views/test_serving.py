"""The real server on a port of this machine: raw sockets, clients that go away, proxies."""

import errno
import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from asking import Client
from running_server import get, running_server
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp

from higlass_views.page import Page
from higlass_views.server import make_app
from higlass_views.serving import address, is_local, listen, names_of
from seq2exp_tracks.errors import InputError


@contextmanager
def running(app: ASGIApp, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Serves an application in a thread; yields its port."""
    with running_server(app, monkeypatch) as server:
        yield server.port


@pytest.fixture
def port(page: Page, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    with running(make_app(page.catalog, page.start), monkeypatch) as port:
        yield port


def raw(port: int, request: bytes) -> bytes:
    """What the server answers to these bytes until it closes; empty where it cuts the connection."""
    parts = []
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection, suppress(ConnectionError):
        connection.sendall(request)
        while part := connection.recv(65_536):
            parts.append(part)
    return b"".join(parts)


def is_alive(port: int) -> bool:
    return get(port, "/api/page.json")[0] == 200


def test_tiles_come_over_a_socket(port: int) -> None:
    status, body = get(port, "/api/v1/tiles/?d=r0-mask.0.0.max")
    assert status == 200
    assert json.loads(body)["r0-mask.0.0.max"]["dtype"] == "float32"


@pytest.mark.parametrize(
    "path",
    [
        *("/../../../../etc/passwd", "/files/../../../../etc/passwd", "/static/../../pyproject.toml"),
        *("/static/%2e%2e/bundle.py", "/files/r0/../../manifest.json", "/static//etc/passwd"),
        *(
            "/files/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
            "/files/r0/..%00/mask.bw",
            "//etc/passwd",
            "/static/..\\x",
        ),
    ],
)
def test_no_path_leads_out_of_the_folders(port: int, path: str) -> None:
    answer = raw(port, f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
    assert answer.split()[1] in {b"404", b"400"}
    assert b"root:" not in answer
    assert b"[project]" not in answer
    assert is_alive(port)


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\x16\x03\x01 this is TLS",
        b"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
        b"POST /api/v1/tiles/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: nine\r\n\r\n",
        b"POST /api/v1/tiles/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n",
    ],
)
def test_what_no_browser_sends_is_refused_and_the_server_lives(port: int, request_bytes: bytes) -> None:
    assert raw(port, request_bytes).split()[1] == b"400"
    assert is_alive(port)


@pytest.mark.parametrize("path", ["a" * 200_000, "api/v1/tiles/?" + "d=r0-mask.0.0&" * 10_000])
def test_an_address_without_end_is_refused_or_cut_off_and_the_server_lives(port: int, path: str) -> None:
    answer = raw(port, f"GET /{path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    assert answer == b"" or answer.split()[1] == b"400"
    assert is_alive(port)


def test_a_body_that_is_too_large_is_refused_before_it_is_sent(port: int) -> None:
    head = b"POST /api/v1/tiles/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999999999\r\n"
    head += b"Connection: close\r\n\r\n"
    assert raw(port, head).split()[1] == b"413"
    assert is_alive(port)


def test_clients_that_go_away_leave_the_server_alive(port: int) -> None:
    requests = [
        b"GET /files/r0/mask.bw HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET /api/v1/tiles/?d=r0-mask.0.0 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET /api/v1/tiles/?d=r0-mask.0.0 HTTP/1.1\r\nHost: 127.0",
        b"POST /api/v1/tiles/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n[",
    ]
    for request in requests * 10:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            # Gone at once, without a farewell.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            connection.sendall(request)
    assert is_alive(port)


def test_a_page_works_behind_the_prefix_of_a_proxy(page: Page) -> None:
    """Jupyter and Open OnDemand put a path before ours and take it off again: no address may begin at /."""
    prefixed = Starlette(routes=[Mount("/user/me/proxy/8123", app=make_app(page.catalog, page.start))])
    client = Client(prefixed, base_url="http://127.0.0.1/user/me/proxy/8123/")
    found = client.get("api/page.json").json()
    assert client.get(found["files"][0]["url"]).status_code == 200
    config = client.get("api/view.json?view=gene&gene=A10").json()["viewconf"]
    (view,) = config["views"]
    for track in view["tracks"]["top"]:
        for part in track.get("contents", [track]):
            answer = client.get(f"{part['server']}/tileset_info/?d={part['tilesetUid']}")
            assert "max_pos" in answer.json()[part["tilesetUid"]]
    assert not any("://" in text or '"/' in text for text in (json.dumps(config), json.dumps(found)))


def test_a_port_in_use_is_one_line() -> None:
    with listen("127.0.0.1", 0) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(InputError) as caught:
            listen("127.0.0.1", port)
    assert str(caught.value) == (
        f"127.0.0.1:{port}: the port is in use; name another by --port, or leave --port out for any free one"
    )


def test_a_port_may_be_used_again_at_once() -> None:
    with listen("127.0.0.1", 0) as first:
        first.listen()
        port = first.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            first.accept()[0].close()
    listen("127.0.0.1", port).close()


def test_small_answers_are_sent_at_once(port: int) -> None:
    """Without TCP_NODELAY each one would wait 40 ms for the client's acknowledgement of the headers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    took = []
    for _ in range(12):
        start = time.monotonic()
        connection.request("GET", "/api/v1/chrom-sizes/")
        connection.getresponse().read()
        took.append(time.monotonic() - start)
    connection.close()
    assert sorted(took)[2] < 0.03


@pytest.mark.parametrize("port", [-1, 65_536, 10**20])
def test_what_is_no_port_is_told(port: int) -> None:
    with pytest.raises(InputError, match=rf"^127\.0\.0\.1:{port}: not a port; ports are 0 to 65535$"):
        listen("127.0.0.1", port)


def test_a_port_that_needs_rights_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: socket.socket, place: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", refuse)
    with pytest.raises(InputError, match="80: the port is not allowed; name one from 1024 by --port"):
        listen("127.0.0.1", 80)


@pytest.mark.parametrize("host", ["203.0.113.7", "no such host.invalid"])
def test_an_address_of_another_machine_is_told(host: str) -> None:
    with pytest.raises(InputError, match=f"^{host}:0: cannot be listened on .*; --host is an address"):
        listen(host, 0)


def test_the_address_is_one_that_a_browser_here_can_open() -> None:
    for host, begins in (("127.0.0.1", "http://127.0.0.1:"), ("0.0.0.0", "http://127.0.0.1:")):
        with listen(host, 0) as listening:
            assert address(listening) == f"{begins}{listening.getsockname()[1]}/"


@pytest.mark.parametrize(
    ("host", "local"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("0.0.0.0", False), ("10.0.0.1", False)],
)
def test_only_loopback_is_local(host: str, local: bool) -> None:
    assert is_local(host) is local


def test_a_page_for_all_addresses_answers_to_the_names_of_this_machine() -> None:
    assert names_of("10.0.0.1") == ("10.0.0.1",)
    assert socket.gethostname() in names_of("0.0.0.0")
    assert "0.0.0.0" not in names_of("0.0.0.0")


def test_slow_tiles_do_not_keep_others_waiting(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = page.catalog.tileset("r0-signal0")
    began = threading.Event()

    def wait(ids: list[str]) -> list[tuple[str, object]]:
        began.set()
        time.sleep(1.5)
        return []

    monkeypatch.setattr(slow, "tiles", wait)
    with running(make_app(page.catalog, page.start), monkeypatch) as port:
        waiting = threading.Thread(target=get, args=(port, "/api/v1/tiles/?d=r0-signal0.0.0"))
        waiting.start()
        assert began.wait(10)
        start = time.monotonic()
        assert get(port, "/api/v1/tiles/?d=r0-mask.0.0")[0] == 200
        assert time.monotonic() - start < 1
        waiting.join()
