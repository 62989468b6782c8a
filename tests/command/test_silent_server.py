"""A server that says nothing holds up nobody who ends the command: what has arrived is kept and told."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from file_server import Fault, FileServer, serving
from playground import COMMAND

PATH = "/genomes.example.org/genes.gtf"
BODY = random.Random(5).randbytes(200_000)
RESOURCES = """
[genomes.mine.genes]
address = "https://genomes.example.org/genes.gtf"
"""
SILENT = 60.0  # seconds, twice the time-out of the command
PIECE = 1 << 16  # bytes that the server sends at a time

Begin = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def server() -> Iterator[FileServer]:
    with serving() as served:
        served.files = {PATH: BODY}
        yield served


@pytest.fixture
def begin(tmp_path: Path, server: FileServer) -> Begin:
    """Begins a command: unless another is named, to fetch the file from the server."""
    (tmp_path / "seq2exp-tracks.toml").write_text(RESOURCES)
    environment = os.environ | {
        "SEQ2EXP_TRACKS_CONFIG": str(tmp_path / "config"),
        "SEQ2EXP_TRACKS_DATA": str(tmp_path / "store"),
        "SEQ2EXP_TRACKS_CACHE": str(tmp_path / "cache"),
        "SEQ2EXP_TRACKS_MIRROR": server.url,
    }
    return lambda *words: subprocess.Popen(
        [COMMAND, *(words or ("fetch", "mine"))],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_until(condition: Callable[[], bool], process: "subprocess.Popen[str]") -> None:
    while not condition():
        assert process.poll() is None
        time.sleep(0.01)


def end(process: "subprocess.Popen[str]", number: signal.Signals) -> str:
    """The last line of a command that is ended; fails where that takes long."""
    time.sleep(0.2)  # so that it waits for the server
    began = time.monotonic()
    process.send_signal(number)
    _, stderr = process.communicate(timeout=SILENT)
    assert time.monotonic() - began < 5  # a second of it where the machine is at rest
    assert process.returncode == 1
    return stderr.splitlines()[-1]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_server_that_falls_silent_in_the_midst(
    begin: Begin, server: FileServer, tmp_path: Path, number: signal.Signals
) -> None:
    server.faults[PATH] = [Fault(pace=SILENT)]
    final = tmp_path / "store" / PATH[1:]
    arriving = final.with_name(".download-genes.gtf")
    process = begin()
    wait_until(lambda: arriving.exists() and arriving.stat().st_size == PIECE, process)
    assert end(process, number) == (
        f"Error: interrupted: 65.5 kB of 1 unfinished file kept in {tmp_path / 'store'}; the same command "
        "goes on where it was"
    )
    assert arriving.read_bytes() == BODY[:PIECE]
    again = begin()
    assert again.communicate(timeout=SILENT)[0] == f"mine genes\t{final}\n"
    assert final.read_bytes() == BODY
    assert server.gets(PATH)[-1].range == f"bytes={PIECE}-"


def test_a_file_that_is_given_by_its_address(begin: Begin, server: FileServer, tmp_path: Path) -> None:
    address = f"{server.url}/genome.fa"
    server.files["/genome.fa?key=c0ffee"] = BODY
    server.faults["/genome.fa?key=c0ffee"] = [Fault(pace=SILENT)]
    process = begin("genome", "add", "far", "--fasta", f"{address}?key=c0ffee", "--genes", "genes.gtf")
    wait_until(lambda: any(tmp_path.glob("cache/remote/*/.download-genome.fa")), process)
    (arriving,) = tmp_path.glob("cache/remote/*/.download-genome.fa")
    wait_until(lambda: arriving.stat().st_size == PIECE, process)
    assert end(process, signal.SIGINT) == (
        f"Error: interrupted: 65.5 kB of {address} kept in {arriving.parent}; the same command goes on where "
        "it was"
    )


def test_a_server_that_never_answers(begin: Begin, server: FileServer) -> None:
    server.faults[PATH] = [Fault(wait=SILENT)]
    process = begin()
    wait_until(lambda: not server.faults[PATH], process)  # asked for
    assert end(process, signal.SIGINT) == "Error: interrupted: the same command goes on where it was"
