"""The server of pages beside clients that are slow, vanish or ask for nonsense.

    python benchmarks/rough_clients.py [RUN] [--clients 200]

Serves a run by the installed command in a process of its own. For each kind of rough client, so many of them
hold a connection, while a well-behaved one asks for tiles again and again on new connections: the longest
that it waited is told, with the server's memory and open files before, meanwhile and after. At the end the
server is stopped by Ctrl-C while clients still read. Without RUN, one of 20 million bases is made first.
"""

import argparse
import http.client
import os
import resource
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from serve import Server, served, write_run

LENGTH = 20_000_000
USUAL_FILES = 1_024
PROBES = 20
SECONDS = 5.0

HOST = b"Host: 127.0.0.1\r\n"
TILES = b"GET /api/v1/tiles/?" + b"&".join(b"d=r0-mask.5.%d" % tile for tile in range(4)) + b" HTTP/1.1\r\n"

BEGUN = {
    "send nothing": b"",
    "send half a request": b"GET /api/v1/tiles/?d=r0-mask.0.0 HTTP/1.1\r\nHost: 127.0",
    "send half a body": b"POST /api/v1/tiles/ HTTP/1.1\r\n" + HOST + b"Content-Length: 100\r\n\r\n[",
    "read no byte of a file": b"GET /files/r0/mask.bw HTTP/1.1\r\n" + HOST + b"\r\n",
    "read no byte of tiles": TILES + HOST + b"\r\n",
}
"""What rough clients send before they wait, by what they do."""


@dataclass(frozen=True, slots=True)
class Met:
    """How the server met one kind of rough client.

    Attributes:
        does: What they do.
        longest: Seconds that the well-behaved client waited at most.
        memory: MB of the server before, meanwhile and after.
        files: Its open files then.
    """

    does: str
    longest: float
    memory: tuple[float, float, float]
    files: tuple[int, int, int]


def connect(port: int, request: bytes) -> socket.socket:
    """A connection with a small buffer, on which a request has been sent."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    connection.settimeout(20)
    connection.connect(("127.0.0.1", port))
    connection.sendall(request)
    return connection


@contextmanager
def waiting(port: int, clients: int, request: bytes) -> Iterator[list[socket.socket]]:
    """Clients that have sent something, and wait."""
    with ExitStack() as open_:
        yield [open_.enter_context(connect(port, request)) for _ in range(clients)]


@contextmanager
def meanwhile(work: Callable[[int], None], clients: int, pause: float = 0) -> Iterator[None]:
    """Each client does its work over and over, in a thread of its own, as long as the body runs."""
    done = threading.Event()

    def over_and_over(number: int) -> None:
        while not done.wait(pause):
            work(number)

    threads = [threading.Thread(target=over_and_over, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        done.set()
        for thread in threads:
            thread.join()


@contextmanager
def dripping(port: int, clients: int, request: bytes) -> Iterator[None]:
    """Clients that read one byte of their answers a second."""
    with waiting(port, clients, request) as connections:

        def read(_: int) -> None:
            for connection in connections:
                with suppress(OSError):  # the server may have had enough
                    connection.recv(1)

        with meanwhile(read, 1, pause=1):
            yield


@contextmanager
def vanishing(port: int, clients: int) -> Iterator[None]:
    """Clients that come one after another, and go in the midst of an answer without a farewell."""

    def come_and_go(_: int) -> None:
        for request in (BEGUN["read no byte of a file"], BEGUN["read no byte of tiles"]):
            with suppress(OSError), connect(port, request) as connection:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
                connection.recv(1)

    with meanwhile(come_and_go, min(clients, 8)):
        yield


@contextmanager
def asking_wrongly(port: int, clients: int) -> Iterator[None]:
    """Clients that ask at once, over and over; every other one for a tile that is not there."""
    wrong: list[object] = []

    def ask(number: int) -> None:
        path, expected = ("r0-mask.3.1", 200) if number % 2 else ("r0-none.3.1", 400)
        status = get(port, f"/api/v1/tiles/?d=r0-upper.2.1&d={path}")[0]
        if status != expected:
            wrong.append((path, status))

    with meanwhile(ask, clients):
        yield
    assert not wrong, wrong[:3]


@contextmanager
def replacing(port: int, run: Path) -> Iterator[None]:
    """A file of the run is removed, and comes back with other bytes, while clients read it."""
    file = run / "mask.bw"
    whole = file.read_bytes()
    kept = file.with_suffix(".kept")
    try:
        with dripping(port, 8, BEGUN["read no byte of a file"]):
            file.rename(kept)
            assert get(port, "/files/r0/mask.bw")[0] == 404
            assert get(port, "/api/v1/tiles/?d=r0-mask.0.0")[0] == 400
            file.write_bytes(whole[: len(whole) // 2])
            assert get(port, "/api/v1/tiles/?d=r0-mask.0.0")[0] == 400
            yield
    finally:
        kept.replace(file)


def get(port: int, path: str) -> tuple[int, float]:
    """Status of an answer, and the seconds that it took from the connection on."""
    began = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path)
    with connection.getresponse() as answer:
        answer.read()
        status = answer.status
    connection.close()
    return status, time.perf_counter() - began


def probe(port: int, seconds: float) -> float:
    """Asks for tiles as a browser does, for some seconds; the longest wait."""
    longest = 0.0
    for number in range(PROBES):
        status, took = get(port, f"/api/v1/tiles/?d=r0-distal.0.0&d=r0-applied.4.{number % 8}")
        assert status == 200, status
        longest = max(longest, took)
        time.sleep(seconds / PROBES)
    return longest


def kinds(port: int, run: Path, clients: int) -> Iterator[tuple[str, AbstractContextManager[object]]]:
    """Each kind of rough client: what it does, and the block in which it does it."""
    for does, request in BEGUN.items():
        yield f"{clients} {does}", waiting(port, clients, request)
    for what in ("a file", "tiles"):
        yield (
            f"{clients} read a byte a second of {what}",
            dripping(port, clients, BEGUN[f"read no byte of {what}"]),
        )
    yield "8 vanish amid answers, over and over", vanishing(port, clients)
    yield "50 ask for tiles, half of them wrong", asking_wrongly(port, 50)
    yield "a file is removed, then another", replacing(port, run)
    yield f"{10 * clients} send nothing", waiting(port, 10 * clients, b"")


def limit_files(most: int) -> None:
    """Limits the files that this process, and those that it starts from now on, may hold."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))


def open_files(process: int) -> int:
    """Files and connections that a process holds (Linux)."""
    return len(list(Path(f"/proc/{process}/fd").iterdir()))


def meet(server: Server, run: Path, clients: int, seconds: float) -> Iterator[Met]:
    """Lets every kind of rough client come and go, each for some seconds."""
    probe(server.port, seconds)  # files are opened, caches filled
    for does, rough in kinds(server.port, run, clients):
        seen = [(server.memory(), open_files(server.process))]
        with rough:
            longest = probe(server.port, seconds)
            seen.append((server.memory(), open_files(server.process)))
        time.sleep(seconds / 5)
        seen.append((server.memory(), open_files(server.process)))
        memory, files = zip(*seen, strict=True)
        yield Met(does, longest, memory, files)


def stop_amid(server: Server, clients: int) -> float:
    """Stops the server while all kinds of clients wait; seconds that it takes to end."""
    with ExitStack() as amid:
        for request in BEGUN.values():
            amid.enter_context(waiting(server.port, clients // len(BEGUN), request))
        time.sleep(0.5)
        return stop(server.process)


@contextmanager
def usually_served(run: Path) -> Iterator[Server]:
    """The run, served by a process that may open as many files as is usual; this one may open more."""
    limit_files(USUAL_FILES)
    with served(run) as server:
        limit_files(resource.getrlimit(resource.RLIMIT_NOFILE)[1])
        yield server


def stop(process: int) -> float:
    """Seconds that a process takes to end after Ctrl-C."""
    began = time.monotonic()
    os.kill(process, signal.SIGINT)
    while Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
        time.sleep(0.01)
    return time.monotonic() - began


def main() -> None:
    """Makes a run where none is given, and measures its server."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path, nargs="?")
    parser.add_argument("--clients", type=int, default=200)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run = arguments.run or Path(folder) / "run"
        if arguments.run is None:
            write_run(run, LENGTH)
        print(f"{'':42}{'longest wait':>13}{'memory, MB':>20}{'open files':>20}")
        print(f"{'':42}{'ms':>13}" + f"{'before, amid, after':>20}" * 2)
        with usually_served(run) as server:
            for met in meet(server, run, arguments.clients, SECONDS):
                memory = ", ".join(f"{size:.0f}" for size in met.memory)
                files = ", ".join(map(str, met.files))
                print(f"{met.does:42}{1_000 * met.longest:13.0f}{memory:>20}{files:>20}", flush=True)
            print(f"Ctrl-C amid all of them: ended after {stop_amid(server, arguments.clients):.1f} s")


if __name__ == "__main__":
    main()
