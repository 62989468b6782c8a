"""What servers, mirrors, listings and earlier runs may do wrong: no file is mixed, lost, or put elsewhere."""

import hashlib
import json
import threading
from pathlib import Path

import pytest
from file_server import Fault, FileServer
from one_file import ADDRESS, BODY, PATH, Ensure, refuse
from told import Told

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.resources.arrival import copy_of_mirror
from seq2exp_tracks.resources.fetching import Fetcher, Wanted
from seq2exp_tracks.resources.hub import Hub
from seq2exp_tracks.resources.mirror import Way
from seq2exp_tracks.resources.sources import OnHub, Remote
from seq2exp_tracks.resources.store import Store, record_path
from seq2exp_tracks.resources.transfer import StoppedError, Transfer
from seq2exp_tracks.resources.unfinished import download_path


def test_a_part_of_which_nothing_is_known_is_not_gone_on_with(
    ensure: Ensure, server: FileServer, path: Path
) -> None:
    path.parent.mkdir(parents=True)
    download_path(path).write_bytes(b"of another mirror")
    ensure()
    assert path.read_bytes() == BODY


def test_a_server_without_head_is_asked_otherwise(ensure: Ensure, server: FileServer, path: Path) -> None:
    server.no_head = True
    ensure()
    assert path.read_bytes() == BODY
    assert [request.method for request in server.requests] == ["HEAD", "GET", "GET"]


def test_after_a_fetch_what_passes_is_waited_for_as_before(server: FileServer, store: Store) -> None:
    server.faults["/later"] = [Fault(status=503)]
    server.files["/later"] = b"later"
    with Transfer(attempts=3, first_wait=0.01) as transfer:
        fetcher = Fetcher(store, Way(server.url), transfer, Told(), refuse)
        fetcher.ensure([Wanted("one", Remote(address=ADDRESS))])
        assert transfer.read(f"{server.url}/later") == b"later"


def test_what_is_kept_of_an_interrupted_fetch_is_told(server: FileServer, store: Store) -> None:
    with Transfer(attempts=1) as transfer:
        fetcher = Fetcher(store, Way(server.url), transfer, Told(), refuse)
        assert fetcher.kept() == ""
        server.faults[PATH] = [Fault(drop_after=200_000)]
        wanted = [Wanted("one", Remote(address=ADDRESS))]
        with pytest.raises(InputError):
            fetcher.ensure(wanted)
        assert fetcher.kept() == f"200.0 kB of 1 unfinished file kept in {store.folder}"
        fetcher.ensure(wanted)
        assert fetcher.kept() == f"1 file that arrived kept in {store.folder}"


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("https://user:secret@a.example.org/b", r"to https://a\.example\.org/b, which is refused"),
        ("https://[files", r"redirects to 'https://\[files', which is no address"),
    ],
)
def test_redirects_with_a_password_or_without_sense_are_refused(
    ensure: Ensure, server: FileServer, target: str, reason: str
) -> None:
    server.faults[PATH] = [Fault(status=302, headers={"Location": target})]
    with pytest.raises(InputError, match=reason) as caught:
        ensure()
    assert "secret" not in str(caught.value)


def test_a_password_of_a_mirror_is_not_printed(ensure: Ensure, server: FileServer) -> None:
    server.files.clear()
    way = Way(server.url.replace("://", "://user:secret@"))
    with pytest.raises(InputError, match=rf"one: {server.url}{PATH}: not there"):
        ensure(way=way)
    server.faults[PATH] = [Fault(status=503)] * 3
    server.files[PATH] = BODY
    with pytest.raises(InputError, match=rf"^{server.url}{PATH}: failed 3 times"):
        ensure(way=way)


def test_a_copy_from_a_folder_ends_when_it_is_stopped(tmp_path: Path, told: Told) -> None:
    source, copy = tmp_path / "source", tmp_path / "copy"
    source.write_bytes(BODY)
    stop, counted = threading.Event(), list[int]()
    assert copy_of_mirror(source, copy, counted.append, stop.is_set)
    assert (copy.read_bytes(), sum(counted)) == (BODY, len(BODY))
    stop.set()
    assert not copy_of_mirror(source, copy, counted.append, stop.is_set)
    assert not copy.exists()
    with pytest.raises(InputError, match=r"none: cannot be read \(No such file or directory\)"):
        copy_of_mirror(tmp_path / "none", copy, counted.append, stop.is_set)
    assert issubclass(StoppedError, Exception)


def test_a_checksum_that_is_known_later_is_compared_too(ensure: Ensure, path: Path) -> None:
    ensure()
    assert ensure(sha256=hashlib.sha256(BODY).hexdigest()) == {"one": path}
    with pytest.raises(InputError, match=r"one\.bin: arrived as .* where 000000000000… .*delete it to fetch"):
        ensure(sha256="0" * 64)


def test_a_file_put_by_hand_that_is_another_says_to_delete_it(ensure: Ensure, path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(b"by hand")
    with pytest.raises(InputError, match=rf"delete {path} to fetch it, or correct its sha256"):
        ensure(sha256="0" * 64)
    assert path.read_bytes() == b"by hand"
    assert not record_path(path).exists()


LISTED = (
    *("../../K562.ckpt", "a/../K562.ckpt", "/etc/K562.ckpt", "a//K562.ckpt", "K562\n.ckpt", "a\\K562.ckpt"),
    "a folder/K562 #1?.CKPT",
)


def test_paths_of_a_listing_never_leave_the_store(ensure: Ensure, server: FileServer, store: Store) -> None:
    server.files["/huggingface.co/api/models/a/b"] = json.dumps(
        {"siblings": [{"rfilename": file} for file in LISTED]}
    ).encode()
    server.files["/huggingface.co/a/b/resolve/main/a%20folder/K562%20%231%3F.CKPT"] = BODY
    source = OnHub(hub="a/b", words=("k562",), suffixes=(".ckpt",))
    way = Way(server.url)
    with Transfer(attempts=1) as transfer:
        found = Hub(store, way, transfer).find(source)
        assert found == Remote(
            address="https://huggingface.co/a/b/resolve/main/a%20folder/K562%20%231%3F.CKPT"
        )
        ensure(Wanted("weights", found))
        by_name = store.folder / "huggingface.co/a/b/resolve/main/a folder/K562 #1?.CKPT"
        assert by_name.read_bytes() == BODY
        assert Hub(store, Way(offline=True), transfer).find(source) == found


@pytest.mark.parametrize(
    "address",
    [
        "https://../x",
        "https://a.org/%2e%2e/%2e%2e/x",
        "https://a.org/x%00",
        "https://a.org/x y",
        "https://user:secret@a.org/x",
        "https://a.org/x?y",
        "https:///x",
    ],
)
def test_addresses_that_are_no_place_of_the_store_are_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r"address|name of a file|more than"):
        Remote(address=address)
