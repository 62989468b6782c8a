"""Files arrive whole or not at all, over a real connection on loopback that fails in every way we know."""

import hashlib
import random
from pathlib import Path

import pytest
from file_server import Fault, FileServer
from one_file import ADDRESS, BODY, PATH, Ensure, files_below
from told import Told

from seq2exp_tracks.errors import InputError, OutputError
from seq2exp_tracks.resources.fetching import Wanted
from seq2exp_tracks.resources.mirror import Way
from seq2exp_tracks.resources.sources import Remote
from seq2exp_tracks.resources.store import Store, record_path
from seq2exp_tracks.resources.unfinished import download_path


def test_a_file_lies_at_host_and_path_of_its_address_with_a_record(
    ensure: Ensure, store: Store, path: Path, told: Told
) -> None:
    assert ensure() == {"one": path}
    assert path.read_bytes() == BODY
    record = store.record(path)
    assert record is not None
    digest = hashlib.sha256(BODY).hexdigest()
    assert (record.address, record.bytes, record.sha256, record.arrived_sha256) == (
        ADDRESS,
        len(BODY),
        digest,
        digest,
    )
    assert files_below(store.folder) == [".record-one.bin.json", "one.bin"]
    assert told.notes == [f"fetching 1 file (300.0 kB) into {store.folder}"]


def test_what_is_here_is_not_asked_for_again(ensure: Ensure, server: FileServer) -> None:
    ensure()
    server.requests.clear()
    ensure()
    assert server.requests == []


def test_a_dropped_connection_goes_on_where_it_was(ensure: Ensure, server: FileServer, path: Path) -> None:
    server.faults[PATH] = [Fault(drop_after=100_000), Fault(drop_after=50_000)]
    ensure()
    assert path.read_bytes() == BODY
    assert [request.range for request in server.gets(PATH)] == [None, "bytes=100000-", "bytes=150000-"]
    assert sum(request.sent for request in server.gets(PATH)) == len(BODY)


def test_a_connection_that_drops_at_every_byte_is_given_up_and_goes_on_next_time(
    ensure: Ensure, server: FileServer, store: Store, path: Path
) -> None:
    server.faults[PATH] = [Fault(drop_after=200_000), Fault(drop_after=0), Fault(drop_after=0)]
    with pytest.raises(InputError, match=r"failed 3 times .*run the command again later"):
        ensure()
    assert not path.exists()
    assert download_path(path).stat().st_size == 200_000
    server.requests.clear()
    ensure()
    assert path.read_bytes() == BODY
    assert [(request.range, request.sent) for request in server.gets(PATH)] == [("bytes=200000-", 100_000)]
    assert files_below(store.folder) == [".record-one.bin.json", "one.bin"]


def test_what_had_arrived_in_full_is_not_sent_again(
    ensure: Ensure, server: FileServer, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as stopped:
        stopped.setattr("seq2exp_tracks.resources.fetching.publish_download", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            ensure()
    assert download_path(path).read_bytes() == BODY
    server.requests.clear()
    ensure()
    assert path.read_bytes() == BODY
    assert [request.sent for request in server.gets(PATH)] == [0]


def test_a_file_that_changed_meanwhile_is_not_mixed(ensure: Ensure, server: FileServer, path: Path) -> None:
    server.faults[PATH] = [Fault(drop_after=200_000), Fault(drop_after=0), Fault(drop_after=0)]
    with pytest.raises(InputError):
        ensure()
    server.files[PATH] = other = random.Random(2).randbytes(len(BODY))
    ensure()
    assert path.read_bytes() == other


def test_a_server_without_ranges_gives_the_whole_file_again(
    ensure: Ensure, server: FileServer, path: Path
) -> None:
    server.ranges = False
    server.faults[PATH] = [Fault(drop_after=200_000)]
    ensure()
    assert path.read_bytes() == BODY
    assert [request.sent for request in server.gets(PATH)] == [200_000, len(BODY)]


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_failure_that_passes_is_tried_again(
    ensure: Ensure, server: FileServer, path: Path, status: int
) -> None:
    server.faults[PATH] = [Fault(status=status), Fault(status=status)]
    ensure()
    assert path.read_bytes() == BODY
    assert len(server.gets(PATH)) == 3


def test_a_slow_answer_is_asked_for_again(ensure: Ensure, server: FileServer, path: Path) -> None:
    server.faults[PATH] = [Fault(wait=1.0)]
    ensure(timeout=0.2)
    assert path.read_bytes() == BODY


def test_a_missing_file_ends_it_at_once_and_says_where_to_put_it(
    ensure: Ensure, server: FileServer, store: Store, path: Path
) -> None:
    server.files.clear()
    with pytest.raises(InputError) as caught:
        ensure()
    assert str(caught.value) == (
        f"one: {server.url}{PATH}: not there (404 Not Found); get the file by hand and put it at {path}, or "
        "name another address in resources.toml (docs/resources.md)"
    )
    assert [request.method for request in server.requests] == ["HEAD", "GET"]  # each once
    assert files_below(store.folder) == []


def test_a_file_put_by_hand_is_taken_and_recorded(ensure: Ensure, server: FileServer, path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(b"by hand")
    assert ensure(way=Way(offline=True)) == {"one": path}
    assert record_path(path).exists()
    assert server.requests == []


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://files.example.org/one.bin"])
def test_redirects_to_other_schemes_are_refused(
    ensure: Ensure, server: FileServer, store: Store, target: str
) -> None:
    server.faults[PATH] = [Fault(status=302, headers={"Location": target})]
    with pytest.raises(InputError, match=f"redirects to {target}, which is refused"):
        ensure()
    assert "one.bin" not in files_below(store.folder)


def test_redirects_on_the_web_are_followed(ensure: Ensure, server: FileServer, path: Path) -> None:
    server.files["/elsewhere/two.bin"] = BODY
    server.faults[PATH] = [Fault(status=302, headers={"Location": "/elsewhere/two.bin"})]
    ensure()
    assert path.read_bytes() == BODY


def test_a_full_disk_is_seen_beforehand(ensure: Ensure, server: FileServer, store: Store) -> None:
    with pytest.raises(OutputError, match=r"300\.0 kB to fetch and 100\.2 MB free; .*--data-folder"):
        ensure(free=100_200_000)
    assert server.gets(PATH) == []
    assert files_below(store.folder) == []


def test_much_is_asked_for_beforehand(
    ensure: Ensure, server: FileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seq2exp_tracks.resources.fetching.LARGE", len(BODY) - 1)
    with pytest.raises(InputError, match=r"^300\.0 kB in 1 file refused$"):
        ensure()
    assert server.gets(PATH) == []


def test_several_files_come_at_the_same_time_and_an_error_stops_them(
    ensure: Ensure, server: FileServer, store: Store, told: Told
) -> None:
    names = [f"file{number}" for number in range(6)]
    server.files |= {f"/files.example.org/{name}": name.encode() * 500_000 for name in names}
    wanted = [Wanted(name, Remote(address=f"https://files.example.org/{name}")) for name in names]
    server.faults["/files.example.org/file0"] = [Fault(wait=0.1, status=404)]
    with pytest.raises(InputError, match=r"^file0: .*404"):
        ensure(*wanted)
    files = ensure(*wanted)
    assert {name: file.read_bytes() for name, file in files.items()} == {
        name: name.encode() * 500_000 for name in names
    }
    assert [name for name in files_below(store.folder) if name.startswith((".download", ".partial"))] == []


def test_progress_counts_megabytes(ensure: Ensure, server: FileServer, told: Told) -> None:
    server.files[PATH] = bytes(3_500_000)
    ensure()
    assert told.steps == 3


def test_offline_lists_what_lacks_with_its_place(ensure: Ensure, server: FileServer, path: Path) -> None:
    with pytest.raises(InputError) as caught:
        ensure(way=Way(offline=True))
    assert str(caught.value).splitlines()[1:] == [f"  one: {ADDRESS}", f"    to {path}"]
    assert server.requests == []


def test_a_folder_is_a_mirror_too(ensure: Ensure, tmp_path: Path, path: Path) -> None:
    mirror = tmp_path / "mirror"
    with pytest.raises(InputError, match=rf"one: {mirror}/files.example.org/data/one.bin: not there"):
        ensure(way=Way(str(mirror)))
    (mirror / "files.example.org" / "data").mkdir(parents=True)
    (mirror / "files.example.org" / "data" / "one.bin").write_bytes(BODY)
    ensure(way=Way(str(mirror)))
    assert path.read_bytes() == BODY
