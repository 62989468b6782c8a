"""A genome that was registered by addresses: what a command reads of it is not replaced meanwhile."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from file_server import FileServer, serving
from playground import Playground, Run
from told import Told

from seq2exp_tracks.errors import InputError, TracksError
from seq2exp_tracks.resources.address import Address
from seq2exp_tracks.resources.remote import RemoteInputs
from seq2exp_tracks.resources.transfer import Transfer

Refetch = Callable[[], None]


class ReadToTheEndError(TracksError):
    """Ends a command where the library begins."""


@pytest.fixture
def server(playground: Playground) -> Iterator[FileServer]:
    with serving() as served:
        served.files["/genome.fa"] = playground.genome.fasta.read_bytes()
        yield served


@pytest.fixture
def refetch(server: FileServer) -> Refetch:
    """What another command does that is given the address of the sequence, which is another by now."""
    address = Address.parse(f"{server.url}/genome.fa")
    assert address is not None

    def fetch() -> None:
        server.files["/genome.fa"] += b"\n"
        with Transfer() as transfer, RemoteInputs(transfer, Told(), print, offline=False) as inputs:
            inputs.fetch(address)

    return fetch


@pytest.fixture
def registered(
    inside: Run,
    playground: Playground,
    server: FileServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[None]:
    """`far`, whose sequence lies at an address, and whose genes are a file of the user's own."""
    monkeypatch.setenv("SEQ2EXP_TRACKS_CACHE", str(tmp_path / "cache"))
    files = ("--fasta", f"{server.url}/genome.fa", "--genes", playground.genome.genes)
    done = inside("genome", "add", "far", *files)
    assert done.returncode == 0, done.stderr
    yield
    assert inside("genome", "remove", "far").returncode == 0


@pytest.mark.usefixtures("registered")
@pytest.mark.parametrize("command", ["score", "train"])
def test_what_a_command_reads_is_not_replaced_until_it_ends(
    inside: Run,
    playground: Playground,
    refetch: Refetch,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
) -> None:
    (cached,) = (tmp_path / "cache").glob("remote/*/genome.fa")
    before = cached.read_bytes()

    def library(*_: Any) -> None:
        with pytest.raises(InputError, match="another command reads what came then; wait for it"):
            refetch()
        assert cached.read_bytes() == before
        raise ReadToTheEndError("read to the end")

    monkeypatch.setattr("seq2exp_tracks.pipeline.make_tracks", library)
    monkeypatch.setattr("seq2exp_tracks.training.run.train_model", library)
    more = {"score": ("--checkpoint", playground.checkpoint), "train": ("--labels", "labels.tsv")}[command]
    genome = playground.genome
    done = inside(
        *(command, "--genome", "far", *more, "--features", genome.features, "--no-contacts"),
        *("--signal", f"H3K27ac={genome.h3k27ac}", "--signal", f"DNase={genome.dnase}"),
        *("--out", tmp_path / "out"),
    )
    assert done.stderr.splitlines()[-1] == "Error: read to the end"
    refetch()
    assert cached.read_bytes() == before + b"\n\n"
