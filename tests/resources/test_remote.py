"""Inputs at addresses: fetched whole or not at all, fetched again when they change, and no secret is told."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest
from file_server import Fault, FileServer, serving
from told import Told

from seq2exp_tracks.errors import InputError, TracksError
from seq2exp_tracks.resources import address as address_module
from seq2exp_tracks.resources import remote as remote_module
from seq2exp_tracks.resources.address import Address, told_command
from seq2exp_tracks.resources.remote import Fetched, RemoteInputs
from seq2exp_tracks.resources.transfer import Transfer

CONTENT = bytes(range(256)) * 1000


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SEQ2EXP_TRACKS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def server() -> Iterator[FileServer]:
    with serving() as server:
        server.files["/signal.bw"] = CONTENT
        yield server


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[fsspec.AbstractFileSystem]:
    """fsspec's file system in memory, allowed for the test in place of s3."""
    for module in (address_module, remote_module):
        monkeypatch.setattr(module, "CLOUD", ("s3", "gs", "memory"))
    files = fsspec.filesystem("memory")
    yield files
    files.store.clear()


def parsed(url: str) -> Address:
    address = Address.parse(url)
    assert address is not None
    return address


def fetch(url: str, progress: Told | None = None, *, offline: bool = False) -> tuple[Fetched, Path]:
    address = parsed(url)
    with (
        Transfer(attempts=2, first_wait=0.01, timeout=5) as transfer,
        RemoteInputs(transfer, progress or Told(), lambda _: None, offline=offline) as inputs,
    ):
        return inputs.fetch(address), address.place("remote")


def test_a_file_of_a_server_is_fetched_once_and_asked_after_ever_after(server: FileServer) -> None:
    first, path = fetch(f"{server.url}/signal.bw")
    assert path.name == "signal.bw"
    assert path.read_bytes() == CONTENT
    assert first.sha256 == hashlib.sha256(CONTENT).hexdigest()
    told = Told()
    assert fetch(f"{server.url}/signal.bw", told) == (first, path)
    assert told.notes == [f"{server.url}/signal.bw: as on {first.when}"]
    assert len(server.gets("/signal.bw")) == 1


def test_a_file_that_has_changed_is_fetched_again_and_its_old_index_goes(server: FileServer) -> None:
    _, path = fetch(f"{server.url}/signal.bw")
    index = path.with_name("signal.bw.fai")
    index.write_text("of the old one")
    server.files["/signal.bw"] = CONTENT[::-1]
    told = Told()
    again, _ = fetch(f"{server.url}/signal.bw", told)
    assert path.read_bytes() == CONTENT[::-1]
    assert again.sha256 == hashlib.sha256(CONTENT[::-1]).hexdigest()
    assert "fetched again" in told.notes[0]
    assert not index.exists()


def test_what_has_arrived_of_a_file_is_not_taken_for_it_and_is_gone_on_with(server: FileServer) -> None:
    server.faults["/signal.bw"] = [Fault(drop_after=100_000), Fault(status=503), Fault(status=503)]
    with pytest.raises(InputError, match=r"failed 2 times .* goes on where it was"):
        fetch(f"{server.url}/signal.bw")
    _, path = fetch_place(f"{server.url}/signal.bw")
    assert not path.exists()
    fetch(f"{server.url}/signal.bw")
    assert path.read_bytes() == CONTENT
    assert server.gets("/signal.bw")[-1].range == "bytes=100000-"


def fetch_place(url: str) -> tuple[Address, Path]:
    address = parsed(url)
    return address, address.place("remote")


def test_a_file_that_was_cut_short_in_the_cache_is_fetched_again(server: FileServer) -> None:
    _, path = fetch(f"{server.url}/signal.bw")
    path.write_bytes(CONTENT[:1000])
    fetch(f"{server.url}/signal.bw")
    assert path.read_bytes() == CONTENT


def test_a_record_that_is_no_record_is_not_believed(server: FileServer) -> None:
    _, path = fetch(f"{server.url}/signal.bw")
    record = path.with_name(".record-signal.bw.json")
    assert json.loads(record.read_text())["bytes"] == len(CONTENT)
    record.write_text('{"bytes": 256000}')
    fetch(f"{server.url}/signal.bw")
    assert len(server.gets("/signal.bw")) == 2


def test_offline_takes_what_is_there_and_asks_nobody(server: FileServer) -> None:
    url = f"{server.url}/signal.bw"
    with pytest.raises(InputError, match=r"^--offline, and .* is not in the cache"):
        fetch(url, offline=True)
    first, _ = fetch(url)
    asked = len(server.requests)
    assert fetch(url, offline=True)[0] == first
    assert len(server.requests) == asked


def test_a_file_that_is_not_there_is_one_line(server: FileServer) -> None:
    with pytest.raises(InputError, match=rf"^{server.url}/none.bw: not there \(404 "):
        fetch(f"{server.url}/none.bw")


def test_a_file_of_a_cloud_is_fetched_once_and_again_when_it_changes(
    memory: fsspec.AbstractFileSystem,
) -> None:
    memory.pipe_file("/bucket/genes.bed", CONTENT)
    first, path = fetch("memory://bucket/genes.bed")
    assert path.read_bytes() == CONTENT
    told = Told()
    assert fetch("memory://bucket/genes.bed", told)[0] == first
    assert told.notes == [f"memory://bucket/genes.bed: as on {first.when}"]
    memory.pipe_file("/bucket/genes.bed", b"chr1\t0\t1\n")
    fetch("memory://bucket/genes.bed")
    assert path.read_bytes() == b"chr1\t0\t1\n"


def test_a_file_of_a_cloud_that_changes_while_it_is_fetched_is_refused(
    memory: fsspec.AbstractFileSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory.pipe_file("/bucket/genes.bed", CONTENT)
    opened = type(memory).open

    def replaced(self: fsspec.AbstractFileSystem, path: str, *more: object, **named: object) -> object:
        monkeypatch.setattr(type(memory), "open", opened)
        file = opened(self, path, *more, **named)
        self.pipe_file(path, b"another")
        return file

    monkeypatch.setattr(type(memory), "open", replaced)
    with pytest.raises(InputError, match=r"^memory://bucket/genes\.bed: changed while it was fetched"):
        fetch("memory://bucket/genes.bed")
    assert not fetch_place("memory://bucket/genes.bed")[1].exists()


def test_nothing_there_in_a_cloud_and_a_folder_are_one_line_each(memory: fsspec.AbstractFileSystem) -> None:
    with pytest.raises(InputError, match=r"^memory://bucket/none\.bed: not there; mend the address$"):
        fetch("memory://bucket/none.bed")
    memory.pipe_file("/bucket/folder/x", b"")
    with pytest.raises(InputError, match=r"^memory://bucket/folder: is a folder, and a file is needed"):
        fetch("memory://bucket/folder")


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(_: str) -> None:
        raise ImportError("Install s3fs to access S3")

    monkeypatch.setattr("seq2exp_tracks.resources.cloud.import_module", absent)
    said = r"^s3://bucket/x\.bw: needs a package for s3://: pip install 'seq2exp-tracks\[remote\]'$"
    with pytest.raises(InputError, match=said):
        fetch("s3://bucket/x.bw")


@pytest.mark.parametrize(
    "url",
    [
        *("file:///etc/passwd", "ftp://host/x.bw", "http://example.org/x.bw", "memory://bucket/x.bw"),
        *(
            "https://host/",
            "https:///x.bw",
            "https://host/.hidden",
            "https://host/a/..",
            "https://host/a%2F..%2Fb/..",
        ),
        *("https://[host/x.bw", "https://host/x y.bw", "simplecache::s3://bucket/x.bw", "s3://bucket/%2e%2e"),
    ],
)
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(InputError):
        Address.parse(url)


def test_a_path_is_no_address() -> None:
    assert Address.parse("data/x.bw") is None
    assert Address.parse("C:x.bw") is None


SECRET = "https://user:geheim@127.0.0.1:9/x.bw?X-Amz-Signature=c0ffee#part"


def test_no_secret_is_shown() -> None:
    address = parsed(SECRET)
    assert address.shown == "https://127.0.0.1:9/x.bw"
    assert address.hidden(f"refused {SECRET} for user with geheim, c0ffee").count("c0ffee") == 1
    assert "geheim" not in address.hidden(f"refused {SECRET} for geheim")
    assert "geheim" not in repr(address)
    assert "geheim" not in str(address.place("remote"))
    assert told_command(["score", f"H3K27ac={SECRET}", "--out", "x y"]) == (
        "score H3K27ac=https://127.0.0.1:9/x.bw --out 'x y'"
    )


def test_no_secret_is_in_an_error_or_a_record(server: FileServer) -> None:
    host = server.url.removeprefix("http://")
    server.files["/x.bw?token=c0ffee"] = CONTENT
    url = f"http://user:geheim@{host}/x.bw?token=c0ffee"
    fetched, path = fetch(url)
    assert fetched.address == f"http://{host}/x.bw"
    assert fetched.remark() == f"fetched: http://{host}/x.bw (sha256 {fetched.sha256[:12]}…)"
    written = path.with_name(".record-x.bw.json").read_text()
    del server.files["/x.bw?token=c0ffee"]
    with pytest.raises(TracksError) as caught:
        fetch(url)
    for text in (written, str(caught.value)):
        assert "geheim" not in text
        assert "c0ffee" not in text
