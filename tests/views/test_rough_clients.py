"""Clients that are slow, vanish or never ask: others are answered at once, and nothing grows without end."""

import asyncio
import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from example_run import ExampleRun
from rough_clients import BEGUN, connect, meet, stop_amid, usually_served, waiting
from running_server import Running, get, running_server
from serve import write_run
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from higlass_views import connections
from higlass_views.page import Page, open_page
from higlass_views.server import make_app

FILE = BEGUN["read no byte of a file"]
# `benchmarks/rough_clients.py` shows less than a second; here other tests take the cores.
CLIENTS, MOST_SECONDS = 120, 3
UNASKED = [request for does, request in BEGUN.items() if does.startswith("send")]


@pytest.fixture
def server(page: Page, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    with running_server(make_app(page.catalog, page.start), monkeypatch) as running:
        yield running


def answers_at_once(port: int) -> bool:
    began = time.monotonic()
    assert get(port, "/api/v1/tiles/?d=r0-mask.0.0")[0] == 200
    return time.monotonic() - began < 1


def is_cut_off(connection: socket.socket) -> bool:
    """Whether the server ends a connection before one that was answered would be; what it sent is read."""
    connection.settimeout(3)
    try:
        while connection.recv(65_536):
            pass
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False
    return True


def assert_gets_all(connection: socket.socket, begun: bytes, example: ExampleRun) -> None:
    """The answer of which a part was read is that file of the run, to its end."""
    content = (example.folder / "mask.bw").read_bytes()
    while len(begun.partition(b"\r\n\r\n")[2]) < len(content):
        part = connection.recv(65_536)
        assert part
        begun += part
    assert begun.endswith(content)


@pytest.mark.parametrize("request_bytes", UNASKED)
def test_one_connection_too_many_ends_the_oldest_and_is_answered(
    server: Running, monkeypatch: pytest.MonkeyPatch, request_bytes: bytes
) -> None:
    monkeypatch.setattr(connections, "MOST", 4)
    with waiting(server.port, 9, request_bytes) as rough:
        assert answers_at_once(server.port)
        assert len(server.server.server_state.connections) <= 5
        assert all(is_cut_off(one) for one in rough[:5])


def test_a_file_that_nobody_reads_keeps_nobody_out(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST", 4)
    with waiting(server.port, 9, FILE):
        assert answers_at_once(server.port)
        assert len(server.server.server_state.connections) <= 5


def test_where_all_are_being_answered_the_one_whose_answer_takes_longest_is_cut_off(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "MOST", 4)
    app, go_on = make_app(page.catalog, page.start), threading.Event()

    async def in_two_parts(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/files/"):
            await app(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        while not go_on.is_set():
            await asyncio.sleep(0.01)
        await send({"type": "http.response.body", "body": b"z"})

    with running_server(in_two_parts, monkeypatch) as server, ExitStack() as open_:
        clients = []
        for _ in range(4):
            clients.append(open_.enter_context(connect(server.port, FILE)))
            assert clients[-1].recv(1) == b"H"  # it is being answered before the next one comes
        assert answers_at_once(server.port)
        assert is_cut_off(clients[0])
        go_on.set()
        for client in clients[1:]:
            answer = b""
            while not answer.endswith(b"az") and (part := client.recv(1_000)):
                answer += part
            assert answer.endswith(b"\r\n\r\naz")


def test_who_has_asked_is_kept_before_who_has_not(
    server: Running, monkeypatch: pytest.MonkeyPatch, example: ExampleRun
) -> None:
    monkeypatch.setattr(connections, "MOST", 2)
    with waiting(server.port, 1, FILE) as (asked,):
        begun = asked.recv(1)
        with waiting(server.port, 3, b""):
            assert_gets_all(asked, begun, example)


@pytest.mark.parametrize("request_bytes", UNASKED)
def test_who_does_not_ask_in_time_is_cut_off(
    server: Running, monkeypatch: pytest.MonkeyPatch, request_bytes: bytes
) -> None:
    monkeypatch.setattr(connections, "PATIENCE", 0.2)
    first = b"GET /api/v1/chrom-sizes/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    for request in (request_bytes, first + request_bytes):
        with connect(server.port, request) as connection:
            assert is_cut_off(connection)


def test_who_reads_slowly_gets_all(
    server: Running, monkeypatch: pytest.MonkeyPatch, example: ExampleRun
) -> None:
    monkeypatch.setattr(connections, "PATIENCE", 0.1)
    with connect(server.port, FILE) as connection:
        begun = connection.recv(1)
        time.sleep(0.4)
        assert_gets_all(connection, begun, example)


def test_who_is_answered_slowly_is_not_cut_off(
    page: Page, server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "PATIENCE", 0.1)
    monkeypatch.setattr(page.catalog.tileset("r0-signal0"), "tiles", lambda ids: time.sleep(0.4) or [])
    assert get(server.port, "/api/v1/tiles/?d=r0-signal0.0.0") == (200, b"{}")


def test_the_server_ends_at_once_amid_answers_and_says_nothing(
    server: Running, capfd: pytest.CaptureFixture[str]
) -> None:
    with waiting(server.port, 4, FILE), waiting(server.port, 2, b""), waiting(server.port, 2, UNASKED[-1]):
        assert answers_at_once(server.port)
        began = time.monotonic()
        server.stop()
        assert time.monotonic() - began < 2
    assert capfd.readouterr().err == ""


@pytest.fixture(scope="module")
def copied(example: ExampleRun, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shutil.copytree(example.folder, tmp_path_factory.mktemp("copied") / "run")


@pytest.fixture
def changing(copied: Path) -> Iterator[tuple[ASGIApp, Path]]:
    """The application of a page, and a file of its run that may be changed."""
    file = copied / "mask.bw"
    kept = Path(shutil.copy2(file, file.with_suffix(".kept")))
    page = open_page([copied])
    yield make_app(page.catalog, page.start), file
    kept.replace(file)


def test_another_file_of_the_same_name_is_refused(
    changing: tuple[ASGIApp, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    app, file = changing
    other = file.with_suffix(".other")
    other.write_bytes(file.read_bytes())
    other.replace(file)
    with running_server(app, monkeypatch) as server:
        for path in ("files/r0/mask.bw", "api/v1/tiles/?d=r0-mask.0.0"):
            status, body = get(server.port, f"/{path}")
            assert status == 400
            assert b"mask.bw: changed since it was opened; start again" in body
        assert get(server.port, "/api/v1/tiles/?d=r0-applied.0.0")[0] == 200


@pytest.mark.parametrize("range_of_it", [b"", b"Range: bytes=70000-200000\r\n"])
def test_a_file_that_shrinks_while_it_is_sent_ends_that_connection_alone(
    changing: tuple[ASGIApp, Path],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    range_of_it: bytes,
) -> None:
    app, file = changing

    async def shrinking(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_and_shrink(message: Message) -> None:
            await send(message)
            if message["type"] == "http.response.body":
                os.truncate(file, 100)

        await app(scope, receive, send_and_shrink)

    with running_server(shrinking, monkeypatch) as server:
        request = FILE.replace(b"\r\n\r\n", b"\r\n" + range_of_it + b"\r\n")
        with connect(server.port, request) as connection:
            assert is_cut_off(connection)
        assert get(server.port, "/api/v1/tiles/?d=r0-applied.0.0")[0] == 200
    assert f"{file}: changed while it was sent" in caplog.text
    assert "Traceback" not in caplog.text + capfd.readouterr().err


@pytest.mark.slow
def test_more_of_each_kind_than_there_may_be_harm_nobody(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    write_run(tmp_path / "run", 2_000_000)
    with usually_served(tmp_path / "run") as server:
        met = list(meet(server, tmp_path / "run", clients=CLIENTS, seconds=1))
        assert stop_amid(server, CLIENTS) < 10  # half a second where nothing else runs
    assert len(met) == 11
    assert {one.does: one.longest for one in met if one.longest > MOST_SECONDS} == {}
    assert {one.does: one.files for one in met if max(one.files) > 2 * connections.MOST + 50} == {}
    assert met[-1].memory[2] < met[0].memory[0] + 150
    assert "Traceback" not in capfd.readouterr().err
