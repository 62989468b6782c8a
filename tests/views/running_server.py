"""Runs the real server in a thread of the tests, on a port of this machine, and asks it over sockets."""

import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
import uvicorn
from starlette.types import ASGIApp

from higlass_views import serving
from higlass_views.serving import listen, serve


@dataclass(frozen=True)
class Running:
    """A server that runs."""

    port: int
    server: uvicorn.Server
    thread: threading.Thread

    def stop(self) -> None:
        """What Ctrl-C does, and waits for the end."""
        self.server.should_exit = True
        self.thread.join(20)
        assert not self.thread.is_alive()


@contextmanager
def running_server(app: ASGIApp, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """Serves an application in a thread."""
    servers: list[uvicorn.Server] = []
    run = serving._Server.run

    def remember(self: serving._Server, sockets: list[socket.socket] | None = None) -> None:
        servers.append(self)
        run(self, sockets)

    monkeypatch.setattr(serving._Server, "run", remember)
    listening = listen("127.0.0.1", 0)
    port = listening.getsockname()[1]
    ready = threading.Event()
    thread = threading.Thread(target=serve, args=(app, listening, ready.set))
    thread.start()
    assert ready.wait(20)
    running = Running(port, servers[0], thread)
    try:
        yield running
    finally:
        running.stop()


def get(port: int, path: str) -> tuple[int, bytes]:
    """Status and body of an answer, on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
